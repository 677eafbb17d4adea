"""Every loss equals an independent formula, stays finite at extreme predictions, and has the derivative of its curve."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize
import scipy.special
import sklearn.metrics
from small_fits import assert_gradient

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import ACTIVATIONS, Context, Dense, Sequential
from lamina.training import LOSSES, BinaryCrossEntropy, CategoricalCrossEntropy, Hinge, Huber, Loss, Quantile
from lamina.training.losses import FunctionLoss, resolve_loss
from lamina.training.precision import precision

N = 40
RNG = np.random.default_rng(0)
Z = RNG.normal(size=N) * 2
OUTCOMES: dict[str, np.ndarray] = {
    "real": RNG.normal(size=N) * 2,
    "count": RNG.poisson(2.0, size=N).astype(float),
    "positive": RNG.gamma(2.0, size=N),
    "fraction": RNG.integers(0, 2, size=N).astype(float),
    "class": RNG.integers(0, 2, size=N).astype(float),
}


def own(name: str, value: float) -> float:
    return value


def mean_loss(loss: Loss, z: Any, y: Any) -> float:
    with precision(np.float64):
        z, y = (jnp.asarray(np.asarray(item, float).reshape(len(item), -1)) for item in (z, y))
        return float(loss.row(z, y, own).mean())


def poisson_constant(y: np.ndarray) -> float:
    return float(np.mean(scipy.special.xlogy(y, y) - y))


FORMULAS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "squared_error": lambda y, z: sklearn.metrics.mean_squared_error(y, z),
    "half_squared_error": lambda y, z: sklearn.metrics.mean_squared_error(y, z) / 2,
    "absolute_error": lambda y, z: sklearn.metrics.mean_absolute_error(y, z),
    "huber": lambda y, z: scipy.special.huber(1.0, y - z).mean(),
    "quantile": lambda y, z: sklearn.metrics.mean_pinball_loss(y, z, alpha=0.5),
    "poisson": lambda y, z: sklearn.metrics.mean_poisson_deviance(y, np.exp(z)) / 2 - poisson_constant(y),
    "gamma": lambda y, z: sklearn.metrics.mean_gamma_deviance(y, np.exp(z)) / 2 + np.mean(np.log(y)) + 1,
    "binary_crossentropy": lambda y, z: sklearn.metrics.log_loss(y, scipy.special.expit(z)),
    "categorical_crossentropy": lambda y, z: sklearn.metrics.log_loss(y, scipy.special.expit(z)),
    "hinge": lambda y, z: sklearn.metrics.hinge_loss(y, z),
}


def test_every_loss_has_a_formula_here() -> None:
    assert FORMULAS.keys() == LOSSES.keys()


@pytest.mark.parametrize("name", LOSSES)
def test_equals_its_formula(name: str) -> None:
    loss = LOSSES[name]
    y = OUTCOMES[loss.outcome]
    z = np.column_stack([np.zeros(N), Z]) if name == "categorical_crossentropy" else Z
    assert mean_loss(loss, z, y) == pytest.approx(FORMULAS[name](y, Z), rel=1e-9)


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_quantile_equals_the_pinball_loss(q: float) -> None:
    expected = sklearn.metrics.mean_pinball_loss(OUTCOMES["real"], Z, alpha=q)
    assert mean_loss(Quantile(q), Z, OUTCOMES["real"]) == pytest.approx(expected)


def test_huber_lies_between_its_two_limits() -> None:
    y = OUTCOMES["real"]
    assert mean_loss(Huber(1e6), Z, y) == pytest.approx(mean_loss(LOSSES["squared_error"], Z, y) / 2)
    assert mean_loss(Huber(1e-6), Z, y) == pytest.approx(
        1e-6 * mean_loss(LOSSES["absolute_error"], Z, y), rel=1e-4
    )


def test_several_classes() -> None:
    z = RNG.normal(size=(N, 4))
    y = RNG.integers(0, 4, size=N)
    expected = sklearn.metrics.log_loss(y, scipy.special.softmax(z, axis=1), labels=range(4))
    assert mean_loss(CategoricalCrossEntropy(), z, y) == pytest.approx(expected)
    assert mean_loss(Hinge(), z, y) == pytest.approx(sklearn.metrics.hinge_loss(y, z, labels=range(4)))


def test_label_smoothing_is_the_loss_at_the_smoothed_target() -> None:
    z = RNG.normal(size=(N, 4))
    y = RNG.integers(0, 4, size=N)
    target = 0.8 * np.eye(4)[y] + 0.2 / 4
    expected = -(target * scipy.special.log_softmax(z, axis=1)).sum(axis=1).mean()
    assert mean_loss(CategoricalCrossEntropy(0.2), z, y) == pytest.approx(expected)
    zero_one = OUTCOMES["class"]
    smoothed = mean_loss(BinaryCrossEntropy(), Z, 0.8 * zero_one + 0.1)
    assert mean_loss(BinaryCrossEntropy(0.2), Z, zero_one) == pytest.approx(smoothed)


@pytest.mark.parametrize("name", sorted(LOSSES.keys() - {"categorical_crossentropy", "hinge"}))
def test_several_outputs_cost_their_mean(name: str) -> None:
    y = OUTCOMES[LOSSES[name].outcome]
    alone = [mean_loss(LOSSES[name], Z + shift, y) for shift in (0.0, 1.0)]
    together = mean_loss(LOSSES[name], np.column_stack([Z, Z + 1]), np.column_stack([y, y]))
    assert together == pytest.approx(np.mean(alone))


BEYOND = {("poisson", 1e4), ("gamma", -1e4)}
"""Where the loss itself is larger than any number."""


@pytest.mark.parametrize("at", [-1e4, 1e4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", LOSSES)
def test_value_and_derivative_are_finite_at_extreme_predictions(name: str, at: float, dtype: Any) -> None:
    loss = LOSSES[name]
    columns = 3 if name == "categorical_crossentropy" else 1
    with precision(dtype):
        z = jnp.asarray(np.array([[at, 0.0, -at][:columns]]), dtype)
        for outcome in (0.0, 1.0):
            y = jnp.full((1, 1), outcome, dtype)
            value, slope = jax.value_and_grad(lambda z, y=y: loss.row(z, y, own).sum())(z)
            if (name, at) not in BEYOND:
                assert np.isfinite(value)
                assert np.isfinite(slope).all()


def test_gradient_of_every_loss_above_every_activation() -> None:
    x = RNG.normal(size=(6, 2))
    networks = [Sequential([Dense(3, g), Dense(3)]) for g in sorted(ACTIVATIONS)]
    at = [network.init(np.random.default_rng(i), (2,))[0] for i, network in enumerate(networks)]
    outcomes = {name: OUTCOMES[loss.outcome][:6].reshape(-1, 1) for name, loss in LOSSES.items()}

    def losses(parameters: Any) -> Any:
        predicted = [
            network.apply(given, {}, x, Context())[0]
            for network, given in zip(networks, parameters, strict=True)
        ]
        return jnp.stack(
            [LOSSES[name].row(z, y, own).mean() for z in predicted for name, y in outcomes.items()]
        )

    assert_gradient(losses, at)


MINIMISERS: dict[str, Callable[[np.ndarray], float]] = {
    "squared_error": np.mean,
    "half_squared_error": np.mean,
    "absolute_error": np.median,
    "quantile": np.median,
    "poisson": lambda y: np.log(y.mean()),
    "gamma": lambda y: np.log(y.mean()),
    "binary_crossentropy": lambda y: scipy.special.logit(y.mean()),
}


@pytest.mark.parametrize("name", MINIMISERS)
def test_the_best_constant(name: str) -> None:
    y = OUTCOMES[LOSSES[name].outcome][:31]
    grid = np.linspace(-3, 3, 2001)
    with precision(np.float64):
        row = jax.vmap(lambda z: LOSSES[name].row(jnp.full((31, 1), z), jnp.asarray(y)[:, None], own).mean())
        costs = np.asarray(row(grid))
    assert grid[costs.argmin()] == pytest.approx(MINIMISERS[name](y), abs=0.004)


def test_a_quantile_minimises_its_own_loss() -> None:
    y = RNG.normal(size=2000)
    found = scipy.optimize.minimize_scalar(lambda z: mean_loss(Quantile(0.8), np.full(2000, z), y)).x
    assert found == pytest.approx(np.quantile(y, 0.8), abs=0.01)


def test_several_quantiles_cost_the_mean_of_their_own_losses() -> None:
    y, levels = OUTCOMES["real"], (0.1, 0.5, 0.8)
    z = RNG.normal(size=(N, 3))
    alone = [mean_loss(Quantile(q), z[:, place], y) for place, q in enumerate(levels)]
    assert mean_loss(Quantile(levels), z, y) == pytest.approx(np.mean(alone))
    both = mean_loss(Quantile(levels), np.hstack([z, z + 1]), np.column_stack([y, y + 1]))
    assert both == pytest.approx(np.mean(alone))
    assert Quantile([0.1, 0.5, 0.8]) == Quantile(np.array(levels)) == Quantile(levels)  # type: ignore[arg-type]
    assert hash(Quantile(levels)) != hash(Quantile((0.1, 0.5, 0.9)))


def test_a_function_may_give_a_number_a_row_or_an_output() -> None:
    assert mean_loss(FunctionLoss(lambda z, y: (z - y) ** 2), Z, np.zeros(N)) == pytest.approx(
        np.square(Z).mean()
    )
    assert mean_loss(FunctionLoss(lambda z, y: z[:, 0]), Z, np.zeros(N)) == pytest.approx(Z.mean())
    with pytest.raises(SpecificationError, match=r"gave shape \(\) for 40 rows: .* do not average over rows"):
        mean_loss(FunctionLoss(lambda z, y: (z - y).mean()), Z, Z)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Huber(0.0), r"Huber\(delta=0.0\): delta must be above zero"),
        (lambda: Huber(-1), "delta must be above zero"),
        (lambda: Quantile(0.0), r"inside \(0, 1\)"),
        (lambda: Quantile(1.0), r"inside \(0, 1\)"),
        (lambda: Quantile(()), r"inside \(0, 1\)"),
        (lambda: Quantile((0.5, 1.0)), r"inside \(0, 1\)"),
        (lambda: Quantile((0.9, 0.1)), "in increasing order"),
        (lambda: BinaryCrossEntropy(1.0), r"label_smoothing must be a number in \[0, 1\)"),
        (lambda: CategoricalCrossEntropy(-0.1), r"label_smoothing must be a number in \[0, 1\)"),
        (lambda: resolve_loss("squared_eror"), "did you mean 'squared_error'"),
    ],
)
def test_numbers_and_names_that_mean_nothing(make: Callable[[], Loss], words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        make()


def test_what_is_no_loss_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="neither a name nor a loss: give one of squared_error"):
        resolve_loss(3)  # type: ignore[arg-type]
