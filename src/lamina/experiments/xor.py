"""XOR by a multi-layer perceptron: from how many random starts back-propagation solves it, and how."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.xor_fits import EPOCHS, RATE, Start, Way, trained

TITLE = "XOR by back-propagation from many random starts"
SOURCE = (
    "Rumelhart, Hinton and Williams, Learning internal representations by error propagation, 1986; Marsland, Machine "
    "Learning: An Algorithmic Perspective, chapter 4; solved as by Fahlman, An empirical study of learning speed in back-"
    "propagation networks, 1988."
)

ERRORS = {"cross-entropy": "logistic", "squares": "logistic_squares"}
METHODS = {
    "batch": ("batch", 0.0),
    "batch, momentum 0.9": ("batch", 0.9),
    "sequential": ("sequential", 0.0),
    "sequential, momentum 0.9": ("sequential", 0.9),
}
UNITS = (1, 2, 3, 4, 8)

REMARKS = (
    "Solved: every output within 0.4 of its target (Fahlman's criterion), looked at every 10 epochs; then the fit ends. A "
    f"start is a draw of all weights, uniform in ±1/√inputs, the same for every method; at most {EPOCHS:,} epochs. The "
    "median is over the starts that solve it.",
    f"Rate {RATE:g} in batch, of the mean error, and a quarter of it row by row, so that an epoch goes as far; with momentum "
    "0.9 the same rates, whose steps add up to ten times as much.",
    "One hidden unit never can: its output rises or falls along one weighted sum, so that a line is all it draws. Two can, "
    "as the network of an OR, a NAND and an AND shows (lamina.classics.NeuronNetwork.XOR): what fails is the way there, not "
    "the network.",
    "Squares are flat where an output is wrong and saturated, since δ carries the factor y (1 - y); the cross-entropy is "
    "not.",
)
Key = tuple[str, str, int]


def run(quick: bool, progress: bool) -> Findings:
    """Fit every way from the same starts."""
    seeds, epochs = (4, 500) if quick else (200, EPOCHS)
    keys = [(method, error, 2) for error in ERRORS for method in METHODS]
    keys += [("batch, momentum 0.9", error, units) for error in ERRORS for units in UNITS if units != 2]
    found = {key: starts(key, seeds, epochs) for key in tracked(keys, "ways", progress)}
    return Findings(tuple(_rows(found, seeds)), REMARKS, picture=partial(_picture, found))


def starts(key: Key, seeds: int, epochs: int) -> list[Start]:
    """What came of each start."""
    method, error, units = key
    updating, momentum = METHODS[method]
    return trained(Way(units, ERRORS[error], updating, momentum), range(seeds), epochs)


def _rows(found: dict[Key, list[Start]], seeds: int) -> Iterator[Row]:
    for error in ERRORS:
        section = f"Two hidden units, {error}: solved from {counted(seeds, 'start')}, %"
        for method in METHODS:
            yield _row(section, method, found[method, error, 2])
    for error in ERRORS:
        section = f"By hidden units, {error}, batch, momentum 0.9: solved, %"
        for units in UNITS:
            yield _row(section, counted(units, "unit"), found["batch, momentum 0.9", error, units])


def _row(section: str, name: str, each: Sequence[Start]) -> Row:
    solved = [start.epochs for start in each if start.epochs is not None]
    note = f"median {np.median(solved):,.0f} epochs" if solved else "never"
    return Row(section, name, tuple(100.0 * (s.epochs is not None) for s in each), form=".0f", note=note)


def _picture(found: dict[Key, list[Start]], path: str | Path) -> None:
    from lamina.experiments.xor_picture import draw

    two = found["batch, momentum 0.9", "cross-entropy", 2]
    solved = next((start for start in two if start.epochs is not None), two[0])
    failed = next(
        (start for key in found if key[2] == 2 for start in found[key] if start.epochs is None), None
    )
    draw(path, solved, failed)
