"""The widest margin by hand, the theorem on every order, and the pictures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from lamina.classics import mistake_bound
from lamina.classics.neuron import binary_inputs
from lamina.experiments.perceptron_logic import LOGIC, run
from lamina.experiments.perceptron_logic_margin import largest_margin
from lamina.experiments.report import Findings

BITS = binary_inputs(2)


@cache
def quick() -> Findings:
    return run(quick=True, progress=False)


def test_the_widest_margins_are_those_by_hand() -> None:
    """AND: x₁ + x₂ = 3/2 as (2, 2, 3), so (R/γ)² = 3 · 17. OR: (2, 2, 1), 3 · 9. XOR: none."""
    by_hand = {"AND": [2, 2, 3], "OR": [2, 2, 1], "NAND": [-2, -2, -3], "NOR": [-2, -2, -1]}
    for name, plane in by_hand.items():
        np.testing.assert_allclose(largest_margin(BITS, LOGIC[name]), plane, atol=1e-9)
    assert largest_margin(BITS, LOGIC["XOR"]) is None


def test_no_other_plane_has_a_smaller_bound() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 3))
    y = (x @ [1.0, -2.0, 0.5] > 0.3).astype(int)
    plane = largest_margin(x, y)
    assert plane is not None
    best = mistake_bound(x, y, plane[:-1], plane[-1])
    signs = np.where(y == 1, 1, -1)
    for _ in range(300):
        other = plane + rng.normal(scale=0.05 * np.linalg.norm(plane), size=4)
        if (signs * (x @ other[:-1] - other[-1]) > 0).all():
            assert mistake_bound(x, y, other[:-1], other[-1]) >= best * (1 - 1e-9)


def test_every_order_stays_below_the_bound_and_xor_is_refused() -> None:
    (table,) = quick().tables
    for name in ("AND", "OR", "NAND", "NOR"):
        bound, most, in_batch, wrong = (
            table.estimate(name, column) for column in ("bound", "most", "in batch", "wrong")
        )
        assert bound is not None
        assert most is not None
        assert in_batch is not None
        assert wrong is not None
        assert most.mean <= bound.mean
        assert in_batch.mean <= 4 * bound.mean
        assert wrong.mean == 0
    assert table.estimate("XOR", "bound") is None
    least = table.estimate("XOR", "wrong")
    assert least is not None
    assert least.mean == 1


def test_one_neuron_computes_as_many_functions_as_are_known() -> None:
    found = [row for row in quick().rows if row.published is not None]
    assert [row.mean for row in found] == [row.published for row in found] == [4, 14]


def test_the_picture_is_drawn(tmp_path: Path) -> None:
    picture = quick().picture
    assert picture is not None
    picture(tmp_path / "lines.png")
    assert (tmp_path / "lines.png").stat().st_size > 20_000


@pytest.mark.parametrize("y", [(0, 0, 0, 1), (1, 0, 0, 0)])
def test_a_plane_separates_with_margin_one(y: tuple[int, ...]) -> None:
    plane = largest_margin(BITS, y)
    assert plane is not None
    signs = np.where(np.array(y) == 1, 1, -1)
    assert (signs * (BITS @ plane[:-1] - plane[-1])).min() == pytest.approx(1)
