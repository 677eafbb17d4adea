"""Paths against hand arithmetic, the compiled fit of a network, SciPy, and theory; bad input is refused in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize, rosen, rosen_der

from lamina.errors import ArgumentTypeError, DataError, LaminaError, SpecificationError
from lamina.explain import SURFACES, DescentPath, Newton, bowl, descend, descend_each
from lamina.layers import Dense, Sequential
from lamina.training import (
    LBFGS,
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Optimizer,
    Settings,
    SquaredError,
    fit,
    pad_rows,
)
from lamina.training.plan import initial
from lamina.training.schedules import Cosine, Exponential, Step

FIRST_ORDER = sorted(name for name, value in OPTIMIZERS.items() if isinstance(value, Optimizer))
RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
Y = (X @ [1.0, -2.0, 0.5] + RNG.normal(size=20))[:, None]


def parabola(theta: Any) -> Any:
    return theta**2 - theta + 0.25


def mean_squared_error(theta: Any) -> Any:
    return jnp.mean(jnp.square(Y[:, 0] - X @ theta))


def test_the_lectures_numbers() -> None:
    """The gradient is 2 theta - 1: a step of 0.25 halves the distance from 1/2."""
    path = descend(parabola, 2.0, GradientDescent(0.25), steps=20)
    expected = [2.0]
    for _ in range(20):
        expected.append(expected[-1] - 0.25 * (2 * expected[-1] - 1))
    assert path.theta.tolist() == expected
    assert path.theta == pytest.approx(0.5 + 1.5 * 0.5 ** np.arange(21))
    assert path.values == pytest.approx((path.theta - 0.5) ** 2)
    assert path.gradients == pytest.approx(2 * path.theta - 1)


@pytest.mark.parametrize("name", FIRST_ORDER)
@pytest.mark.parametrize(
    "rate", [0.05, Cosine(0.05), Exponential(0.05, 0.9)], ids=["constant", "cosine", "exponential"]
)
def test_a_path_is_that_of_the_compiled_fit(name: str, rate: Any) -> None:
    """A linear network on all rows has the objective of the function, and must take the same steps."""
    optimizer: Optimizer = type(OPTIMIZERS[name])(rate)  # type: ignore[call-arg,assignment]
    network = Sequential([Dense(1, use_bias=False)])
    parameters, _ = initial(network, (3,), 0, np.float64)
    settings = Settings(optimizer=optimizer, epochs=12, batch_size=None)
    fitted = fit(network, SquaredError(), pad_rows(X, Y, None), settings, 0)
    path = descend(mean_squared_error, parameters["dense_1"]["weights"][:, 0], optimizer, steps=12)
    assert path.theta[-1] == pytest.approx(fitted.parameters["dense_1"]["weights"][:, 0], abs=1e-12)


def test_a_schedules_steps_are_seen() -> None:
    path = descend(lambda t: t, 0.0, GradientDescent(Step(1.0, drop=0.5, every=2)), steps=6)
    assert np.diff(path.theta).tolist() == [-1, -1, -0.5, -0.5, -0.25, -0.25]


def test_factors_of_the_learning_rate_count() -> None:
    path = descend(lambda t: t, 0.0, GradientDescent(1.0, factors={"weights": 0.5}), steps=2)
    assert path.theta.tolist() == [0.0, -0.5, -1.0]


def test_decay_covers_theta_as_it_does_weights() -> None:
    path = descend(lambda t: 0 * t, 1.0, AdamW(0.1, weight_decay=0.5), steps=1)
    assert path.theta[1] == pytest.approx(1 - 0.1 * 0.5)


def test_lbfgs_is_scipys_and_reaches_the_minimum() -> None:
    path = descend("rosenbrock", optimizer=LBFGS(), steps=200)
    reference = minimize(
        rosen,
        [-1.2, 1.0],
        jac=rosen_der,
        method="L-BFGS-B",
        options={"maxcor": 10, "gtol": 1e-5, "ftol": 2.0**-46},
    )
    assert path.steps == reference.nit
    assert path.theta[-1] == pytest.approx([1, 1], abs=1e-6)


def test_newton_takes_one_step_on_a_quadratic_and_squares_its_error_elsewhere() -> None:
    assert descend(bowl(1000), optimizer="newton", steps=1).theta[-1] == pytest.approx([0, 0], abs=1e-12)
    path = descend(lambda t: t - jnp.log(t), 0.5, Newton(), steps=4)
    # For this function the error 1 - theta is squared exactly.
    assert 1 - path.theta == pytest.approx([0.5, 0.25, 0.0625, 0.0625**2, 0.0625**4])


def test_newton_by_hand_with_damping_and_a_share_of_the_step() -> None:
    path = descend(bowl(4), (1.0, 1.0), Newton(damping=1.0, rate=0.5), steps=1)
    assert path.theta[1] == pytest.approx([1 - 0.5 * 1 / 2, 1 - 0.5 * 4 / 5])


def test_newton_is_drawn_to_a_saddle_which_damping_and_backtracking_leave() -> None:
    start = (-1.5, 0.2)
    assert descend("saddle", start, "newton", 20).theta[-1] == pytest.approx([0, 0], abs=1e-6)
    assert descend("saddle", start, Newton(damping=1.5), 60).theta[-1] == pytest.approx([0, 1], abs=1e-6)
    path = descend("saddle", start, Newton(backtracking=True), 40)
    assert np.abs(path.theta[-1]) == pytest.approx([0, 1], abs=1e-6)
    assert np.all(np.diff(path.values) <= 1e-15)


@pytest.mark.parametrize("name", SURFACES)
def test_surfaces_are_least_where_they_say(name: str) -> None:
    surface = SURFACES[name]
    for minimum in surface.minima:
        path = descend(surface, minimum, Newton(), steps=1)
        assert path.gradients[0] == pytest.approx(np.zeros(np.shape(minimum)), abs=1e-3)
        values = [
            float(surface(np.add(minimum, 0.01 * step))) for step in RNG.normal(size=(50, *np.shape(minimum)))
        ]
        assert min(values) >= path.values[0] - 1e-6
    least = [float(surface(np.asarray(minimum))) for minimum in surface.minima]
    assert least[0] == pytest.approx(min(least), abs=1e-8)


def test_the_two_minima_are_the_books() -> None:
    global_one, local = (
        descend("two_minima", start, GradientDescent(0.08), 60).theta[-1] for start in (0.25, -0.2)
    )
    assert (global_one, local) == (pytest.approx(1.02), pytest.approx(-0.46))


@pytest.mark.parametrize("condition", [5.0, 50.0])
def test_gradient_descent_converges_and_diverges_as_theory_says(condition: float) -> None:
    best = 2 / (1 + condition)
    path = descend(bowl(condition), (1.0, 1.0), GradientDescent(best), steps=20)
    factor = (condition - 1) / (condition + 1)
    assert np.linalg.norm(path.theta, axis=1) == pytest.approx(np.sqrt(2) * factor ** np.arange(21))
    assert not descend(bowl(condition), (1.0, 1.0), GradientDescent(1.99 / condition), steps=2000).diverged
    assert descend(bowl(condition), (1.0, 1.0), GradientDescent(2.5 / condition), steps=2000).diverged


def test_a_path_that_diverges_ends_where_it_is_finite() -> None:
    path = descend("rosenbrock", optimizer=GradientDescent(0.1), steps=50)
    assert path.lost == 50 - path.steps > 0
    assert path.diverged
    assert np.isfinite(path.theta).all()
    assert "then no longer finite" in str(path)
    assert descend("parabola", optimizer=GradientDescent(2.0), steps=30).diverged


def test_a_path_prints_its_steps_and_is_a_frame() -> None:
    path = descend(parabola, 2.0, GradientDescent(0.25), steps=2)
    assert path.frame().columns.tolist() == ["theta", "value", "d/dtheta"]
    assert str(path).splitlines()[0] == "GradientDescent(0.25), 2 steps"
    assert "0.875" in str(path)
    several = descend("bowl", steps=40)
    assert several.names == ("theta_1", "theta_2")
    assert "..." in str(several)


def test_several_run_from_one_start_each_at_its_best_rate() -> None:
    paths = descend_each("bowl", steps=60)
    assert len(paths) == 8
    starts = {tuple(path.theta[0]) for path in paths.values()}
    assert starts == {SURFACES["bowl"].start}
    label, path = next((label, path) for label, path in paths.items() if label.startswith("momentum"))
    rate = float(label.rpartition(" ")[2])
    for other in (0.001, 0.003, 0.03):
        rival = descend("bowl", optimizer=Momentum(other), steps=60)
        assert path.values[-1] <= rival.values[-1] or rival.values.max() > rival.values[0]
    assert path.theta == pytest.approx(descend("bowl", optimizer=Momentum(rate), steps=60).theta)


def test_values_run_as_they_are_and_labels_are_kept() -> None:
    paths = descend_each(
        "bowl", (1.0, 1.0), {"mine": SGD(0.01), "theirs": "adam", "last": LBFGS()}, 10, rates=[0.1]
    )
    assert list(paths) == ["mine", "theirs", "last"]
    assert paths["theirs"].theta == pytest.approx(descend("bowl", (1.0, 1.0), Adam(0.1), 10).theta)
    assert [type(path) for path in paths.values()] == [DescentPath] * 3


def call_numpy(theta: Any) -> Any:
    return np.square(np.asarray(theta)).sum()


def ask_if(theta: Any) -> Any:
    return theta if theta > 0 else -theta


REFUSED: list[tuple[Callable[[], Any], type[LaminaError], str]] = [
    (lambda: descend(call_numpy, [1.0, 2.0]), ArgumentTypeError, "jax.numpy"),
    (lambda: descend(lambda t: math.sin(t), 1.0), ArgumentTypeError, "cannot be differentiated"),
    (lambda: descend(ask_if, 1.0), ArgumentTypeError, "jnp.where in place of if"),
    (
        lambda: descend(lambda t: t**2, [1.0, 2.0]),
        SpecificationError,
        r"array of shape \(2,\).*sum or average",
    ),
    (lambda: descend(lambda t: t**2, [3.0]), SpecificationError, "start at the number 3"),
    (lambda: descend(lambda t: None, 1.0), SpecificationError, "NoneType and not a number"),
    (lambda: descend(lambda t: jnp.floor(t).astype(int), 1.0), SpecificationError, "type int"),
    (
        lambda: descend(lambda t: t[0] + t[1] + t[2].shape, [1.0, 2.0]),
        SpecificationError,
        r"theta of shape \(2,\)",
    ),
    (lambda: descend(lambda t: t[0], 1.0), SpecificationError, r"fails for theta of shape \(\)"),
    (lambda: descend("rosenbrock", 1.0), DataError, "has 2: give as many"),
    (lambda: descend("parabola", [1.0, 1.0]), DataError, "is of one variable"),
    (lambda: descend("bowl", [[1.0, 1.0]]), DataError, r"shape \(1, 2\)"),
    (lambda: descend("bowl", [1.0, np.nan]), DataError, "finite"),
    (lambda: descend("bowl", "here"), ArgumentTypeError, "no numbers"),
    (lambda: descend(parabola), ArgumentTypeError, "start is missing"),
    (lambda: descend(lambda t: jnp.log(t), -1.0), DataError, "at the start"),
    (lambda: descend(lambda t: jnp.sqrt(t), 0.0), DataError, "gradient inf"),
    (lambda: descend("rosenbrok"), SpecificationError, "did you mean 'rosenbrock'"),
    (lambda: descend(3, 1.0), ArgumentTypeError, "give a function of theta"),
    (lambda: descend("bowl", optimizer="newtn"), SpecificationError, "did you mean 'newton'"),
    (lambda: descend("bowl", optimizer=7), ArgumentTypeError, "give a name"),
    (lambda: descend("bowl", steps=0), SpecificationError, "steps"),
    (lambda: descend_each("bowl", rates=[]), SpecificationError, "above zero"),
    (lambda: descend_each("bowl", rates=[-1.0]), SpecificationError, "above zero"),
    (lambda: descend_each("bowl", rates="many"), ArgumentTypeError, "learning rates"),
    (lambda: Newton(damping=-1.0), SpecificationError, "damping"),
    (lambda: Newton(backtracking=1), SpecificationError, "True or False"),  # type: ignore[arg-type]
    (lambda: bowl(0.5), SpecificationError, "one or more"),
]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_cannot_be_descended_on_is_refused_in_words(place: int) -> None:
    call, error, words = REFUSED[place]
    with pytest.raises(error, match=words):
        call()
