"""Oja's unit is a principal component; Hebb's grows; association is exact for orthogonal rows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from lamina.classics import Hebbian, associate
from lamina.errors import DataError, DivergenceError, SpecificationError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(400, 4)) @ RNG.normal(size=(4, 4)) + 3.0
FIRST = np.linalg.eigh(np.cov(X.T))[1][:, -1]


def test_ojas_unit_is_the_first_principal_component() -> None:
    unit = Hebbian(random_state=0).fit(X)
    assert np.linalg.norm(unit.weights_) == pytest.approx(1, abs=0.01)
    assert abs(unit.weights_ @ FIRST) / np.linalg.norm(unit.weights_) > 0.9999
    y = unit.transform(X)
    assert y.shape == (400, 1)
    assert np.var(y) == pytest.approx(np.linalg.eigvalsh(np.cov(X.T, ddof=0))[-1], rel=0.02)
    assert list(unit.get_feature_names_out()) == ["hebbian0"]


def test_without_centering_it_is_the_first_direction_of_the_second_moment() -> None:
    unit = Hebbian(center=False, random_state=0).fit(X)
    direction = np.linalg.eigh(X.T @ X)[1][:, -1]
    assert abs(unit.weights_ @ direction) > 0.999
    assert not unit.mean_.any()


def test_hebbs_own_rule_turns_the_same_way_and_grows_without_end() -> None:
    unit = Hebbian(rule="hebb", random_state=0).fit(X)
    assert abs(unit.weights_ @ FIRST) / np.linalg.norm(unit.weights_) > 0.999
    assert (np.diff(unit.lengths_) > 0).all()
    assert unit.lengths_[-1] > 1000
    with pytest.raises(DivergenceError, match="grows without end"):
        Hebbian(rule="hebb", learning_rate=100.0, random_state=0).fit(X)


def test_one_step_by_hand() -> None:
    """One row x = (0.6, 0.8) of squared length 1, so that η is the rate: y = w·x, Δw = η y x, less η y² w of Oja's."""
    x = np.array([[0.6, 0.8]])
    start = np.random.RandomState(0).normal(size=2) / np.sqrt(2)
    y = start @ x[0]
    for rule, forgets in (("hebb", 0.0), ("oja", 1.0)):
        unit = Hebbian(rule=rule, epochs=1, center=False, random_state=0).fit(x)
        by_hand = start + 0.5 * (y * x[0] - forgets * y**2 * start)
        np.testing.assert_allclose(unit.weights_, by_hand, rtol=1e-12)


def test_association_recalls_orthogonal_rows_exactly() -> None:
    rows = np.array([[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1]])
    wanted = np.array([[1.0, -2.0], [0.5, 3.0], [-1.0, 0.0]])
    np.testing.assert_array_equal(rows @ associate(rows, wanted) / 4, wanted)


def test_association_learns_and_and_or_and_not_xor() -> None:
    x = np.array([[*bits, 1] for bits in itertools.product((-1, 1), repeat=2)])
    for wanted in ([-1, -1, -1, 1], [-1, 1, 1, 1]):
        assert np.sign(x @ associate(x, wanted)).tolist() == wanted
    assert not associate(x, [-1, 1, 1, -1]).any()


def test_what_cannot_be_used_is_said() -> None:
    for model in (Hebbian(rule="hopfield"), Hebbian(learning_rate=0), Hebbian(epochs=0)):
        with pytest.raises(SpecificationError):
            model.fit(X)
    with pytest.raises(DataError, match="shape"):
        associate([[1, 2]], [1, 2])
    with pytest.raises(DataError, match="missing"):
        associate([[1, np.nan]], [1])
    with pytest.raises(DataError, match="Y must hold numbers"):
        associate([[1, 2]], ["on"])
