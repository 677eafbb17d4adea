"""Recurrence against plain loops, its gradients against those that JAX derives for them, in double precision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from lamina.numerics import recurrence
from lamina.numerics.recurrence import ENTRIES, Cell, Gated, LongShortTerm, Simple, Weights, run


def sigmoid(z: Any) -> Any:
    return 1 / (1 + jnp.exp(-z))


def by_steps(cell: Callable[..., Any], z: Any, start: tuple[Any, ...], kept: Any) -> tuple[Any, Any]:
    """Outputs (t, n, k) and the last carry, one step after another as the equations say."""
    carry, outputs = start, []
    for place in range(len(z)):
        after = cell(z[place], *carry)
        rows = np.ones(len(z[0]), bool) if kept is None else kept[place]
        carry = tuple(jnp.where(rows[:, None], new, old) for new, old in zip(after, carry, strict=True))
        outputs.append(carry[0])
    return jnp.stack(outputs), carry


def simple_cell(U: Any, activation: Any) -> Callable[..., Any]:
    return lambda z, h: (activation(z + h @ U),)


def lstm_cell(U: Any) -> Callable[..., Any]:
    def cell(z: Any, h: Any, c: Any) -> Any:
        i, f, g, o = jnp.split(z + h @ U, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * jnp.tanh(g)
        return sigmoid(o) * jnp.tanh(c), c

    return cell


def gru_cell(U: Any, b: Any) -> Callable[..., Any]:
    def cell(z: Any, h: Any) -> Any:
        (zr, zu, zm), (hr, hu, hm) = jnp.split(z, 3, axis=-1), jnp.split(h @ U, 3, axis=-1)
        u = sigmoid(zu + hu)
        return (u * h + (1 - u) * jnp.tanh(zm + sigmoid(zr + hr) * (hm + b)),)

    return cell


KINDS = {"simple": 1, "relu": 1, "lstm": 4, "gru": 3}


def cell_of(kind: str) -> Cell:
    cells: dict[str, Cell] = {
        "simple": Simple(jnp.tanh),
        "relu": Simple(jax.nn.relu),
        "lstm": LongShortTerm(),
        "gru": Gated(),
    }
    return cells[kind]


def both(kind: str, kept: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Our function and the plain loop of x, W, U, both biases and the start, each giving outputs and the last carry."""

    def ours(x: Any, W: Any, U: Any, b: Any, inner: Any, h: Any, c: Any) -> Any:
        start = (h, c) if kind == "lstm" else (h,)
        weights = Weights(W, U, b, inner if kind == "gru" else None)
        return tuple(run(cell_of(kind), weights, x, start, kept, every=True))

    def plain(x: Any, W: Any, U: Any, b: Any, inner: Any, h: Any, c: Any) -> Any:
        cells = {
            "simple": simple_cell(U, jnp.tanh),
            "relu": simple_cell(U, jax.nn.relu),
            "lstm": lstm_cell(U),
            "gru": gru_cell(U, inner),
        }
        return by_steps(cells[kind], x @ W + b, (h, c) if kind == "lstm" else (h,), kept)

    return ours, plain


def drawn(kind: str, t: int, n: int, k: int, p: int, rng: np.random.Generator) -> tuple[Any, ...]:
    g = KINDS[kind] * k
    sizes = ((t, n, p), (p, g), (k, g), (g,), (k,), (n, k), (n, k))
    return tuple(jnp.asarray(rng.normal(size=size)) for size in sizes)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("t", "entries"), [(1, ENTRIES), (3, ENTRIES), (11, ENTRIES), (19, 1), (24, 1)])
def test_outputs_last_carry_and_gradients(
    monkeypatch: pytest.MonkeyPatch, kind: str, masked: bool, t: int, entries: int
) -> None:
    """Steps written out, in one loop, and in blocks with and without a shorter one."""
    monkeypatch.setattr(recurrence, "ENTRIES", entries)
    n, k, p = 2, 3, 2
    rng = np.random.default_rng(t)
    with jax.enable_x64(True):
        arguments = drawn(kind, t, n, k, p, rng)
        kept = jnp.asarray(rng.random((t, n)) < 0.6) if masked else None
        ours, plain = both(kind, kept)
        weights = jnp.asarray(rng.normal(size=(t, n, k)))

        def total(function: Callable[..., Any]) -> Callable[..., Any]:
            def value(*arguments: Any) -> Any:
                outputs, last = function(*arguments)
                return jnp.sum(weights * outputs) + sum(jnp.sum(jnp.sin(part)) for part in last)

            return value

        found, expected = (
            jax.jit(lambda *a, f=f: (f(*a), jax.grad(total(f), argnums=tuple(range(7)))(*a)))(*arguments)
            for f in (ours, plain)
        )
        for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_finite_differences(kind: str) -> None:
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        arguments = drawn(kind, 4, 2, 2, 3, rng)
        kept = jnp.asarray([[False, True], [True, True], [True, False], [True, True]])
        check_grads(jax.jit(lambda *a: both(kind, kept)[0](*a)[0]), arguments, order=1, modes=["rev"])
