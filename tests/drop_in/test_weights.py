"""Where the weights begin, and their two shapes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.neural_network import MLPClassifier as Reference

from lamina.drop_in.weights import as_lists, as_tree, draw_weights, network_of


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ["relu", "logistic"])
def test_the_same_random_state_draws_the_same_weights_as_scikit_learn(activation: str) -> None:
    X, y = load_iris(return_X_y=True)
    model = Reference((5, 4), activation, solver="sgd", learning_rate_init=1e-300, max_iter=1, random_state=7)
    model.fit(X, y)
    coefs, intercepts = draw_weights([4, 5, 4, 3], activation, np.float64, np.random.RandomState(7))
    for ours, theirs in zip(coefs + intercepts, model.coefs_ + model.intercepts_, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_lists_and_tree_are_the_same_numbers() -> None:
    coefs, intercepts = draw_weights([3] + [2] * 11, "tanh", np.float32, np.random.RandomState(0))
    back = as_lists(as_tree(coefs, intercepts, np.float32))
    for ours, given in zip(back[0] + back[1], coefs + intercepts, strict=True):
        np.testing.assert_array_equal(ours, given)
        assert ours.dtype == np.float32


def test_the_tree_fits_the_network() -> None:
    coefs, intercepts = draw_weights([3, 2, 1], "tanh", np.float64, np.random.RandomState(0))
    drawn, _ = network_of(coefs, "tanh", "identity").init(np.random.default_rng(0), (3,))
    tree = as_tree(coefs, intercepts, np.float64)
    assert {name: {k: v.shape for k, v in layer.items()} for name, layer in tree.items()} == {
        name: {k: v.shape for k, v in layer.items()} for name, layer in drawn.items()
    }
