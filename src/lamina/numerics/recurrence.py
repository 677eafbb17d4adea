"""Recurrence over the steps of sequences: simple, LSTM and GRU cells, time first, with a gradient of their own.

Sequences go in blocks of steps that fit a cache. What does not depend on the step before is done for all steps of a block at
once: the products with the inputs, and, on the way back, the gates anew from what was carried, the slopes of the cell and the
products for the gradients of weights. Inside the loop over steps remain one product with the recurrent weights and the
element-wise work of the cell. Between the two ways only what is carried is kept, so that neither gates nor errors travel
through memory.
"""

from __future__ import annotations

import functools
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

from lamina.numerics.watching import Point, unseen

Array = Any
Carry = tuple[Array, ...]
Activation = Callable[[Array], Array]

WRITTEN_OUT = 8
"""Blocks of at most so many steps are written out; longer ones are a loop."""
ENTRIES = 1 << 18
"""Numbers that the gates of a block may have: 1 MiB in single precision."""


class Weights(NamedTuple):
    """Of a recurrent layer.

    Attributes
    ----------
    inputs
        W (p, g k) for g gates of k units.
    recurrent
        U (k, g k).
    bias
        b (g k,).
    inner
        A bias inside the candidate of a GRU, (k,); None for the others.
    """

    inputs: Array
    recurrent: Array
    bias: Array
    inner: Array | None = None


class Run(NamedTuple):
    """A layer's pass over sequences.

    Attributes
    ----------
    outputs
        Of every step, (t, n, k), or None where only the last was asked for.
    last
        What is carried after the last step, each (n, k): the output first, then an LSTM's memory.
    """

    outputs: Array | None
    last: Carry


@dataclass(frozen=True)
class Cell(ABC):
    """What happens at a step: given z = x W + b and s = h U.

    Attributes
    ----------
    points
        Names of the values on the way, in the order in which they are computed.
    """

    points: ClassVar[tuple[str, ...]] = ("z", "steps")

    @abstractmethod
    def step(self, z: Array, s: Array, carry: Carry, inner: Array | None, point: Point = unseen) -> Carry:
        """What is carried on; ``point`` is called with each value on the way."""

    @abstractmethod
    def opened(self, values: Mapping[str, Array]) -> dict[str, Array]:
        """Of what stood at the points of any number of steps: the gates, and the local derivatives ``slope``."""

    @abstractmethod
    def slopes(self, z: Array, s: Array, carry: Carry, inner: Array | None) -> Any:
        """What :meth:`back` needs of any number of steps at once, from what was carried to them."""

    @abstractmethod
    def back(self, slopes: Any, errors: Carry) -> tuple[Array, Array, Carry]:
        """Gradients by z and by s, and the part of the earlier carry's that does not come through s."""


@dataclass(frozen=True)
class Simple(Cell):
    r""":math:`A_l = g(z_l + A_{l-1} U)`."""

    activation: Activation

    def step(self, z: Array, s: Array, carry: Carry, inner: Array | None, point: Point = unseen) -> Carry:
        return (point("steps", self.activation(point("z", z + s))),)

    def opened(self, values: Mapping[str, Array]) -> dict[str, Array]:
        return {"slope": self._slope(values["z"])}

    def slopes(self, z: Array, s: Array, carry: Carry, inner: Array | None) -> Any:
        return self._slope(z + s)

    def _slope(self, total: Array) -> Array:
        found: Array = jax.vjp(self.activation, total)[1](jnp.ones_like(total))[0]
        return found

    def back(self, slopes: Any, errors: Carry) -> tuple[Array, Array, Carry]:
        by_z = slopes * errors[0]
        return by_z, by_z, (jnp.zeros_like(errors[0]),)


@dataclass(frozen=True)
class LongShortTerm(Cell):
    r""":math:`(i, f, g, o) = (\sigma, \sigma, \tanh, \sigma)(z + s)`, :math:`c \leftarrow f c + i g`, :math:`h = o \tanh c`."""

    points: ClassVar[tuple[str, ...]] = ("z", "memory", "steps")

    def step(self, z: Array, s: Array, carry: Carry, inner: Array | None, point: Point = unseen) -> Carry:
        i, f, g, o = self._gates(point("z", z + s))
        memory = point("memory", f * carry[1] + i * g)
        return point("steps", o * jnp.tanh(memory)), memory

    def opened(self, values: Mapping[str, Array]) -> dict[str, Array]:
        i, f, g, o = self._gates(values["z"])
        slopes = [i * (1 - i), f * (1 - f), 1 - g * g, o * (1 - o)]
        return {"gates": jnp.concatenate([i, f, g, o], axis=-1), "slope": jnp.concatenate(slopes, axis=-1)}

    def slopes(self, z: Array, s: Array, carry: Carry, inner: Array | None) -> Any:
        i, f, g, o = self._gates(z + s)
        c = carry[1]
        t = jnp.tanh(f * c + i * g)
        return g * i * (1 - i), c * f * (1 - f), i * (1 - g * g), t * o * (1 - o), o * (1 - t * t), f

    def back(self, slopes: Any, errors: Carry) -> tuple[Array, Array, Carry]:
        of_i, of_f, of_g, of_o, of_memory, f = slopes
        by_h, by_c = errors
        by_c = by_c + by_h * of_memory
        by_z = jnp.concatenate([by_c * of_i, by_c * of_f, by_c * of_g, by_h * of_o], axis=-1)
        return by_z, by_z, (jnp.zeros_like(by_h), by_c * f)

    def _gates(self, total: Array) -> list[Array]:
        i, f, g, o = _tanh_of_parts(total, (0.5, 0.5, 1.0, 0.5))
        return [_sigmoid_of(i), _sigmoid_of(f), g, _sigmoid_of(o)]


