"""Recurrence step by step, every value on the way kept: slower than the blocks, and what the tape looks at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jax import lax

from lamina.numerics.recurrence import Carry, Cell, Run, Weights, chosen
from lamina.numerics.watching import Watch

Array = Any


def run_open(
    cell: Cell,
    weights: Weights,
    x: Array,
    start: Carry,
    kept: Array | None,
    probes: Mapping[str, Array],
) -> tuple[Run, dict[str, Array], dict[str, Array]]:
    """A pass as of :func:`lamina.numerics.recurrence.run`, the values at the cell's points, (t, n, ...), and what they open.

    Parameters
    ----------
    probes
        Zeros (t, n, ...) by the name of a point, to be added there.

    >>> import jax.numpy as jnp
    >>> from lamina.numerics.recurrence import Simple
    >>> one = Weights(jnp.ones((1, 1)), jnp.full((1, 1), 0.5), jnp.zeros(1))
    >>> found, values, _ = run_open(Simple(lambda v: v), one, jnp.ones((3, 1, 1)), (jnp.zeros((1, 1)),), None, {})
    >>> values["z"].ravel().tolist()
    [1.0, 1.5, 1.75]
    """
    share = None if kept is None else kept[:, :, None].astype(weights.recurrent.dtype)

    def step(carry: Carry, given: Any) -> tuple[Carry, tuple[Array, dict[str, Array]]]:
        x, share, probes = given
        watch = Watch(probes)
        z, s = x @ weights.inputs + weights.bias, carry[0] @ weights.recurrent
        after = chosen(share, cell.step(z, s, carry, weights.inner, watch.point), carry)
        return after, (after[0], watch.values)

    last, (outputs, values) = lax.scan(step, start, (x, share, dict(probes)))
    return Run(outputs, last), values, cell.opened(values)
