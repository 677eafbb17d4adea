"""Every optimizer takes its first steps by hand and agrees with optax's own over many."""

from collections.abc import Callable
from typing import Any

import jax
import numpy as np
import optax
import pytest
from small_fits import assert_close, fit_rows, linear_data

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import L1, L2, Context, Dense, Sequential
from lamina.training import LBFGS, OPTIMIZERS, SGD, Adam, AdamW, Momentum, Optax
from lamina.training.losses import FunctionLoss
from lamina.training.optimizers import resolve_optimizer, weights_only
from lamina.training.precision import precision

FIRST_ORDER = sorted(name for name, value in OPTIMIZERS.items() if not isinstance(value, LBFGS))
G = 2.5
RATE = 0.1

BY_HAND: dict[str, tuple[float, float]] = {
    "gradient_descent": (G, G),
    "sgd": (G, G),
    "momentum": (G, 1.9 * G),
    "nesterov": (1.9 * G, (1 + 0.9 * 1.9) * G),
    "adagrad": (G / np.sqrt(0.1 + G**2), G / np.sqrt(0.1 + 2 * G**2)),
    "rmsprop": (1 / np.sqrt(0.1), 1 / np.sqrt(0.19)),
    "adam": (1.0, 1.0),
    "adamw": (1.0, 1.0),
}
"""The first two directions of a parameter whose gradient is always G."""

OPTAX: dict[str, Callable[[float], optax.GradientTransformation]] = {
    "gradient_descent": optax.sgd,
    "sgd": optax.sgd,
    "momentum": lambda rate: optax.sgd(rate, momentum=0.9),
    "nesterov": lambda rate: optax.sgd(rate, momentum=0.9, nesterov=True),
    "adagrad": optax.adagrad,
    "rmsprop": lambda rate: optax.rmsprop(rate, decay=0.9, eps=1e-7, eps_in_sqrt=False),
    "adam": optax.adam,
    "adamw": lambda rate: optax.adamw(rate, weight_decay=0.01, mask=weights_only),
}
NETWORK = Sequential([Dense(4, "tanh"), Dense(1)])
X, Y = linear_data()


def with_rate(name: str, rate: float) -> Any:
    return type(OPTIMIZERS[name])(rate)  # type: ignore[arg-type]


def loss_of_slope_g(z: Any, y: Any) -> Any:
    return G * z


def optax_steps(transformation: optax.GradientTransformation, steps: int) -> Any:
    """Full-batch steps of a plain loop."""
    with precision(np.float64):
        parameters = NETWORK.init(np.random.default_rng(0), (3,))[0]

        @jax.jit
        def step(parameters: Any, state: Any) -> Any:
            def loss(given: Any) -> Any:
                return ((Y[:, None] - NETWORK.apply(given, {}, X, Context())[0]) ** 2).mean()

            updates, state = transformation.update(jax.grad(loss)(parameters), state, parameters)
            return optax.apply_updates(parameters, updates), state

        state = transformation.init(parameters)
        for _ in range(steps):
            parameters, state = step(parameters, state)
        return jax.tree.map(np.asarray, parameters)


def test_every_optimizer_is_tested_here() -> None:
    assert BY_HAND.keys() == OPTAX.keys() == set(FIRST_ORDER)
    assert set(OPTIMIZERS) == {*FIRST_ORDER, "lbfgs"}


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_first_two_steps_by_hand(name: str) -> None:
    """The bias of a unit that sees nothing; no optimizer decays a bias."""
    for epochs in (1, 2):
        fitted = fit_rows(
            Sequential([Dense(1)]),
            np.zeros((4, 1)),
            np.zeros(4),
            loss=FunctionLoss(loss_of_slope_g),
            optimizer=with_rate(name, RATE),
            epochs=epochs,
            batch_size=None,
        )
        expected = -RATE * sum(BY_HAND[name][:epochs])
        np.testing.assert_allclose(fitted.parameters["dense_1"]["bias"], expected, rtol=1e-6)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_twenty_steps_equal_optax(name: str) -> None:
    fitted = fit_rows(NETWORK, X, Y, optimizer=with_rate(name, 0.05), epochs=20, batch_size=None)
    assert_close(fitted.parameters, optax_steps(OPTAX[name](0.05), 20), rtol=1e-9, atol=1e-12)


