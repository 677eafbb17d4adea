"""A symbol over a gap: the data, and that the measured gradient is the derivative."""

from __future__ import annotations

import numpy as np

from lamina.experiments.copy_data import SYMBOLS, draw
from lamina.experiments.copy_fits import LAYERS, gradients, network_of
from lamina.layers import Context
from lamina.networks import linear_predictor
from lamina.training import CategoricalCrossEntropy
from lamina.training.plan import initial


def test_nothing_but_the_first_code_tells() -> None:
    x, y = draw(4000, 3, 0)
    assert (x[:, 0] == 1 + y[:, 0]).all()
    for place in (1, 2, 3):
        assert abs(np.corrcoef(x[:, place], y[:, 0])[0, 1]) < 0.06
    assert np.bincount(y[:, 0], minlength=SYMBOLS).min() > 400


def test_the_measured_gradient_is_the_derivative() -> None:
    """By finite differences: the vector of one code, which stands at one place of one row alone."""
    network = network_of(LAYERS["SimpleRNN, orthogonal"])
    parameters = initial(network, (3,), 0, np.float32)[0]
    x, y = np.array([[2, 12, 14]], np.int32), np.array([[1]], np.int32)

    def loss(vectors: np.ndarray) -> float:
        at = parameters | {"embedding_1": {"weights": vectors}}
        z = linear_predictor(network).apply(at, {}, x, Context())[0]
        return float(CategoricalCrossEntropy().row(z, y, lambda name, own: own)[0])

    found, vectors = gradients(network, parameters, x, y), parameters["embedding_1"]["weights"]
    for distance, code in enumerate(x[0, ::-1]):
        by_hand = np.zeros(vectors.shape[1])
        for column in range(vectors.shape[1]):
            moved = [vectors.copy() for _ in range(2)]
            moved[0][code, column] += 1e-2
            moved[1][code, column] -= 1e-2
            by_hand[column] = (loss(moved[0]) - loss(moved[1])) / 2e-2
        np.testing.assert_allclose(found[distance], np.linalg.norm(by_hand), rtol=2e-2)
