"""Starts of a network on XOR: solved means solved, one unit never does, and the pictures are drawn."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lamina.classics import MultiLayerPerceptron
from lamina.experiments.report import Findings
from lamina.experiments.xor import run
from lamina.experiments.xor_fits import BITS, XOR, Start, Way, trained
from lamina.experiments.xor_picture import draw


@cache
def quick() -> Findings:
    return run(quick=True, progress=False)


def share(section: str, quantity: str) -> float:
    return next(row.mean for row in quick().rows if section in row.section and row.quantity == quantity)


def test_one_unit_never_solves_it_and_more_often_do() -> None:
    for error in ("cross-entropy", "squares"):
        assert share(f"By hidden units, {error}", "1 unit") == 0
    assert share("By hidden units, cross-entropy", "8 units") == 100
    assert share("Two hidden units, cross-entropy", "batch, momentum 0.9") > 0


def test_a_solved_start_has_every_output_near_its_target() -> None:
    (start,) = trained(Way(4, "logistic", "sequential", 0.9), [0], 2000)
    assert start.epochs is not None
    assert start.epochs % 10 == 0
    hidden, y = start.activations(BITS.astype(float))
    assert hidden.shape == (4, 4)
    assert np.abs(y - XOR).max() < 0.4


def test_the_network_of_three_neurons_is_a_solution() -> None:
    """OR, NAND and AND with steep sigmoids; weights by hand, thresholds in the last row."""
    weights = (np.array([[20.0, -20.0], [20.0, -20.0], [10.0, -30.0]]), np.array([[20.0], [20.0], [30.0]]))
    assert Start(Way(2, "logistic", "batch", 0.0), None, weights).is_solved


@pytest.mark.parametrize("updating", ["batch", "sequential"])
@pytest.mark.parametrize("output", ["logistic", "logistic_squares"])
def test_starts_side_by_side_are_fits_alone(updating: str, output: str) -> None:
    """Those that are solved before the others too, which are then left out."""
    way = Way(3, output, updating, 0.9)
    together = trained(way, range(6), 700)
    assert len({start.epochs for start in together}) > 1
    for seed, start in enumerate(together):
        alone = MultiLayerPerceptron(
            3,
            output,
            updating=updating,
            learning_rate=way.rate,
            epochs=start.epochs or 700,
            random_state=seed,
        ).fit(BITS, XOR)
        for found, expected in zip(start.weights, alone.weights_, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-8)


def test_the_picture_is_drawn_with_a_failed_start_or_without(tmp_path: Path) -> None:
    picture = quick().picture
    assert picture is not None
    picture(tmp_path / "xor.png")
    assert (tmp_path / "xor.png").stat().st_size > 20_000
    (start,) = trained(Way(2, "logistic", "batch", 0.9), [0], 10)
    draw(tmp_path / "two.png", start, None)
    assert (tmp_path / "two.png").stat().st_size > 20_000
