"""Where the equations turn: prediction, loss, residual and the first error."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lamina.explain.tape.letters import Letters, factor, number
from lamina.explain.tape.tape import Tape
from lamina.networks.output import output_activation
from lamina.training.losses import (
    BinaryCrossEntropy,
    CategoricalCrossEntropy,
    HalfSquaredError,
    Loss,
    SquaredError,
)


@dataclass(frozen=True)
class Written:
    """A loss on paper.

    Attributes
    ----------
    prediction
        f from z.
    loss
        The row's loss from y and f, by letter.
    error
        The derivative by z, by letters and by numbers.
    """

    prediction: str
    loss: str
    error: str
    worked: Callable[[float, float], str]


WRITTEN: dict[type[Loss], Written] = {
    SquaredError: Written("", "(y - {f})²", "-2 (y - {f})", lambda y, f: f"-2·({_minus(y, f)})"),
    HalfSquaredError: Written("", "½ (y - {f})²", "-(y - {f})", lambda y, f: f"-({_minus(y, f)})"),
    BinaryCrossEntropy: Written(
        "1 / (1 + exp(-{z}))",
        "-y log {f} - (1 - y) log(1 - {f})",
        "{f} - y",
        lambda y, f: _minus(f, y),
    ),
    CategoricalCrossEntropy: Written("softmax(Z)", "-log f_y", "{f} - t", lambda y, f: _minus(f, y)),
}
"""Losses whose derivative is a line; of others the numbers are shown."""


def loss_lines(tape: Tape, own: Letters, row: int, *, backward: bool) -> Iterator[str]:
    """The prediction and its loss, or the residual and the error with which the way back begins."""
    written = WRITTEN.get(type(tape.loss)) if not getattr(tape.loss, "label_smoothing", 0.0) else None
    yield from (_error_lines if backward else _risk_lines)(tape, own, row, written)


def is_identity(tape: Tape) -> bool:
    """Whether the prediction is the linear predictor itself."""
    return tape.loss.output_activation == "linear" and output_activation(tape.network) == "linear"


def _risk_lines(tape: Tape, own: Letters, row: int, written: Written | None) -> Iterator[str]:
    for unit, value in enumerate(tape.outcome.prediction[row]):
        if not is_identity(tape):
            how = "" if written is None else written.prediction.format(z=own.of(own.total, unit + 1)) + " = "
            yield f"  {_prediction(own, unit + 1)} = {how}{number(value)}"
    several = tape.outcome.z.shape[1] > 1 and not isinstance(tape.loss, CategoricalCrossEntropy)
    form = "" if written is None else f"{_mean(several)}{written.loss.format(f=_prediction(own, 1))} = "
    yield f"  L = {form}{number(tape.outcome.losses[row])}" + (
        f",  R = mean over {tape.n_rows} rows" if tape.n_rows > 1 else ",  R = L"
    )


def _error_lines(tape: Tape, own: Letters, row: int, written: Written | None) -> Iterator[str]:
    outcome, targets = tape.outcome, _targets(tape, row)
    for unit, (f, target) in enumerate(zip(outcome.prediction[row], targets, strict=False)):
        letter, name = (
            _prediction(own, unit + 1),
            "t" if isinstance(tape.loss, CategoricalCrossEntropy) else "y",
        )
        yield f"  residual {name} - {letter} = {number(target)} - {factor(f)} = {number(target - f)}"
    share = _share(tape, row)
    for unit in range(outcome.z.shape[1]):
        error = number(outcome.error[row, unit])
        left = f"  {own.of(own.error, unit + 1)} = ∂R/∂{own.of(own.total, unit + 1)}"
        if written is None:
            yield f"{left} = {error}"
            continue
        symbol = written.error.format(f=_prediction(own, unit + 1))
        worked = written.worked(float(targets[unit]), float(outcome.prediction[row, unit]))
        bare = share == "1"
        middle = f"{symbol} = {worked}" if bare else f"{share} ({symbol}) = {share} ({worked})"
        yield f"{left} = {middle} = {error}"


def _prediction(own: Letters, unit: int) -> str:
    """The letter of a prediction, which belongs to no layer."""
    return dataclasses.replace(own, layer=None).of("f", unit)


def _targets(tape: Tape, row: int) -> np.ndarray:
    """y, or the indicator of its class."""
    y = np.ravel(tape.outcome.y[row])
    if isinstance(tape.loss, CategoricalCrossEntropy):
        return np.asarray(np.eye(tape.outcome.z.shape[1])[int(y[0])])
    return y


def _share(tape: Tape, row: int) -> str:
    """The part that a row, and an output of several, has in R."""
    outputs = 1 if isinstance(tape.loss, CategoricalCrossEntropy) else tape.outcome.z.shape[1]
    weights = tape.outcome.weights
    if np.allclose(weights, weights[0]):
        whole = len(weights) * outputs
        return "1" if whole == 1 else f"1/{whole}"
    return number(float(weights[row] / weights.sum() / outputs))


def _mean(several: bool) -> str:
    return "mean over outputs of " if several else ""


def _minus(a: float, b: float) -> str:
    return f"{number(a)} - {factor(b)}"