def test_any_optax_transformation_may_be_used() -> None:
    expected = optax_steps(optax.lion(0.01), 10)
    for optimizer in (Optax(optax.lion, learning_rate=0.01), resolve_optimizer(optax.lion(0.01))):
        fitted = fit_rows(NETWORK, X, Y, optimizer=optimizer, epochs=10, batch_size=None)
        assert_close(fitted.parameters, expected, rtol=1e-9, atol=1e-12)


def test_weight_decay_shrinks_weights_and_never_biases() -> None:
    """Without a gradient only the decay is left: w (1 - rate·decay)^steps."""
    network = Sequential([Dense(2, bias_init="normal"), Dense(1, bias_init="normal")])
    start = network.init(np.random.default_rng(0), (3,))[0]
    fitted = fit_rows(
        network,
        X,
        Y,
        loss=FunctionLoss(lambda z, y: 0 * z),
        optimizer=AdamW(0.1, weight_decay=0.5),
        epochs=3,
        batch_size=None,
    )
    for name in ("dense_1", "dense_2"):
        np.testing.assert_array_equal(fitted.parameters[name]["bias"], start[name]["bias"])
        np.testing.assert_allclose(fitted.parameters[name]["weights"], start[name]["weights"] * 0.95**3)


def test_gradient_descent_takes_all_rows() -> None:
    options: dict[str, Any] = {"optimizer": OPTIMIZERS["gradient_descent"], "epochs": 3}
    small = fit_rows(NETWORK, X, Y, batch_size=8, **options)
    assert_close(small.parameters, fit_rows(NETWORK, X, Y, batch_size=None, **options).parameters, rtol=0)


@pytest.mark.parametrize("name", FIRST_ORDER)
def test_cut_connections_stay_cut_and_a_zero_rate_changes_nothing(name: str) -> None:
    """Under every penalty too: the slope of |w| at zero is taken as zero."""
    connections = np.random.default_rng(0).integers(0, 2, size=(3, 4))
    network = Sequential([Dense(4, "tanh", connections=connections, penalty=0.1), Dense(1)])
    options: dict[str, Any] = {"penalty": L1(0.05) + L2(0.05), "epochs": 5, "batch_size": 16}
    weights = fit_rows(network, X, Y, optimizer=with_rate(name, 0.05), **options).parameters["dense_1"][
        "weights"
    ]
    assert (weights[connections == 0] == 0).all()
    assert (weights[connections == 1] != 0).all()
    still = fit_rows(network, X, Y, optimizer=with_rate(name, 0.0), **options)
    assert_close(still.parameters, network.init(np.random.default_rng(0), (3,))[0], rtol=0)


def test_names_and_objects() -> None:
    assert resolve_optimizer("momentum") == Momentum() == Momentum(0.01, 0.9)
    assert resolve_optimizer(Adam(0.1)) == Adam(0.1)
    with pytest.raises(SpecificationError, match="optimizer='adamm' is unknown: did you mean 'adam'"):
        resolve_optimizer("adamm")
    with pytest.raises(
        ArgumentTypeError, match=r"give a name \(gradient_descent, .*\), an object such as Adam"
    ):
        resolve_optimizer(0.1)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="give an optax factory with its keywords"):
        Optax(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Adam(beta_1=1.0),
        lambda: SGD(momentum=-0.1),
        lambda: AdamW(weight_decay=-1.0),
        lambda: Adam(float("nan")),
        lambda: Adam(epsilon=-1e-8),
        lambda: LBFGS(memory=0),
        lambda: LBFGS(tolerance=-1.0),
        lambda: LBFGS(max_evaluations=0),
    ],
)
def test_numbers_that_mean_nothing_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(SpecificationError):
        make()
