"""The scores against scikit-learn's metrics, and the rules at the end of an epoch by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, r2_score

from lamina.drop_in.stopping import SCHEDULES, ClassAccuracy, LabelAccuracy, RSquared
from lamina.training.precision import precision
from lamina.training.program import Numbers

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(9, 3))
Y = RNG.normal(size=(9, 3))
WEIGHTS = RNG.uniform(size=9)


def padded(values: np.ndarray) -> np.ndarray:
    """With two rows of padding, as the engine gives them."""
    return np.concatenate([values, np.zeros((2, *values.shape[1:]))])


def score(kind: object, z: np.ndarray, y: np.ndarray) -> float:
    with precision(np.float64):
        return float(kind.of(padded(z), padded(y), padded(WEIGHTS)))  # type: ignore[attr-defined]


def test_r_squared_is_that_of_scikit_learn_whatever_the_link() -> None:
    assert score(RSquared("linear"), Z, Y) == pytest.approx(r2_score(Y, Z, sample_weight=WEIGHTS))
    expected = r2_score(Y, np.exp(Z), sample_weight=WEIGHTS)
    assert score(RSquared("exponential"), Z, Y) == pytest.approx(expected)


def test_r_squared_of_a_constant_outcome_and_of_infinite_predictions() -> None:
    constant = np.ones((9, 1))
    assert score(RSquared("linear"), constant, constant) == 1.0
    assert score(RSquared("linear"), Z[:, :1], constant) == 0.0
    assert np.isnan(score(RSquared("linear"), np.full((9, 1), np.inf), Y[:, :1]))


def test_accuracies_are_those_of_scikit_learn() -> None:
    classes = np.eye(3)[Y.argmax(axis=1)]
    expected = accuracy_score(Y.argmax(axis=1), Z.argmax(axis=1), sample_weight=WEIGHTS)
    assert score(ClassAccuracy(), Z, classes) == pytest.approx(expected)
    for columns in (1, 3):
        z, y = Z[:, :columns], (Y[:, :columns] > 0).astype(float)
        expected = accuracy_score(y, z > 0, sample_weight=WEIGHTS)
        assert score(LabelAccuracy(), z, y) == pytest.approx(expected)


def numbers(**values: float) -> Numbers:
    hyperparameters = {f"optimizer/{name}": np.float32(value) for name, value in values.items()}
    return Numbers(
        np.zeros(2, np.uint32), hyperparameters, np.int32(1), np.int32(1), np.float32(0), np.float32(0)
    )


def test_inverse_scaling_follows_the_rows_seen_in_this_fit_and_before() -> None:
    given = numbers(rows_seen=8.0, learning_rate=0.5, power=0.25)
    rate, ends = SCHEDULES["invscaling"](np.float32(9.0), np.bool_(False), given, np.float32(7.0))
    assert float(rate) == pytest.approx(0.5 / 16**0.25)
    assert not bool(ends)


@pytest.mark.parametrize(
    ("rate", "exhausted", "after", "ends"),
    [(0.5, False, 0.5, False), (0.5, True, 0.1, False), (9e-7, True, 9e-7, True), (9e-7, False, 9e-7, False)],
)
def test_the_adaptive_rate_falls_to_a_fifth_until_it_is_too_small(
    rate: float, exhausted: bool, after: float, ends: bool
) -> None:
    got, stops = SCHEDULES["adaptive"](np.float32(rate), np.bool_(exhausted), numbers(), np.float32(1))
    assert float(got) == pytest.approx(after)
    assert bool(stops) is ends
