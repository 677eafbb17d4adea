"""The solvers against scikit-learn's own, step by step."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.neural_network._stochastic_optimizers import AdamOptimizer, SGDOptimizer

from lamina.drop_in.solvers import AdamSolver, Solver, StochasticGradient
from lamina.training.precision import precision

GRADIENTS = np.random.default_rng(0).normal(size=(6, 3))
CASES = [
    pytest.param(StochasticGradient(0.1, 0.9, False), ("sgd", 0.9, False), id="momentum"),
    pytest.param(StochasticGradient(0.1, 0.7, True), ("sgd", 0.7, True), id="nesterov"),
    pytest.param(StochasticGradient(0.1, 0.0, True), ("sgd", 0.0, True), id="plain"),
    pytest.param(AdamSolver(0.1), ("adam", 0.9, 0.999, 1e-8), id="adam"),
    pytest.param(AdamSolver(0.1, 0.5, 0.6, 0.1), ("adam", 0.5, 0.6, 0.1), id="adam-epsilon"),
]


def own(name: str, value: float) -> float:
    """Nothing travels beside the solver: its fields hold."""
    return value


def reference(kind: str, values: list[np.ndarray], *numbers: Any) -> Any:
    if kind == "adam":
        return AdamOptimizer(values, 0.1, *numbers)
    return SGDOptimizer(values, 0.1, "constant", *numbers)


@pytest.mark.parametrize(("solver", "given"), CASES)
def test_every_step_is_that_of_scikit_learn(solver: Solver, given: tuple[Any, ...]) -> None:
    theirs = [np.zeros(3)]
    optimizer = reference(given[0], theirs, *given[1:])
    with precision(np.float64):
        ours = np.zeros(3)
        transformation = solver.direction(own)
        state = transformation.init({"weights": ours})
        for gradient in GRADIENTS:
            direction, state = transformation.update({"weights": gradient}, state)
            ours = ours - np.asarray(direction["weights"])
            optimizer.update_params(theirs, [gradient])
            np.testing.assert_allclose(ours, theirs[0], rtol=1e-13)


def test_a_smaller_rate_leaves_the_velocity_gathered_before_it() -> None:
    solver = StochasticGradient(0.1, 0.5, nesterov=False)
    with precision(np.float64):
        update = solver.direction(own).update
        first, state = update({"w": np.array([1.0])}, solver.initial({"w": np.zeros(1)}))
        second, _ = update({"w": np.array([1.0])}, state._replace(learning_rate=0.01))
    assert [float(first["w"][0]), float(second["w"][0])] == pytest.approx([0.1, 0.5 * 0.1 + 0.01])


def test_the_state_begins_in_the_precision_of_the_parameters() -> None:
    for dtype in (np.float32, np.float64):
        state = AdamSolver().initial({"w": np.zeros(2, dtype)}, waited=3, best_score=-1.5)
        assert {leaf.dtype for leaf in (state.learning_rate, state.best_score, state.moments.mean["w"])} == {
            np.dtype(dtype)
        }
        assert (int(state.waited), float(state.best_score)) == (3, -1.5)
