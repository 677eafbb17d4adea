"""The rule by hand: who is the reference, which difference counts, and which side of the margin means what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.errors import DataError, SpecificationError
from lamina.evaluation.estimate import corrected_estimate
from lamina.evaluation.rule import answer, decide, lowest

RNG = np.random.default_rng(0)
NETWORK = RNG.normal(2.0, 0.1, size=10)
SIMPLE = RNG.normal(2.0, 0.1, size=(3, 10))
INNER = RNG.normal(2.0, 0.1, size=(3, 10))


def test_each_split_is_compared_with_the_model_that_looked_best_inside_it() -> None:
    # By hand: inside, the first model is best on splits 1 and 2, the second on split 3; by the mean the first is.
    network = np.array([1.0, 2.0, 3.0])
    simple = np.array([[5.0, 6.0, 7.0], [1.0, 1.0, 4.0]])
    inner = np.array([[1.0, 1.0, 2.0], [2.0, 2.0, 1.0]])
    found = decide(network, simple, inner, 0.5)
    assert found.chosen.tolist() == [0, 0, 1]
    assert found.reference == 0
    differences = np.array([-4.0, -4.0, -1.0])
    assert found.difference == corrected_estimate(differences, 0.5)
    assert found.difference.mean == pytest.approx(-3.0)
    assert found.difference.se == pytest.approx(np.sqrt((1 / 3 + 0.5) * 3.0))


def test_outer_errors_choose_nothing() -> None:
    perfect = np.zeros((1, 10))
    found = decide(NETWORK, np.vstack([SIMPLE, perfect]), np.vstack([INNER, perfect + 9]), 1 / 9)
    assert found.reference != 3
    assert 3 not in found.chosen


@pytest.mark.parametrize(
    ("shift", "margin", "expected", "recommended"),
    [
        (-1.0, 0.0, "worth it", "network"),
        (-1.0, 0.5, "worth it", "network"),
        (-1.0, 1.0, "cannot tell", 0),
        (-1.0, 1.5, "not worth it", 0),
        (0.0, 0.0, "cannot tell", 0),
        (1.0, 0.0, "not worth it", 0),
    ],
)
def test_the_margin_is_what_the_network_must_gain(
    shift: float, margin: float, expected: str, recommended: object
) -> None:
    simple = SIMPLE[:1]
    found = decide(simple[0] + shift + 0.01 * RNG.normal(size=10), simple, simple, 1 / 9, margin=margin)
    assert (found.answer, found.recommended) == (expected, recommended)


@given(st.floats(0, 3), st.floats(0, 3))
def test_a_larger_margin_never_helps_the_network(one: float, other: float) -> None:
    order = ["worth it", "cannot tell", "not worth it"]
    low, high = (answer((-2.0, -1.0), margin) for margin in sorted((one, other)))
    assert order.index(low) <= order.index(high)


def test_a_wider_level_decides_less() -> None:
    simple = NETWORK + 0.04 + 0.03 * RNG.normal(size=(1, 10))
    narrow, wide = (decide(NETWORK, simple, simple, 1 / 9, level=level) for level in (0.2, 0.999))
    assert narrow.answer == "worth it"
    assert wide.answer == "cannot tell"


def test_units_do_not_matter() -> None:
    found = decide(NETWORK, SIMPLE, INNER, 1 / 9, margin=0.05)
    scaled = decide(40 * NETWORK, 40 * SIMPLE, 40 * INNER, 1 / 9, margin=2.0)
    assert (found.answer, found.reference, found.recommended) == (
        scaled.answer,
        scaled.reference,
        scaled.recommended,
    )
    assert found.probabilities is not None
    assert scaled.probabilities is not None
    assert found.probabilities.better == pytest.approx(scaled.probabilities.better)


def test_ties_go_to_the_simplest_and_rounding_makes_no_winner() -> None:
    same = np.vstack([INNER[0], INNER[0] * (1 - 1e-14), INNER[0]])
    found = decide(NETWORK, SIMPLE, same, 1 / 9)
    assert found.reference == 0
    assert not found.chosen.any()
    assert lowest(np.array([0.0, 0.0])) == 0


def test_a_model_that_failed_somewhere_is_no_reference() -> None:
    inner = np.vstack([INNER[0] - 1, INNER[1:]])
    broken = SIMPLE.copy()
    broken[0, 4] = np.nan
    for simple, inside in [(broken, inner), (SIMPLE, np.where(np.isnan(broken), np.nan, inner))]:
        found = decide(NETWORK, simple, inside, 1 / 9)
        assert found.reference != 0
        assert 0 not in found.chosen
        assert found.recommended != 0
    with pytest.raises(DataError, match="no simple model has finite errors"):
        decide(NETWORK, broken[:1], INNER[:1], 1 / 9)


def test_one_split_has_no_interval_and_cannot_tell() -> None:
    found = decide(NETWORK[:1], SIMPLE[:, :1], INNER[:, :1], 0.5)
    assert (found.answer, found.interval, found.probabilities) == ("cannot tell", None, None)


@pytest.mark.parametrize("margin", [-0.1, float("nan")])
def test_margins_without_sense_are_refused(margin: float) -> None:
    with pytest.raises(SpecificationError, match="margin="):
        decide(NETWORK, SIMPLE, INNER, 1 / 9, margin=margin)


def test_shapes_that_disagree_are_refused() -> None:
    with pytest.raises(DataError, match=r"network has shape \(9,\)"):
        decide(NETWORK[1:], SIMPLE, INNER, 1 / 9)


def test_noise_is_worth_it_no_more_often_than_promised() -> None:
    # Networks and simple models of the same quality: one in forty intervals may lie wholly below zero.
    rng = np.random.default_rng(1)
    draws = 2000
    wrong = sum(
        decide(rng.normal(size=10), rng.normal(size=(4, 10)), rng.normal(size=(4, 10)), 0.0).answer
        == "worth it"
        for _ in range(draws)
    )
    assert wrong / draws == pytest.approx(0.025, abs=3 * np.sqrt(0.025 * 0.975 / draws))
