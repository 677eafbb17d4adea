"""The perceptron's rule by hand, the convergence theorem, and what it says where nothing separates."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris

from lamina.classics import McCullochPitts, NeuronNetwork, Perceptron, mistake_bound, truth_table
from lamina.errors import DataError, NotSeparableWarning, SpecificationError

BITS = np.array(list(itertools.product((0, 1), repeat=2)))
XOR = [0, 1, 1, 0]


def separable(seed: int, n: int = 40, p: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Rows, classes, and a plane with a gap on both sides."""
    rng = np.random.default_rng(seed)
    x, w, threshold = rng.normal(size=(4 * n, p)), rng.normal(size=p), rng.normal() / 2
    distance = (x @ w - threshold) / np.linalg.norm(w)
    x, distance = x[np.abs(distance) > 0.1][:n], distance[np.abs(distance) > 0.1][:n]
    y = (distance > 0).astype(int)
    y_first = y.copy()
    if len(set(y_first.tolist())) < 2:
        return separable(seed + 1000, n, p)
    return x, y, w, threshold


def test_the_first_corrections_of_and_by_hand() -> None:
    """From zero: (1,1) is wrong, w = (1, 1), θ = -1; in the next epoch (0,0) and (0,1), then (1,1), are."""
    for epochs, w, threshold, mistakes in ((1, [1, 1], -1, 1), (2, [2, 1], 0, 4), (3, [2, 1], 1, 7)):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotSeparableWarning)
            model = Perceptron(shuffle=False, epochs=epochs).fit(BITS, [0, 0, 0, 1])
        assert model.n_mistakes_ == mistakes
        if model.n_errors_ == 0:
            np.testing.assert_array_equal(model.coef_[0], w)
            assert model.intercept_[0] == -threshold
    assert Perceptron(shuffle=False).fit(BITS, [0, 0, 0, 1]).mistakes_by_epoch_ == [1, 3, 3, 2, 1, 0]


@pytest.mark.parametrize("updating", ["sequential", "batch"])
def test_it_learns_every_threshold_function_of_three_bits_and_refuses_all_others(updating: str) -> None:
    x = np.array(list(itertools.product((0, 1), repeat=3)))
    learnt = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotSeparableWarning)
        for y in itertools.product((0, 1), repeat=8):
            if len(set(y)) == 1:
                continue
            model = Perceptron(updating=updating, shuffle=False, epochs=500).fit(x, y)
            assert model.separable_ in (True, False)  # never in doubt
            assert (model.score(x, y) == 1) == model.separable_
            learnt += bool(model.separable_)
    assert learnt == 104 - 2  # all but the two constant ones


@given(seed=st.integers(0, 10_000), rate=st.sampled_from([0.1, 1.0, 7.0]))
@settings(max_examples=60, deadline=None)
def test_mistakes_stay_below_the_bound(seed: int, rate: float) -> None:
    x, y, w, threshold = separable(seed)
    bound = mistake_bound(x, y, w, threshold)
    sequential = Perceptron(learning_rate=rate, epochs=100_000, random_state=seed).fit(x, y)
    batch = Perceptron(updating="batch", learning_rate=rate, epochs=100_000).fit(x, y)
    assert sequential.n_mistakes_ <= bound
    assert batch.n_mistakes_ <= len(x) * bound
    for model in (sequential, batch):
        assert model.separable_ is True
        assert model.score(x, y) == 1
        # What was found separates, and so gives a bound of its own.
        assert np.isfinite(mistake_bound(x, y, model.coef_[0], -model.intercept_[0]))


def test_the_bound_of_and_by_hand_and_what_does_not_separate() -> None:
    assert mistake_bound(BITS, [0, 0, 0, 1], [2, 2], 3) == pytest.approx(3 * 17 / 1)
    for weights, threshold in (([1, 1], 0.5), ([1, 1], 2.0), ([-1, -1], -1.5)):
        with pytest.raises(DataError, match="do not separate"):
            mistake_bound(BITS, [0, 0, 0, 1], weights, threshold)
    with pytest.raises(DataError, match="shape"):
        mistake_bound(BITS, [0, 0, 0, 1], [1, 1, 1], 0.5)
    with pytest.raises(DataError, match="1 classes"):
        mistake_bound(BITS, [0, 0, 0, 0], [1, 1], 0.5)
    with pytest.raises(DataError, match="X must hold numbers"):
        mistake_bound([["a"], ["b"]], [0, 1], [1], 0.5)
    with pytest.raises(DataError, match="threshold must hold numbers"):
        mistake_bound([[0], [1]], [0, 1], [1], "half")  # type: ignore[arg-type]