@dataclass(frozen=True)
class Gated(Cell):
    r""":math:`(r, u) = \sigma(z + s)`, :math:`m = \tanh(z + r (s + b'))`, :math:`h \leftarrow u h + (1 - u) m`."""

    points: ClassVar[tuple[str, ...]] = ("z", "candidate_z", "steps")

    def step(self, z: Array, s: Array, carry: Carry, inner: Array | None, point: Point = unseen) -> Carry:
        _, u, m, _ = self._parts(z, s, inner, point)
        return (point("steps", u * carry[0] + (1 - u) * m),)

    def opened(self, values: Mapping[str, Array]) -> dict[str, Array]:
        gates = 0.5 + 0.5 * jnp.tanh(0.5 * values["z"])
        m = jnp.tanh(values["candidate_z"])
        return {
            "gates": gates,
            "slope": gates * (1 - gates),
            "candidate": m,
            "candidate_slope": 1 - m * m,
        }

    def slopes(self, z: Array, s: Array, carry: Carry, inner: Array | None) -> Any:
        r, u, m, q = self._parts(z, s, inner)
        of_m = (1 - u) * (1 - m * m)
        return of_m * q * r * (1 - r), (carry[0] - m) * u * (1 - u), of_m, of_m * r, u

    def back(self, slopes: Any, errors: Carry) -> tuple[Array, Array, Carry]:
        by_r, by_u, of_m, of_q, u = slopes
        by_h = errors[0]
        gates = [by_h * by_r, by_h * by_u]
        by_z = jnp.concatenate([*gates, by_h * of_m], axis=-1)
        by_s = jnp.concatenate([*gates, by_h * of_q], axis=-1)
        return by_z, by_s, (by_h * u,)

    def _parts(
        self, z: Array, s: Array, inner: Array | None, point: Point = unseen
    ) -> tuple[Array, Array, Array, Array]:
        assert inner is not None
        k = inner.shape[-1]
        total = point("z", z[..., : 2 * k] + s[..., : 2 * k])
        r, u = map(_sigmoid_of, _tanh_of_parts(total, (0.5, 0.5)))
        q = s[..., 2 * k :] + inner
        return r, u, jnp.tanh(point("candidate_z", z[..., 2 * k :] + r * q)), q


def _tanh_of_parts(total: Array, factors: tuple[float, ...]) -> list[Array]:
    """tanh of each part of the last axis times its factor: one function of one array."""
    k = total.shape[-1] // len(factors)
    scale = jnp.concatenate([jnp.full(k, factor, total.dtype) for factor in factors])
    both = jnp.tanh(total * scale)
    return [both[..., part * k : (part + 1) * k] for part in range(len(factors))]


def _sigmoid_of(t: Array) -> Array:
    """sigmoid(z) = (1 + tanh(z / 2)) / 2: a CPU has a fast tanh."""
    return 0.5 + 0.5 * t


def run(cell: Cell, weights: Weights, x: Array, start: Carry, kept: Array | None, *, every: bool) -> Run:
    r"""A cell over the steps of x (t, n, p).

    Parameters
    ----------
    start
        What is carried to the first step, each (n, k).
    kept
        Which steps count, (t, n); the others leave what is carried as it is. None takes all.
    every
        Whether the outputs of all steps are wanted.

    >>> one = Weights(jnp.ones((1, 1)), jnp.full((1, 1), 0.5), jnp.zeros(1))
    >>> run(Simple(lambda v: v), one, jnp.ones((3, 1, 1)), (jnp.zeros((1, 1)),), None, every=True).outputs.ravel().tolist()
    [1.0, 1.5, 1.75]
    """
    share = None if kept is None else kept[:, :, None].astype(weights.recurrent.dtype)
    if len(x) <= WRITTEN_OUT:
        # So few steps are one piece of code to XLA, and the gradient that JAX derives of it is faster.
        (outputs, last), _ = _run_saving(cell, weights, x, start, share, every)
        return Run(outputs, last)
    outputs, last = _run(cell, weights, x, start, share, every)
    return Run(outputs, last)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0, 5))
def _run(
    cell: Cell, weights: Weights, x: Array, start: Carry, share: Array | None, every: bool
) -> tuple[Array | None, Carry]:
    found: tuple[Array | None, Carry] = _run_saving(cell, weights, x, start, share, every)[0]
    return found


