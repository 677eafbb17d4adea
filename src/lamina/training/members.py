"""The compiled population: the steps and epochs of one fit, with one more axis for the members.

Members go through their epochs together. What they share has no member axis, so that XLA sees one matrix product where there is
one: rows and their order above all. A member computes what its lone fit computes, to rounding.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.layers.base import Context, Layer, traced_values
from lamina.numerics.pixels import as_numbers
from lamina.numerics.random import random_order
from lamina.training.haste import Hastily
from lamina.training.optimizers import Optimizer
from lamina.training.program import (
    Carry,
    Learner,
    Numbers,
    Program,
    Rows,
    finish_epoch,
    fresh_carry,
    order_key,
    step,
)

Array = Any


@dataclass(frozen=True)
class Sharing:
    """What the members of one call have in common: those arrays have no member axis.

    Attributes
    ----------
    rows, weights
        Rows x, y with their number; their weights.
    key
        The seed, and with it the order of the rows and every mask.
    start
        The initial parameters.
    picks
        Whether each member takes the rows at its own indices.
    freezes
        Whether members may end before the last epoch, and must then stay as they are.
    """

    rows: bool = True
    weights: bool = True
    key: bool = True
    start: bool = True
    picks: bool = False
    freezes: bool = False

    @property
    def order(self) -> bool:
        """Whether one order of the rows serves all members."""
        return self.rows and self.key and not self.picks


def _axis(shared: bool) -> int | None:
    return None if shared else 0


def _rows_axes(sharing: Sharing) -> Rows:
    whole = _axis(sharing.rows)
    return Rows(whole, whole, _axis(sharing.rows and sharing.weights), whole)


def _numbers_axes(sharing: Sharing) -> Numbers:
    return Numbers(_axis(sharing.key), 0, 0, 0, 0, 0, None)  # type: ignore[arg-type]


_CARRY_AXES = Carry(*[None if name in ("step", "order") else 0 for name in Carry._fields])  # type: ignore[arg-type]


@functools.partial(Hastily, static_argnums=(0, 1, 2, 3))
@functools.partial(jax.jit, static_argnums=(0, 1, 2, 3))
def start_members(
    optimizer: Optimizer,
    keeps_best: bool,
    sharing: Sharing,
    size: int,
    parameters: Any,
    state: Any,
    numbers: Numbers,
) -> Carry:
    """The carry of ``size`` members before their first step."""

    def one(parameters: Any, state: Any, numbers: Numbers) -> Carry:
        return fresh_carry(optimizer, parameters, state, numbers, 0, keeps_best)

    axis = _axis(sharing.start)
    started: Carry = jax.vmap(
        one, in_axes=(axis, axis, _numbers_axes(sharing)), out_axes=_CARRY_AXES, axis_size=size
    )(parameters, state, numbers)
    return started


@functools.partial(jax.jit, static_argnums=(0, 1), donate_argnums=2)
def advance_members(
    program: Program,
    sharing: Sharing,
    carry: Carry,
    rows: Rows,
    validation: Rows | None,
    numbers: Numbers,
    picks: Array | None,
    ends: Array,
    steps: Array,
    until: Array,
) -> Carry:
    """Run every member to epoch ``until``.

    Parameters
    ----------
    picks
        Indices of each member's rows, shape (members, padded), or None.
    ends
        Epochs that each member runs, shape (members,).
    steps
        Steps of an epoch, the same for all.
    """
    rows_axes, numbers_axes = _rows_axes(sharing), _numbers_axes(sharing)
    validation_axes = _axis(sharing.rows)
    order_axis = _axis(sharing.order)

    def one_epoch(carry: Carry) -> Carry:
        epoch = carry.step // steps
        order = _orders(program, sharing, rows, numbers, picks, epoch)

        def one_step(index: Array, learner: Learner) -> Learner:
            def of_member(rows: Rows, numbers: Numbers, order: Array, learner: Learner) -> Learner:
                return step(program, rows, numbers, order, steps, epoch, index, learner)

            in_axes = (rows_axes, numbers_axes, order_axis, 0)
            moved: Learner = jax.vmap(of_member, in_axes=in_axes)(rows, numbers, order, learner)
            return moved

        def finish(carry: Carry, rows: Rows, validation: Rows | None, numbers: Numbers) -> Carry:
            return finish_epoch(program, carry, rows, validation, numbers, epoch)

        learner = lax.fori_loop(0, steps, one_step, carry.learner)
        after: Carry = jax.vmap(
            finish, in_axes=(_CARRY_AXES, rows_axes, validation_axes, numbers_axes), out_axes=_CARRY_AXES
        )(carry._replace(learner=learner), rows, validation, numbers)
        after = _keep_ended(sharing, carry, after, ends > epoch)
        return after._replace(step=carry.step + steps)

    advanced: Carry = lax.while_loop(lambda carry: carry.step < until * steps, one_epoch, carry)
    return advanced


advance_members_hastily = Hastily(advance_members, static_argnums=(0, 1), donate_argnums=2)
"""The same, by a program that is compiled sooner and runs more slowly."""


def _orders(
    program: Program, sharing: Sharing, rows: Rows, numbers: Numbers, picks: Array | None, epoch: Array
) -> Array:
    """Order of an epoch, shape (padded,) if all members share it, else (members, padded)."""
    size = rows.weights.shape[-1] if picks is None else picks.shape[-1]

    def of_member(n: Array, key_data: Array, picks: Array | None) -> Array:
        order = jnp.arange(size, dtype=jnp.int32)
        if program.shuffles and program.batch is not None:
            order = random_order(order_key(key_data, epoch), size, n)
        order = order if picks is None else picks[order]
        return jnp.pad(order, (0, 0 if program.batch is None else -size % program.batch))

    if sharing.order:
        return of_member(rows.n, numbers.key, None)
    axes = (_axis(sharing.rows), _axis(sharing.key), _axis(picks is None))
    members = len(numbers.epochs)
    return jax.vmap(of_member, in_axes=axes, axis_size=members)(rows.n, numbers.key, picks)


def _keep_ended(sharing: Sharing, before: Carry, after: Carry, running: Array) -> Carry:
    """Members that had ended stay as they were; one that diverged has, whatever its numbers do next."""
    if not sharing.freezes:
        return after._replace(
            stopped=before.stopped | after.stopped, diverged=before.diverged | after.diverged
        )
    running = running & ~before.stopped

    def chosen(new: Array, old: Array) -> Array:
        return jnp.where(running.reshape(-1, *[1] * (new.ndim - 1)), new, old)

    kept = {
        name: jax.tree.map(chosen, getattr(after, name), getattr(before, name))
        for name in Carry._fields
        if name not in ("step", "order")
    }
    return after._replace(**kept)


@functools.partial(Hastily, static_argnums=(0, 1))
@functools.partial(jax.jit, static_argnums=(0, 1))
def apply_members(
    network: Layer, shares_rows: bool, parameters: Any, state: Any, x: Array, hyperparameters: Any
) -> Array:
    """Output of each member for rows ``x``, shape (members, n, outputs); no dropout, no noise."""

    def one(parameters: Any, state: Any, x: Array, hyperparameters: Any) -> Array:
        x = as_numbers(x, parameters)
        return network.apply(parameters, state, x, Context(hyperparameters=hyperparameters))[0]

    return jax.vmap(one, in_axes=(0, 0, _axis(shares_rows), 0))(parameters, state, x, hyperparameters)


def stacked_values(networks: Sequence[Layer], dtype: Any) -> dict[str, np.ndarray]:
    """The traced hyperparameters of networks of one structure, each of shape (members,)."""
    values = [traced_values(network) for network in networks]
    return {name: np.array([value[name] for value in values], dtype) for name in values[0]}


@jax.jit
def select_members(tree: Any, places: Array) -> Any:
    """The members at ``places`` of every array that has a member axis."""
    return jax.tree.map(lambda leaf: leaf[places], tree)
