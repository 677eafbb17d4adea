"""The compiled fit: one XLA program that runs any number of steps, within or across epochs.

The program is a pure function of (program, carry, data, numbers). Everything that may differ between the members of a population
(key, learning rate, penalties, dropout rates, row weights) is an argument; everything that shapes the computation is in
:class:`Program`, a hashable value that keys JAX's cache of compiled programs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.layers.base import Context, frozen_paths, join
from lamina.networks.summary import rows_at_a_time
from lamina.numerics.random import derive, random_order
from lamina.numerics.sparse import is_sparse
from lamina.training.factors import factor_of_each
from lamina.training.haste import Hastily
from lamina.training.objective import Objective
from lamina.training.optimizers import Optimizer

Array = Any
HISTORY = 256
"""Epochs whose losses the carry can hold; the host collects them before they are overwritten."""


@dataclass(frozen=True)
class Program:
    """What the computation looks like; traced numbers are at their template values.

    Attributes
    ----------
    batch
        Rows a step, or None for all rows at once.
    clips, shuffles
        Whether gradients are clipped and epochs reordered.
    whole_batches
        Whether each mini-batch counts as a data set of its own: its loss is the mean by weight, the penalties are divided by
        its total weight, and the last, shorter one's update is not scaled (scikit-learn's convention).
    end_of_epoch
        What to do after each epoch in place of the usual: a hashable function of (program, carry, rows, validation,
        numbers, epoch) that returns the new carry.
    keeps_best
        Whether the parameters of the best epoch are kept; without them the carry has none, and whether the last step of an
        epoch left finite parameters shows in the loss of the next, or to whoever takes them.
    """

    objective: Objective
    optimizer: Optimizer
    batch: int | None
    clips: bool = False
    shuffles: bool = True
    whole_batches: bool = False
    end_of_epoch: Callable[..., Carry] | None = None
    keeps_best: bool = True


class Rows(NamedTuple):
    """Rows padded to a size shared by many data sets; ``n`` are real and come first.

    ``weights`` have mean one over the real rows and are zero beyond.
    """

    x: Array
    y: Array
    weights: Array
    n: Array


class Numbers(NamedTuple):
    """Traced settings of one fit: its key, hyperparameters by path, and orders of epochs where the host draws them."""

    key: Array
    hyperparameters: dict[str, Array]
    epochs: Array
    patience: Array
    min_improvement: Array
    clip_norm: Array
    orders: Array | None = None


class Learner(NamedTuple):
    """What a step changes."""

    parameters: Any
    state: Any
    optimizer_state: Any
    loss_sum: Array
    penalty_sum: Array


class Carry(NamedTuple):
    """Everything that lives between steps; a fit can be stopped and resumed from it."""

    learner: Learner
    step: Array
    order: Array
    best: Any
    best_score: Array
    best_epoch: Array
    wait: Array
    stopped: Array
    diverged: Array
    losses: Array
    penalties: Array
    validation_losses: Array


@functools.partial(Hastily, static_argnums=0)
@functools.partial(jax.jit, static_argnums=0)
def start(program: Program, parameters: Any, state: Any, rows: Rows, numbers: Numbers) -> Carry:
    """The carry before the first step."""
    length = order_length(program, rows)
    return fresh_carry(program.optimizer, parameters, state, numbers, length, program.keeps_best)


def fresh_carry(
    optimizer: Optimizer, parameters: Any, state: Any, numbers: Numbers, length: int, keeps_best: bool
) -> Carry:
    """The carry before the first step, with room for an order of ``length`` rows."""
    dtype = jax.tree.leaves(parameters)[0].dtype
    zero = jnp.zeros((), dtype)
    whole = jnp.zeros((), jnp.int32)
    transformation = optimizer.direction(_reader(numbers, "optimizer"))
    learner = Learner(parameters, state, transformation.init(parameters), zero, zero)
    return Carry(
        learner=learner,
        step=whole,
        order=jnp.arange(length, dtype=jnp.int32),
        best=(parameters, state) if keeps_best else (),
        best_score=jnp.full((), jnp.inf, dtype),
        best_epoch=whole,
        wait=whole,
        stopped=jnp.zeros((), bool),
        diverged=jnp.zeros((), bool),
        losses=jnp.full((HISTORY,), jnp.nan, dtype),
        penalties=jnp.full((HISTORY,), jnp.nan, dtype),
        validation_losses=jnp.full((HISTORY,), jnp.nan, dtype),
    )


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def advance(
    program: Program, carry: Carry, rows: Rows, validation: Rows | None, numbers: Numbers, until: Array
) -> Carry:
    """Run from ``carry.step`` to step ``until``, or to where the fit stops of itself."""
    steps_per_epoch = steps_in_epoch(program, rows.n)

    def part_of_epoch(carry: Carry) -> Carry:
        epoch = carry.step // steps_per_epoch
        before = epoch * steps_per_epoch
        first, end = carry.step - before, jnp.minimum(until - before, steps_per_epoch)
        carry = carry._replace(order=_order(program, carry, rows, numbers, epoch, first))
        one = functools.partial(step, program, rows, numbers, carry.order, steps_per_epoch, epoch)
        carry = carry._replace(learner=lax.fori_loop(first, end, one, carry.learner), step=before + end)
        after: Carry = lax.cond(
            end == steps_per_epoch,
            lambda carry: finish_epoch(program, carry, rows, validation, numbers, epoch),
            lambda carry: carry,
            carry,
        )
        return after

    def unfinished(carry: Carry) -> Array:
        return (carry.step < until) & ~carry.stopped

    finished: Carry = lax.while_loop(unfinished, part_of_epoch, carry)
    return finished


advance_hastily = Hastily(advance, static_argnums=0, donate_argnums=1)
"""The same, by a program that is compiled sooner and runs more slowly."""


def steps_in_epoch(program: Program, n: Array) -> Array:
    """Mini-batches that use each of ``n`` rows once, the last perhaps shorter."""
    return jnp.ones_like(n) if program.batch is None else -(-n // program.batch)


def order_length(program: Program, rows: Rows) -> int:
    if program.batch is None:
        return 0
    padded = int(rows.weights.shape[0])
    return -(-padded // program.batch) * program.batch


def _order(program: Program, carry: Carry, rows: Rows, numbers: Numbers, epoch: Array, first: Array) -> Array:
    if program.batch is None or not program.shuffles:
        return carry.order
    if numbers.orders is not None:
        return numbers.orders[epoch % numbers.orders.shape[0]]

    def draw(order: Array) -> Array:
        padded = rows.weights.shape[0]
        return order.at[:padded].set(random_order(order_key(numbers.key, epoch), padded, rows.n))

    return lax.cond(first == 0, draw, lambda order: order, carry.order)


def order_key(key_data: Array, epoch: Array) -> Array:
    """The key of the order of an epoch."""
    return derive(derive(_root(key_data), 0), epoch)


def step(
    program: Program,
    rows: Rows,
    numbers: Numbers,
    order: Array,
    steps_per_epoch: Array,
    epoch: Array,
    index: Array,
    learner: Learner,
) -> Learner:
    batch = _batch(program, rows, order, index)
    return learn(program, numbers, batch, steps_per_epoch, epoch, index, learner)


def learn(
    program: Program,
    numbers: Numbers,
    batch: tuple[Array, Array, Array, Array],
    steps_per_epoch: Array,
    epoch: Array,
    index: Array,
    learner: Learner,
) -> Learner:
    """One step on a mini-batch: its x, y and weights, and how many rows of it are real."""
    x, y, weights, count = batch
    context = Context(
        root=_root(numbers.key),
        streams=(1, epoch, index),
        training=True,
        hyperparameters=numbers.hyperparameters,
        weights=weights,
    )
    dtype = weights.dtype
    count = count.astype(dtype)

    def objective(parameters: Any) -> tuple[Array, tuple[Array, Array, Any]]:
        losses, state = program.objective.rows(parameters, learner.state, x, y, context)
        total = jnp.sum(weights * losses)
        penalty = program.objective.penalty(parameters, numbers.hyperparameters)
        if program.whole_batches:
            size = jnp.sum(weights)
            total, penalty = total * (count / size), penalty / size
        return total / count + penalty, (total, jnp.asarray(penalty, dtype), state)

    gradient, (total, penalty, state) = jax.grad(objective, has_aux=True)(learner.parameters)
    if program.clips:
        gradient = _clip(gradient, numbers.clip_norm)
    transformation = program.optimizer.direction(_reader(numbers, "optimizer"))
    direction, optimizer_state = transformation.update(gradient, learner.optimizer_state, learner.parameters)
    time = epoch.astype(dtype) + index.astype(dtype) / steps_per_epoch.astype(dtype)
    rate = program.optimizer.rate(_reader(numbers, "optimizer"), time, numbers.epochs.astype(dtype))
    share = 1.0 if program.batch is None or program.whole_batches else count / program.batch
    scale = (rate * share).astype(dtype)
    return Learner(
        _moved(learner.parameters, direction, scale, program),
        state,
        optimizer_state,
        learner.loss_sum + total,
        learner.penalty_sum + penalty * count if program.objective.penalties else learner.penalty_sum,
    )


def _moved(parameters: Any, direction: Any, scale: Array, program: Program) -> Any:
    """The parameters after a step; those whose factor is zero are the same arrays, whatever their direction."""
    frozen = frozen_paths(program.objective.network, parameters)
    pairs = (*program.optimizer.factors, *((path, 0.0) for path in frozen))
    if not pairs:
        return jax.tree.map(lambda p, d: p - scale * d, parameters, direction)
    factors = factor_of_each(parameters, pairs)
    return jax.tree.map(lambda p, d, f: p - (scale * f) * d if f else p, parameters, direction, factors)


def _batch(program: Program, rows: Rows, order: Array, index: Array) -> tuple[Array, Array, Array, Array]:
    if program.batch is None:
        return rows.x, rows.y, rows.weights, rows.n
    first = index * program.batch
    chosen = lax.dynamic_slice(order, (first,), (program.batch,))
    count = jnp.minimum(program.batch, rows.n - first)
    weights = jnp.where(jnp.arange(program.batch) < count, rows.weights[chosen], 0)
    x = jax.tree.map(lambda leaf: leaf[chosen], rows.x, is_leaf=is_sparse)
    return x, rows.y[chosen], weights, count


def finish_epoch(
    program: Program, carry: Carry, rows: Rows, validation: Rows | None, numbers: Numbers, epoch: Array
) -> Carry:
    if program.end_of_epoch is not None:
        return program.end_of_epoch(program, carry, rows, validation, numbers, epoch)
    learner = carry.learner
    watched = (
        None
        if validation is None
        else mean_loss(program, learner.parameters, learner.state, validation, numbers)
    )
    return close_epoch(program, carry, rows.n, watched, numbers, epoch)


def close_epoch(
    program: Program, carry: Carry, n: Array, watched: Array | None, numbers: Numbers, epoch: Array
) -> Carry:
    """The carry after an epoch of ``n`` rows, with the mean loss on the rows to watch where there are any."""
    learner = carry.learner
    n = n.astype(learner.loss_sum.dtype)
    loss, penalty = learner.loss_sum / n, learner.penalty_sum / n
    score = loss + penalty
    slot = epoch % HISTORY
    validation_losses = carry.validation_losses
    if watched is not None:
        score = watched
        validation_losses = validation_losses.at[slot].set(score)
    finite = jnp.isfinite(loss) & jnp.isfinite(score)
    if program.keeps_best:
        finite = finite & _all_finite(learner.parameters)
    better = finite & (score < carry.best_score - numbers.min_improvement.astype(score.dtype))
    now = (learner.parameters, learner.state) if program.keeps_best else ()
    wait = jnp.where(better, 0, carry.wait + 1)
    zero = jnp.zeros_like(loss)
    return carry._replace(
        learner=learner._replace(loss_sum=zero, penalty_sum=zero),
        best=jax.tree.map(lambda new, old: jnp.where(better, new, old), now, carry.best),
        best_score=jnp.where(better, score, carry.best_score),
        best_epoch=jnp.where(better, epoch + 1, carry.best_epoch),
        wait=wait,
        stopped=~finite | (wait >= numbers.patience),
        diverged=~finite,
        losses=carry.losses.at[slot].set(loss),
        penalties=carry.penalties.at[slot].set(penalty),
        validation_losses=validation_losses,
    )


def mean_loss(program: Program, parameters: Any, state: Any, rows: Rows, numbers: Numbers) -> Array:
    """Weighted mean loss over rows, as at prediction (no dropout, no noise)."""
    context = Context(hyperparameters=numbers.hyperparameters)

    def total(block: tuple[Array, Array, Array]) -> Array:
        x, y, weights = block
        losses, _ = program.objective.rows(parameters, state, x, y, context)
        return jnp.sum(jnp.where(weights > 0, weights * losses, 0))

    blocks = (rows.x, rows.y, rows.weights)
    padded = rows.weights.shape[0]
    if is_sparse(rows.x):  # what it becomes behind the first layer is small
        return total(blocks) / jnp.sum(rows.weights)
    # Large validation sets go through in blocks, so that their activations need not be in memory at once.
    most = rows_at_a_time(program.objective.network, tuple(jax.tree.leaves(rows.x)[0].shape[1:]), 4096)
    size = min(1024, most)
    if padded > most and padded % size == 0:
        blocks = jax.tree.map(lambda leaf: leaf.reshape(-1, size, *leaf.shape[1:]), blocks)
        return jnp.sum(lax.map(total, blocks)) / jnp.sum(rows.weights)
    return total(blocks) / jnp.sum(rows.weights)


def _all_finite(tree: Any) -> Array:
    return jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(tree)]))


def _clip(gradient: Any, largest: Array) -> Any:
    norm = jnp.sqrt(sum(jnp.sum(jnp.square(leaf)) for leaf in jax.tree.leaves(gradient)))
    scale = jnp.minimum(1.0, largest.astype(norm.dtype) / jnp.maximum(norm, np.finfo(norm.dtype).tiny))
    return jax.tree.map(lambda leaf: leaf * scale, gradient)


def _root(key_data: Array) -> Array:
    return jax.random.wrap_key_data(key_data, impl="threefry2x32")


def _reader(numbers: Numbers, owner: str) -> Any:
    return lambda name, own: numbers.hyperparameters.get(join(owner, name), own)