def _run_saving(
    cell: Cell, weights: Weights, x: Array, start: Carry, share: Array | None, every: bool
) -> Any:
    def block(carry: Carry, given: tuple[Array, Array | None]) -> tuple[Carry, Carry]:
        x, share = given
        z = _product(x, weights.inputs) + weights.bias

        def step(carry: Carry, given: tuple[Array, Array | None]) -> tuple[Carry, Carry]:
            z, share = given
            after = cell.step(z, carry[0] @ weights.recurrent, carry, weights.inner)
            return chosen(share, after, carry), carry

        found: tuple[Carry, Carry] = _over(step, carry, (z, share), len(z))
        return found

    last, before = _in_blocks(block, start, (x, share), _steps(x, weights))
    outputs = jnp.concatenate([before[0][1:], last[0][None]]) if every else None
    return (outputs, last), (weights, x, before, share)


def _run_backward(cell: Cell, every: bool, saved: Any, errors: tuple[Array | None, Carry]) -> Any:
    weights, x, before, share = saved
    transposed = weights.recurrent.T

    def block(state: tuple[Carry, Weights], given: Any) -> tuple[tuple[Carry, Weights], Array]:
        (later, sums), (x, before, share, error) = state, given
        z, s = _product(x, weights.inputs) + weights.bias, _product(before[0], weights.recurrent)
        slopes = _in_memory(cell.slopes(z, s, before, weights.inner))

        def step(later: Carry, given: Any) -> tuple[Carry, tuple[Array, ...]]:
            slopes, share, error = given
            whole = later if error is None else (later[0] + error, *later[1:])
            counted = whole if share is None else tuple(share * part for part in whole)
            by_z, by_s, direct = cell.back(slopes, counted)
            earlier = (by_s @ transposed + direct[0], *direct[1:])
            if share is not None:
                earlier = tuple(new + (1 - share) * old for new, old in zip(earlier, whole, strict=True))
            return earlier, (by_z,) if by_s is by_z else (by_z, by_s)

        later, found = _over(step, later, (slopes, share, error), len(x), reverse=True)
        by_z, by_s = found[0], found[-1]
        inner = None
        if sums.inner is not None:
            inner = sums.inner + jnp.sum(by_s[..., -sums.inner.shape[-1] :], axis=(0, 1))
        sums = Weights(
            sums.inputs + _sum_of_products(x, by_z),
            sums.recurrent + _sum_of_products(before[0], by_s),
            sums.bias + jnp.sum(by_z, axis=(0, 1)),
            inner,
        )
        return (later, sums), _product(by_z, weights.inputs.T).astype(x.dtype)

    zeros = jax.tree.map(jnp.zeros_like, weights)
    given = (x, before, share, errors[0] if every else None)
    (by_start, by_weights), by_x = _in_blocks(
        block, (errors[1], zeros), given, _steps(x, weights), reverse=True
    )
    return by_weights, by_x, by_start, None if share is None else jnp.zeros_like(share)


_run.defvjp(_run_saving, _run_backward)
_in_memory: Callable[[Any], Any] = lax.optimization_barrier


def _product(x: Array, weights: Array) -> Array:
    """One product for all steps and rows."""
    return (x.reshape(-1, x.shape[-1]) @ weights).reshape(*x.shape[:2], -1)


def _sum_of_products(x: Array, errors: Array) -> Array:
    """Over steps and rows."""
    return x.reshape(-1, x.shape[-1]).T @ errors.reshape(-1, errors.shape[-1])


def chosen(share: Array | None, new: Carry, old: Carry) -> Carry:
    if share is None:
        return new
    return tuple(before + share * (after - before) for after, before in zip(new, old, strict=True))


def _over(step: Callable[..., Any], start: Any, given: Any, length: int, *, reverse: bool = False) -> Any:
    return lax.scan(step, start, given, reverse=reverse, unroll=length if length <= WRITTEN_OUT else 1)


def _steps(x: Array, weights: Weights) -> int:
    """Steps of a block."""
    return max(WRITTEN_OUT, ENTRIES // max(1, int(x.shape[1] * weights.recurrent.shape[1])))


def _in_blocks(
    block: Callable[..., Any], start: Any, given: Any, steps: int, *, reverse: bool = False
) -> tuple[Any, Any]:
    """A loop over blocks of ``steps``; what is left over is a shorter block at the beginning of time."""
    length = len(jax.tree.leaves(given)[0])
    if length <= steps:
        found: tuple[Any, Any] = block(start, given)
        return found
    count, rest = divmod(length, steps)
    first = jax.tree.map(lambda array: array[:rest], given)
    whole = jax.tree.map(lambda array: array[rest:].reshape(count, steps, *array.shape[1:]), given)
    state, early = start, None
    if rest and not reverse:
        state, early = block(state, first)
    state, found = lax.scan(block, state, whole, reverse=reverse)
    found = jax.tree.map(lambda array: array.reshape(count * steps, *array.shape[2:]), found)
    if rest and reverse:
        state, early = block(state, first)
    if early is not None:
        found = jax.tree.map(lambda a, b: jnp.concatenate([a, b]), early, found)
    return state, found