@pytest.mark.parametrize("shuffle", [True, False])
@pytest.mark.parametrize("updating", ["sequential", "batch"])
def test_xor_is_refused_with_proof_and_the_best_line_kept(updating: str, shuffle: bool) -> None:
    with pytest.warns(NotSeparableWarning, match="No line separates the two classes: the weights came back"):
        model = Perceptron(updating=updating, shuffle=shuffle, random_state=0).fit(BITS, XOR)
    assert model.separable_ is False
    assert model.n_errors_ == np.sum(model.predict(BITS) != XOR)
    if shuffle and updating == "sequential":
        assert model.n_errors_ == 1  # no line does better


def test_too_few_epochs_prove_nothing() -> None:
    x, y, _, _ = separable(1)
    with pytest.warns(NotSeparableWarning, match="more epochs= may find it"):
        model = Perceptron(epochs=1, shuffle=False, random_state=0).fit(x, y)
    assert model.separable_ is None
    assert Perceptron(epochs=1000, random_state=0).fit(x, y).separable_ is True


def test_the_pocket_is_never_worse_than_the_last_weights() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 2))
    y = (x[:, 0] + rng.normal(scale=1.0, size=100) > 0).astype(int)
    with pytest.warns(NotSeparableWarning):
        model = Perceptron(random_state=0).fit(x, y)
    weights, rows = np.zeros(3), np.column_stack([x, -np.ones(100)])
    order = np.random.RandomState(0)
    for _ in range(100):
        for i in order.permutation(100):
            weights += (y[i] - (rows[i] @ weights > 0)) * rows[i]
    assert model.n_errors_ <= np.sum((rows @ weights > 0) != y)
    assert model.score(x, y) > 0.75


def test_a_learnt_neuron_is_one_of_mcculloch_and_pitts() -> None:
    """On bits w·x > θ is w·x ≥ θ + ½ for whole weights; the network of three learnt ones is XOR."""

    def learnt(y: list[int]) -> McCullochPitts:
        model = Perceptron(random_state=0).fit(BITS, y)
        return McCullochPitts(tuple(model.coef_[0]), 0.5 - model.intercept_[0])

    network = NeuronNetwork([[learnt([0, 1, 1, 1]), learnt([1, 1, 1, 0])], [learnt([0, 0, 0, 1])]])  # type: ignore[arg-type]
    assert truth_table(network)[:, -1].tolist() == XOR


def test_several_classes_are_a_neuron_each() -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.warns(NotSeparableWarning, match="each of the 3 classes from the others"):
        model = Perceptron(random_state=0).fit(X, y)
    assert model.coef_.shape == (3, 4)
    np.testing.assert_array_equal(
        model.decision_function(X)[:, 0] > 0, y == 0
    )  # setosa is apart from both others
    assert model.score(X, y) > 0.8
    assert Perceptron(random_state=0).fit(X, y == 0).separable_ is True


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"updating": "sequental"}, "did you mean 'sequential'"),
        ({"learning_rate": 0}, "above 0"),
        ({"learning_rate": np.nan}, "above 0"),
        ({"epochs": 0}, "at least 1"),
        ({"epochs": "many"}, "at least 1"),
    ],
)
def test_parameters_that_mean_nothing(parameters: dict[str, object], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        Perceptron(**parameters).fit(BITS, XOR)  # type: ignore[arg-type]


def test_data_that_cannot_be_used() -> None:
    with pytest.raises(DataError, match="one class"):
        Perceptron().fit(BITS, [1, 1, 1, 1])
    for x, y in (
        ([[0, np.nan], [1, 1]], [0, 1]),
        (np.empty((0, 2)), []),
        ([["a", "b"], ["c", "d"]], [0, 1]),
        (BITS, [0, 1]),
        (BITS, [0.1, 0.2, 0.3, 0.4]),
    ):
        with pytest.raises(ValueError):  # noqa: PT011
            Perceptron().fit(x, y)
