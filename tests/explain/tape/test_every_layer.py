"""Every layer on the tape: gradients are those of the network that nobody watches, and errors obey the chain rule."""

from __future__ import annotations

import functools
import itertools
import zlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from tests.explain.tape.cases import CASES, Case, layer_classes

from lamina.explain import Tape, backpropagate
from lamina.layers import Context, Dense, Layer, Sequential
from lamina.layers.base import traced_values
from lamina.training.plan import initial
from lamina.training.precision import precision

N, SEED = 3, 4


def drawn(case: Case, dtype: Any) -> tuple[Sequential, np.ndarray, np.ndarray, Any, Any]:
    rng = np.random.default_rng(1)
    network = Sequential([*case.layers, Dense(2)])
    if case.codes:
        x = rng.integers(1, case.codes, (N, *case.shape)).astype(np.int32)
    else:
        x = rng.normal(size=(N, *case.shape)).astype(dtype)
    y = rng.normal(size=(N, 2)).astype(dtype)
    parameters, state = initial(network, case.shape, SEED, dtype)
    # No parameter at its start, where many are zero or one.
    parameters = jax.tree.map(lambda p: (p + 0.1 * rng.normal(size=p.shape)).astype(dtype), parameters)
    return network, x, y, parameters, state


def derived(case: Case, dtype: Any, training: bool) -> Any:
    """Gradient of the mean squared error as JAX derives it of the plain network."""
    network, x, y, parameters, state = drawn(case, dtype)
    key = jax.random.wrap_key_data(np.array([zlib.crc32(b"lamina"), SEED], np.uint32), impl="threefry2x32")

    def risk(parameters: Any) -> Any:
        numbers = {name: jnp.asarray(value, dtype) for name, value in traced_values(network).items()}
        context = Context(
            root=key if training else None, streams=(1, 0, 0), training=training, hyperparameters=numbers
        )
        f = network.apply(parameters, state, x, context)[0]
        return jnp.mean(jnp.square(y - f))

    with precision(dtype):
        return jax.device_get(jax.jit(jax.grad(risk))(parameters))


@functools.cache
def tape_of(kind: type[Layer], dtype: Any, training: bool) -> Tape:
    network, x, y, parameters, _ = drawn(CASES[kind], dtype)
    return backpropagate(
        network, x, y, loss="squared_error", parameters=parameters, training=training, seed=SEED
    )


def test_every_layer_is_in_the_table() -> None:
    assert layer_classes() == set(CASES)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_gradients_are_those_of_jax(kind: type[Layer]) -> None:
    found = tape_of(kind, np.float64, False).gradients
    wanted = _flat(derived(CASES[kind], np.float64, False))
    assert set(found) == set(wanted)
    largest = max(float(np.abs(value).max()) for value in wanted.values())
    for path, value in wanted.items():
        assert found[path].dtype == np.float64
        np.testing.assert_allclose(found[path], value, rtol=0, atol=1e-12 * largest)


@pytest.mark.parametrize(
    "kind", [Dense, *(kind for kind in CASES if kind.__name__ in ("Conv2D", "LSTM", "BatchNorm"))]
)
def test_in_single_precision_too(kind: type[Layer]) -> None:
    found = tape_of(kind, np.float32, False).gradients
    wanted = _flat(derived(CASES[kind], np.float32, False))
    largest = max(float(np.abs(value).max()) for value in wanted.values())
    for path, value in wanted.items():
        np.testing.assert_allclose(found[path], value, rtol=0, atol=1e-6 * largest)


@pytest.mark.parametrize(
    "kind", [kind for kind in CASES if kind.__name__ in ("Dropout", "BatchNorm", "Rotate", "GaussianNoise")]
)
def test_a_pass_of_training_draws_what_a_step_draws(kind: type[Layer]) -> None:
    found = tape_of(kind, np.float64, True).gradients
    wanted = _flat(derived(CASES[kind], np.float64, True))
    largest = max(float(np.abs(value).max()) for value in wanted.values())
    for path, value in wanted.items():
        np.testing.assert_allclose(found[path], value, rtol=0, atol=1e-12 * largest)


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_errors_obey_the_chain_rule(kind: type[Layer]) -> None:
    tape = tape_of(kind, np.float64, False)
    for module in tape:
        if "slope" in module.values and "z" in module.errors and "steps" not in module.values:
            above = module.errors.get("hidden", module.errors["a"])
            np.testing.assert_allclose(module.errors["z"], module.slope * above, atol=1e-12)
    outermost = [module for module in tape if "/" not in module.path]
    for below, above in itertools.pairwise(outermost):
        # What a layer hands down is what arrives at the one before it.
        np.testing.assert_allclose(below.errors["a"], above.errors["x"], atol=1e-12)


def _flat(tree: Any) -> dict[str, np.ndarray]:
    leaves = jax.tree_util.tree_flatten_with_path(tree)[0]
    return {"/".join(str(key.key) for key in path): np.asarray(leaf) for path, leaf in leaves}
