"""The perceptron on functions of two bits: how many mistakes, and how many are allowed; and the one that no line separates."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lamina.classics import Perceptron, mistake_bound
from lamina.classics.neuron import binary_inputs
from lamina.errors import NotSeparableWarning
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.perceptron_logic_margin import largest_margin
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row

TITLE = "the perceptron on the logic functions"
SOURCE = (
    "Rosenblatt 1958; Novikoff, On convergence proofs on perceptrons, 1962; Minsky and Papert, Perceptrons, 1969; the numbers of "
    "functions: Muroga, Threshold Logic and Its Applications, 1971."
)

LOGIC = {
    "AND": (0, 0, 0, 1),
    "OR": (0, 1, 1, 1),
    "NAND": (1, 1, 1, 0),
    "NOR": (1, 0, 0, 0),
    "XOR": (0, 1, 1, 0),
}
SEPARABLE = {1: 4, 2: 14, 3: 104}
"""Functions of so many bits that a threshold of a weighted sum computes, the two constant ones among them."""

REMARKS = (
    "Mistakes: corrections until an epoch passes without one, from zero weights, rows in a new random order every epoch; "
    "their mean and the most of any order. Bound: (R/γ)² with the largest margin γ that a plane through the rows with bias "
    "input -1 has, found by non-negative least squares (Lawson and Hanson), not by the perceptron. In batch, where the same "
    "line is found in every fit, the bound is four times as large.",
    "XOR has no such plane, by the same least squares. The perceptron finds that out by itself: its weights w come back to "
    "where they had been, which is a proof, since each correction adds to w·u for any u that separates. In a fixed order it "
    "stops there; in random orders it goes on to 100 epochs, and keeps the best line it met. The least that a line can have "
    "wrong is one row.",
    "Functions of n bits: each was given to the perceptron, in a fixed order, and was learnt or refused with that proof; "
    "undecided are those where 1,000 epochs brought neither. The two constant functions, of one class, are counted and not "
    "fitted.",
)
Fits = dict[str, list[Perceptron]]


def fitted(y: Sequence[int], n: int = 2, **parameters: object) -> Perceptron:
    """A perceptron on every row of n bits; where nothing separates, its warning is left to the report."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotSeparableWarning)
        return Perceptron(**parameters).fit(binary_inputs(n), list(y))  # type: ignore[arg-type]


def run(quick: bool, progress: bool) -> Findings:
    """Learn every function from many orders of the rows."""
    n_orders, most_bits = (10, 2) if quick else (200, 3)
    fits = {
        name: [fitted(y, random_state=seed) for seed in range(n_orders)]
        for name, y in tracked(list(LOGIC.items()), "functions", progress)
    }
    table = _table(fits, f"Mistakes over {n_orders} orders of the rows")
    rows = (*_xor(fits["XOR"]), *_functions(most_bits))
    return Findings(rows, REMARKS, tables=(table,), picture=partial(_picture, fits))


def _table(fits: Fits, title: str) -> CrossTable:
    columns = ("bound", "mistakes", "most", "epochs", "in batch", "wrong")
    return CrossTable(title, columns, tuple((name, _line(name, each)) for name, each in fits.items()), ".1f")


def _line(name: str, models: Sequence[Perceptron]) -> tuple[Estimate | None, ...]:
    y = LOGIC[name]
    batch = fitted(y, updating="batch")
    wrong = Estimate(float(min(model.n_errors_ for model in models)))
    plane = largest_margin(binary_inputs(2), np.array(y))
    if plane is None:
        return (None, None, None, None, None, wrong)
    mistakes = [model.n_mistakes_ for model in models]
    return (
        Estimate(mistake_bound(binary_inputs(2), y, plane[:-1], plane[-1])),
        Estimate.of(mistakes),
        Estimate(float(max(mistakes))),
        Estimate.of([model.n_iter_ for model in models]),
        Estimate(float(batch.n_mistakes_)),
        wrong,
    )


def _xor(models: Sequence[Perceptron]) -> Iterator[Row]:
    section = "XOR"
    fixed = fitted(LOGIC["XOR"], shuffle=False)
    yield Row(section, "epochs until the weights came back", (float(fixed.n_iter_),), form=".0f")
    proofs = sum(model.separable_ is False for model in models)
    note = f"proof in {proofs} of {len(models)} orders"
    yield Row(
        section, "rows wrong, best line met", tuple(float(m.n_errors_) for m in models), form=".2f", note=note
    )


def _functions(most_bits: int) -> Iterator[Row]:
    section = "Functions of n bits that one neuron computes, the constant ones included"
    for n in range(1, most_bits + 1):
        known = [
            fitted(y, n, shuffle=False, epochs=1000).separable_
            for y in itertools.product((0, 1), repeat=2**n)
            if len(set(y)) == 2
        ]
        note = f"of {2 ** (2**n)}; {known.count(False)} refused, {known.count(None)} undecided"
        yield Row(
            section, f"n = {n}", (2.0 + known.count(True),), published=SEPARABLE[n], form=".0f", note=note
        )


def lines(models: Sequence[Perceptron]) -> NDArray[np.float64]:
    """Weights and threshold of each, (models, 3)."""
    return np.array([[*model.coef_[0], -model.intercept_[0]] for model in models])


def _picture(fits: Fits, path: str | Path) -> None:
    from lamina.experiments.perceptron_logic_picture import draw

    shown = ("AND", "OR", "NAND", "XOR")
    draw(path, {name: (np.array(LOGIC[name]), lines(fits[name])) for name in shown})
