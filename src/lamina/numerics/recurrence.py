"""Recurrence over the steps of sequences: simple, LSTM and GRU cells, time first, with gradients of their own.

What does not depend on the step before is done for all steps at once, outside the loop: the products with the inputs
beforehand, those for the gradients of the weights afterwards. A step keeps one product with the recurrent weights and the
element-wise work of the cell. On a CPU the time goes into that work and into writing what the gradient needs: sigmoids are
written as tanh, so that all gates are one function of one array, and gates are kept apart, since a slice of a wide array
costs more than it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax

Array = Any
Activation = Callable[[Array], Array]

WRITTEN_OUT = 8
"""Sequences of at most so many steps are written out; longer ones are a loop."""


class Run(NamedTuple):
    """A layer's pass over sequences.

    Attributes
    ----------
    outputs
        Of every step, (t, n, k).
    last
        What is carried after the last step, each (n, k): the output first, then an LSTM's memory.
    """

    outputs: Array
    last: tuple[Array, ...]


def simple(z: Array, recurrent: Array, start: Array, kept: Array | None, activation: Activation) -> Run:
    r"""A simple recurrent layer over what its inputs give, z (t, n, k).

    .. math:: A_l = g(z_l + A_{l-1} U)

    Parameters
    ----------
    recurrent
        U (k, k).
    start
        :math:`A_0` (n, k).
    kept
        Which steps count, (t, n); at the others :math:`A_l = A_{l-1}`. None takes all.

    >>> z = jnp.ones((3, 1, 1))
    >>> simple(z, jnp.array([[0.5]]), jnp.zeros((1, 1)), None, lambda v: v).outputs.ravel().tolist()
    [1.0, 1.5, 1.75]
    """
    return Run(*_simple(z, recurrent, start, _share(kept, z), activation))


def lstm(z: Array, recurrent: Array, start: tuple[Array, Array], kept: Array | None) -> Run:
    r"""A long short-term memory over what its inputs give, z (t, n, 4k), for the gates i, f, g, o in this order.

    .. math:: (i, f, g, o) = (\sigma, \sigma, \tanh, \sigma)(z_l + h_{l-1} U), \qquad
        c_l = f c_{l-1} + i g, \qquad h_l = o \tanh c_l

    Source: Hochreiter and Schmidhuber 1997; Gers, Schmidhuber and Cummins 2000 for f.
    """
    return Run(*_lstm(z, recurrent, start, _share(kept, z)))


def gru(z: Array, recurrent: Array, bias: Array, start: Array, kept: Array | None) -> Run:
    r"""A gated recurrent unit over what its inputs give, z (t, n, 3k), for r, u, m in this order.

    .. math:: (r, u) = \sigma(z_l + h_{l-1} U), \qquad m = \tanh(z_l + r (h_{l-1} U + b)), \qquad h_l = u h_{l-1} + (1 - u) m

    Source: Cho et al. 2014, in the form in which all products with h come first (cuDNN's, PyTorch's and Keras').
    """
    return Run(*_gru(z, recurrent, bias, start, _share(kept, z)))


def _share(kept: Array | None, z: Array) -> Array | None:
    """One where a step counts and zero where not, (t, n, 1)."""
    return None if kept is None else kept[:, :, None].astype(z.dtype)


def _over(step: Callable[..., Any], start: Any, given: Any, length: int, *, reverse: bool = False) -> Any:
    return lax.scan(step, start, given, reverse=reverse, unroll=length if length <= WRITTEN_OUT else 1)


def _chosen(share: Array | None, new: Array, old: Array) -> Array:
    return new if share is None else old + share * (new - old)


def _before(outputs: Array, start: Array) -> Array:
    return jnp.concatenate([start[None], outputs[:-1]])


def _weight_gradient(before: Array, errors: Array) -> Array:
    """Sum over steps and rows of h' e."""
    return before.reshape(-1, before.shape[-1]).T @ errors.reshape(-1, errors.shape[-1])


# The simple cell.


@functools.partial(jax.custom_vjp, nondiff_argnums=(4,))
def _simple(
    z: Array, recurrent: Array, start: Array, share: Array | None, activation: Activation
) -> tuple[Array, tuple[Array]]:
    return _simple_saving(z, recurrent, start, share, activation)[0]


def _simple_saving(
    z: Array, recurrent: Array, start: Array, share: Array | None, activation: Activation
) -> tuple[tuple[Array, tuple[Array]], Any]:
    def step(h: Array, given: tuple[Array, Array | None]) -> tuple[Array, tuple[Array, Array]]:
        z, share = given
        total = z + h @ recurrent
        h = _chosen(share, activation(total), h)
        return h, (h, total)

    last, (outputs, totals) = _over(step, start, (z, share), len(z))
    return (outputs, (last,)), (outputs, totals, recurrent, start, share)


def _simple_backward(activation: Activation, saved: Any, errors: tuple[Array, tuple[Array]]) -> Any:
    outputs, totals, recurrent, start, share = saved
    transposed = recurrent.T

    def step(later: Array, given: tuple[Array, Array, Array | None]) -> tuple[Array, Array]:
        error, total, share = given
        error = error + later
        by_total = jax.vjp(activation, total)[1](error if share is None else share * error)[0]
        earlier = by_total @ transposed
        return earlier if share is None else earlier + (1 - share) * error, by_total

    by_start, by_z = _over(step, errors[1][0], (errors[0], totals, share), len(totals), reverse=True)
    return by_z, _weight_gradient(_before(outputs, start), by_z), by_start, _none(share)


_simple.defvjp(_simple_saving, _simple_backward)


def _none(share: Array | None) -> Array | None:
    """The mask has no gradient."""
    return None if share is None else jnp.zeros_like(share)


# The LSTM cell.


def _halved(array: Array, k: int, tanh_at: int) -> Array:
    """Arguments of the gates, those of sigmoids halved: sigmoid(z) = (1 + tanh(z / 2)) / 2."""
    gates = array.shape[-1] // k
    factor = jnp.concatenate(
        [jnp.full(k, 1.0 if gate == tanh_at else 0.5, array.dtype) for gate in range(gates)]
    )
    return array * factor


def _sigmoid_of(t: Array) -> Array:
    return 0.5 + 0.5 * t


_in_memory: Callable[[Any], Any] = lax.optimization_barrier


def _gates(total: Array, k: int) -> list[Array]:
    """tanh of all arguments in one go, and its parts."""
    both = _in_memory(jnp.tanh(total))
    return [both[:, gate * k : (gate + 1) * k] for gate in range(total.shape[-1] // k)]


@jax.custom_vjp
def _lstm(
    z: Array, recurrent: Array, start: tuple[Array, Array], share: Array | None
) -> tuple[Array, tuple[Array, Array]]:
    found: tuple[Array, tuple[Array, Array]] = _lstm_saving(z, recurrent, start, share)[0]
    return found


def _lstm_saving(z: Array, recurrent: Array, start: tuple[Array, Array], share: Array | None) -> Any:
    k = recurrent.shape[0]
    z, inside = _halved(z, k, 2), _halved(recurrent, k, 2)

    def step(carry: tuple[Array, Array], given: tuple[Array, Array | None]) -> Any:
        (h, c), (z, share) = carry, given
        i, f, g, o = _gates(z + h @ inside, k)
        i, f, o = _sigmoid_of(i), _sigmoid_of(f), _sigmoid_of(o)
        memory = f * c + i * g
        after = _chosen(share, o * jnp.tanh(memory), h), _chosen(share, memory, c)
        return after, (h, c, i, f, g, o)

    last, kept = _over(step, start, (z, share), len(z))
    outputs = jnp.concatenate([kept[0][1:], last[0][None]])
    return (outputs, last), (kept, recurrent, share)


def _lstm_backward(saved: Any, errors: tuple[Array, tuple[Array, Array]]) -> Any:
    kept, recurrent, share = saved
    transposed = recurrent.T

    def step(later: tuple[Array, Array], given: Any) -> tuple[tuple[Array, Array], Array]:
        error, (_, c, i, f, g, o), share = given
        by_h, by_c = later[0] + error, later[1]
        passed_h, passed_c = by_h, by_c
        if share is not None:
            by_h, by_c = share * by_h, share * by_c
        t = jnp.tanh(f * c + i * g)
        by_c = by_c + by_h * o * (1 - t * t)
        by_z = jnp.concatenate(
            [by_c * g * i * (1 - i), by_c * c * f * (1 - f), by_c * i * (1 - g * g), by_h * t * o * (1 - o)],
            axis=-1,
        )
        earlier = by_z @ transposed, by_c * f
        if share is not None:
            earlier = earlier[0] + (1 - share) * passed_h, earlier[1] + (1 - share) * passed_c
        return earlier, by_z

    by_start, by_z = _over(step, errors[1], (errors[0], kept, share), len(kept[0]), reverse=True)
    return by_z, _weight_gradient(kept[0], by_z), by_start, _none(share)


_lstm.defvjp(_lstm_saving, _lstm_backward)


# The GRU cell.


@jax.custom_vjp
def _gru(
    z: Array, recurrent: Array, bias: Array, start: Array, share: Array | None
) -> tuple[Array, tuple[Array]]:
    found: tuple[Array, tuple[Array]] = _gru_saving(z, recurrent, bias, start, share)[0]
    return found


def _gru_saving(z: Array, recurrent: Array, bias: Array, start: Array, share: Array | None) -> Any:
    k = recurrent.shape[0]

    def step(h: Array, given: tuple[Array, Array | None]) -> Any:
        z, share = given
        inside = h @ recurrent
        r, u = _gates(0.5 * (z[:, : 2 * k] + inside[:, : 2 * k]), k)
        r, u = _sigmoid_of(r), _sigmoid_of(u)
        q = inside[:, 2 * k :] + bias
        m = jnp.tanh(z[:, 2 * k :] + r * q)
        return _chosen(share, u * h + (1 - u) * m, h), (h, r, u, m, q)

    last, kept = _over(step, start, (z, share), len(z))
    outputs = jnp.concatenate([kept[0][1:], last[None]])
    return (outputs, (last,)), (kept, recurrent, share)


def _gru_backward(saved: Any, errors: tuple[Array, tuple[Array]]) -> Any:
    kept, recurrent, share = saved
    transposed = recurrent.T

    def step(later: Array, given: Any) -> tuple[Array, tuple[Array, Array]]:
        error, (h, r, u, m, q), share = given
        whole = later + error
        by_h = whole if share is None else share * whole
        by_m = by_h * (1 - u) * (1 - m * m)
        by_q = by_m * r
        by_ru = [by_m * q * r * (1 - r), by_h * (h - m) * u * (1 - u)]
        by_z = jnp.concatenate([*by_ru, by_m], axis=-1)
        by_inside = jnp.concatenate([*by_ru, by_q], axis=-1)
        earlier = by_inside @ transposed + by_h * u
        if share is not None:
            earlier = earlier + (1 - share) * whole
        return earlier, (by_z, by_inside)

    by_start, (by_z, by_inside) = _over(
        step, errors[1][0], (errors[0], kept, share), len(kept[0]), reverse=True
    )
    k = recurrent.shape[0]
    by_bias = jnp.sum(by_inside[:, :, 2 * k :], axis=(0, 1))
    return by_z, _weight_gradient(kept[0], by_inside), by_bias, by_start, _none(share)


_gru.defvjp(_gru_saving, _gru_backward)
