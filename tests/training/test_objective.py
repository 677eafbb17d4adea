"""The penalty is lambda times sums over weights, never over biases, each layer's own beside the network's."""

from typing import Any

import numpy as np
import pytest
from small_fits import assert_gradient

from lamina.layers import L1, L2, CategoryEmbedding, Context, Dense, Penalty, Residual, Sequential
from lamina.layers.base import traced_values
from lamina.training import SquaredError
from lamina.training.objective import Objective, penalty_terms
from lamina.training.precision import precision

NETWORK = Sequential(
    [
        Dense(4, "tanh", penalty=L1(0.3) + L2(0.2)),
        Residual([Dense(4, bias_init="normal")]),
        Dense(1, penalty=0.7),
    ]
)
PARAMETERS = NETWORK.init(np.random.default_rng(0), (3,))[0]
W1 = PARAMETERS["dense_1"]["weights"]
W2 = PARAMETERS["residual_1"]["dense_1"]["weights"]
W3 = PARAMETERS["dense_2"]["weights"]


def squares(w: np.ndarray) -> float:
    return float(np.square(w).sum())


OWN = 0.3 * np.abs(W1).sum() + 0.2 * squares(W1) + 0.7 * squares(W3)


def objective(network: Sequential, parameters: Any, penalty: Penalty) -> tuple[Objective, dict[str, float]]:
    terms = penalty_terms(network, parameters, penalty)
    numbers = traced_values(network) | traced_values(penalty, "penalty")
    return Objective(network, SquaredError(), terms), numbers


def penalty_of(penalty: Penalty) -> float:
    with precision(np.float64):
        made, numbers = objective(NETWORK, PARAMETERS, penalty)
        return float(made.penalty(PARAMETERS, numbers))


@pytest.mark.parametrize(
    ("penalty", "expected"),
    [
        (Penalty(), OWN),
        (L2(0.5), OWN + 0.5 * (squares(W1) + squares(W2) + squares(W3))),
        (L2(0.5, output=False), OWN + 0.5 * (squares(W1) + squares(W2))),
        (L1(0.5), OWN + 0.5 * sum(np.abs(w).sum() for w in (W1, W2, W3))),
        (L1(0.5) + L2(0.25), OWN + sum(0.5 * np.abs(w).sum() + 0.25 * squares(w) for w in (W1, W2, W3))),
    ],
)
def test_value(penalty: Penalty, expected: float) -> None:
    assert penalty_of(penalty) == pytest.approx(expected)


def test_no_term_is_a_bias() -> None:
    terms = penalty_terms(NETWORK, PARAMETERS, L2(1.0))
    assert {term.weights[-1] for term in terms} == {"weights"}


def test_a_table_of_embeddings_is_made_of_weights() -> None:
    network = Sequential([CategoryEmbedding((3, 4), dimension=2), Dense(1)])
    parameters = network.init(np.random.default_rng(0), (2,))[0]
    covered = {term.weights for term in penalty_terms(network, parameters, L2(1.0))}
    assert covered == {
        ("category_embedding_1", "column_1_weights"),
        ("category_embedding_1", "column_2_weights"),
        ("dense_1", "weights"),
    }


def test_gradient_of_loss_and_penalties() -> None:
    x, y = np.random.default_rng(1).normal(size=(5, 3)), np.ones((5, 1))
    made, numbers = objective(NETWORK, PARAMETERS, L1(0.2) + L2(0.1))

    def total(parameters: Any) -> Any:
        losses, _ = made.rows(parameters, {}, x, y, Context(hyperparameters=numbers))
        return losses.mean() + made.penalty(parameters, numbers)

    assert_gradient(total, PARAMETERS)
