"""The losses against scikit-learn's functions, and their gradients against what its back-propagation begins with."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import expit, softmax
from sklearn.neural_network._base import LOSS_FUNCTIONS

from lamina.drop_in.losses import ClassLogLoss, HalfPoissonDeviance, HalfSquaredError, LabelLogLoss
from lamina.training import Loss
from lamina.training.precision import precision

Z = np.array([[0.3, -1.2, 2.0], [-0.5, 0.1, 0.4], [1.5, 1.0, -3.0], [0.0, 0.7, -0.2]])
INDICATORS = np.eye(3)[[2, 0, 1, 1]]
LABELS = np.array([[1.0, 0, 1], [0, 0, 0], [1, 1, 0], [0, 1, 1]])
COUNTS = np.array([[0.0, 1, 4], [2, 0, 0], [1, 3, 0], [7, 1, 1]])

NEWER = pytest.mark.skipif("poisson" not in LOSS_FUNCTIONS, reason="this scikit-learn has no Poisson loss")
CASES = [
    pytest.param(HalfSquaredError(), "squared_error", lambda z: z, COUNTS, id="squared"),
    pytest.param(HalfPoissonDeviance(), "poisson", np.exp, COUNTS, id="poisson", marks=NEWER),
    pytest.param(LabelLogLoss(), "binary_log_loss", expit, LABELS, id="labels"),
    pytest.param(ClassLogLoss(), "log_loss", lambda z: softmax(z, axis=1), INDICATORS, id="classes"),
]
Link = Callable[[np.ndarray], np.ndarray]


def mean_loss(loss: Loss, z: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    def mean(z: jax.Array) -> jax.Array:
        return jnp.mean(loss.row(z, jnp.asarray(y, z.dtype), lambda name, own: jnp.asarray(own)))

    with precision(z.dtype):
        value, gradient = jax.value_and_grad(mean)(jnp.asarray(z))
        return float(value), np.asarray(gradient)


@pytest.mark.parametrize(("loss", "name", "link", "y"), CASES)
def test_the_number_is_that_of_scikit_learn(loss: Loss, name: str, link: Link, y: np.ndarray) -> None:
    value, _ = mean_loss(loss, Z, y)
    assert value == pytest.approx(LOSS_FUNCTIONS[name](y, link(Z)), rel=1e-12)


@pytest.mark.parametrize(("loss", "name", "link", "y"), CASES[:-1])
def test_so_it_is_with_a_single_output(loss: Loss, name: str, link: Link, y: np.ndarray) -> None:
    value, _ = mean_loss(loss, Z[:, :1], y[:, :1])
    assert value == pytest.approx(LOSS_FUNCTIONS[name](y[:, :1], link(Z[:, :1])), rel=1e-12)


@pytest.mark.parametrize(("loss", "name", "link", "y"), CASES)
def test_the_gradient_is_prediction_minus_outcome(loss: Loss, name: str, link: Link, y: np.ndarray) -> None:
    _, gradient = mean_loss(loss, Z, y)
    np.testing.assert_allclose(gradient, (link(Z) - y) / len(Z), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("loss", [ClassLogLoss(), LabelLogLoss()])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_surely_wrong_prediction_costs_what_the_clipped_probability_does_and_still_has_a_gradient(
    loss: Loss, dtype: type
) -> None:
    z, y = np.array([[200.0, -200.0]], dtype), np.array([[0.0, 1.0]])
    value, gradient = mean_loss(loss, z, y)
    wrong = -np.log(np.finfo(dtype).eps)
    assert value == pytest.approx(wrong * (2 if isinstance(loss, LabelLogLoss) else 1), rel=1e-6)
    np.testing.assert_allclose(gradient, [[1.0, -1.0]], rtol=1e-6)
