"""The pass of a small network as equations with the numbers in them, in the letters of the book."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from lamina.explain.tape.chain import Stage, chain_of
from lamina.explain.tape.equations_of_loss import is_identity, loss_lines
from lamina.explain.tape.letters import Letters, factor, letters_of, number, summed
from lamina.explain.tape.tape import Tape


def equations(tape: Tape) -> str:
    """As :meth:`lamina.explain.Tape.equations`."""
    stages = chain_of(tape)
    letters = letters_of(len(stages), stages[-1].z.shape[1])
    if is_identity(tape) and stages[-1].activation == "linear":
        letters[-1] = dataclasses.replace(letters[-1], total="f", layer=None)
    lines: list[str] = []
    for row in range(tape.n_rows):
        lines += [_heading("Forward", tape, row), *_forward(tape, stages, letters, row)]
        lines += [_heading("Backward", tape, row), *_backward(tape, stages, letters, row)]
    lines += [_gradient_heading(tape), *_gradients(tape, stages, letters)]
    return "\n".join(lines)


def _heading(name: str, tape: Tape, row: int) -> str:
    return name if tape.n_rows == 1 else f"{name}, row {row + 1}"


def _forward(tape: Tape, stages: list[Stage], letters: list[Letters], row: int) -> Iterator[str]:
    x = stages[0].x[row]
    yield f"  x = ({', '.join(map(number, x))}),  y = {_listed(tape.outcome.y[row])}"
    for place, (stage, own) in enumerate(zip(stages, letters, strict=True)):
        last = place == len(stages) - 1
        for unit in range(stage.z.shape[1]):
            yield from _unit(stage, own, place, row, unit, last=last)
    yield from loss_lines(tape, letters[-1], row, backward=False)


def _unit(stage: Stage, own: Letters, place: int, row: int, unit: int, *, last: bool) -> Iterator[str]:
    """z and a of one unit."""
    k = unit + 1
    inputs, given = stage.x[row], stage.weights[:, unit]
    symbols = [own.of(own.weight, k, 0)] * stage.has_bias
    symbols += [f"{own.of(own.weight, k, j)}·{_input(own, place, j)}" for j in range(1, len(inputs) + 1)]
    values = [number(stage.bias[unit])] * stage.has_bias
    values += [f"{factor(w)}·{factor(v)}" for w, v in zip(given, inputs, strict=True)]
    z = own.of(own.total, k)
    yield f"  {z} = {summed(symbols)}"
    yield f"  {' ' * len(z)} = {summed(values)} = {number(stage.z[row, unit])}"
    if not last or stage.activation != "linear":
        name = f"{stage.activation}({number(stage.z[row, unit])})"
        slope = "" if stage.slope is None else f",  g'({z}) = {number(stage.slope[row, unit])}"
        a = dataclasses.replace(own, layer=None).of("f", k) if last else own.of("a", k)
        yield f"  {a} = g({z}) = {name} = {number(stage.a[row, unit])}{slope}"


def _input(own: Letters, place: int, j: int) -> str:
    """The letter of what a layer is given: x of the first, a of the one before of others."""
    if place == 0:
        return f"x_{j}"
    return f"a_{j}" if own.layer is None else Letters("", "", layer=own.layer - 1).of("a", j)


def _backward(tape: Tape, stages: list[Stage], letters: list[Letters], row: int) -> Iterator[str]:
    last, own = stages[-1], letters[-1]
    if last.activation == "linear":
        yield from loss_lines(tape, own, row, backward=True)
    else:
        at_f = dataclasses.replace(own, total="f", error="ε", layer=None)
        yield from loss_lines(tape, at_f, row, backward=True)
        for k, (slope, error) in enumerate(zip(last.slope[row], last.error_a[row], strict=True), start=1):  # type: ignore[index]
            total = own.of(own.total, k)
            yield (
                f"  {own.of(own.error, k)} = ∂R/∂{total} = g'({total})·{at_f.of('ε', k)} = {factor(slope)}·{factor(error)} = "
                f"{number(last.error[row, k - 1])}"
            )
    for place in reversed(range(len(stages) - 1)):
        for unit in range(stages[place].z.shape[1]):
            yield from _error(stages, letters, place, row, unit)


def _error(stages: list[Stage], letters: list[Letters], place: int, row: int, unit: int) -> Iterator[str]:
    """s = g'(z) times the sum of what comes back through the weights above."""
    stage, above, own, higher = stages[place], stages[place + 1], letters[place], letters[place + 1]
    k, units = unit + 1, above.z.shape[1]
    symbols = [f"{higher.of(higher.weight, m, k)}·{higher.of(higher.error, m)}" for m in range(1, units + 1)]
    values = [f"{factor(above.weights[unit, m])}·{factor(above.error[row, m])}" for m in range(units)]
    several = units > 1
    back, numbers = summed(symbols), summed(values)
    assert stage.slope is not None  # chain_of has refused others
    slope = factor(stage.slope[row, unit])
    left = f"  {own.of(own.error, k)} = g'({own.of('z', k)})·{f'({back})' if several else back}"
    yield f"{left} = {slope}·{f'({numbers})' if several else numbers} = {number(stage.error[row, unit])}"


def _gradient_heading(tape: Tape) -> str:
    rate = "" if tape.rate is None else f", and the update by {tape.optimizer!r}"
    added = " (R with its penalties)" if tape.penalty else ""
    return f"Gradients{added}{rate}"


def _gradients(tape: Tape, stages: list[Stage], letters: list[Letters]) -> Iterator[str]:
    for place in reversed(range(len(stages))):
        stage, own = stages[place], letters[place]
        for unit in range(stage.z.shape[1]):
            if stage.has_bias:
                yield _gradient(tape, stage, own, place, unit, None)
            for j in range(stage.x.shape[1]):
                yield _gradient(tape, stage, own, place, unit, j)


def _gradient(tape: Tape, stage: Stage, own: Letters, place: int, unit: int, j: int | None) -> str:
    """One derivative: the error times the input, added up over rows."""
    k, name = unit + 1, "bias" if j is None else "weights"
    at = (unit,) if j is None else (j, unit)
    weight = own.of(own.weight, k, 0 if j is None else j + 1)
    error = own.of(own.error, k)
    symbol = error if j is None else f"{error}·{_input(own, place, j + 1)}"
    symbol = symbol if tape.n_rows == 1 else f"Σ {symbol}"
    terms = [
        number(e) if j is None else f"{factor(e)}·{factor(stage.x[row, j])}"
        for row, e in enumerate(stage.error[:, unit])
    ]
    data = float(np.sum(stage.error[:, unit] * (1.0 if j is None else stage.x[:, j])))
    whole = float(stage.gradients[name][at])
    before = float((stage.bias if j is None else stage.weights)[at])
    if j is not None and stage.connections is not None and not stage.connections[at]:
        return f"  {weight}: no connection"
    if stage.frozen:
        return f"  {weight}: {number(before)}, frozen"
    if tape.penalty and abs(whole - data) > 1e-6 * max(abs(whole), abs(data), 1e-12):
        terms.append(f"{number(whole - data)} of the penalty")
    worked = "" if len(terms) == 1 and j is None else f" = {summed(terms)}"
    line = f"  ∂R/∂{weight} = {symbol}{worked} = {number(whole)}"
    if not stage.updates:
        return line
    return f"{line}   {weight}: {number(before)} → {number(before + float(stage.updates[name][at]))}"


def _listed(values: np.ndarray) -> str:
    flat = np.ravel(values)
    return number(flat[0]) if flat.size == 1 else f"({', '.join(map(number, flat))})"
