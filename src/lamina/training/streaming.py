"""A fit on more rows than memory: blocks of mini-batches are gathered in the background while the device computes.

The steps are those of :mod:`lamina.training.program`, with the same random numbers and the same order of rows, so that the
outcome equals that of a fit in memory to rounding. Two blocks are in memory at a time.
"""

from __future__ import annotations

import dataclasses
import functools
import time
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.data.streaming import StoredRows
from lamina.errors import SpecificationError
from lamina.layers.base import Parameters, State
from lamina.numerics.random import random_order
from lamina.training.fitted import Fitted
from lamina.training.history import History
from lamina.training.host import Host
from lamina.training.interrupt import InterruptFlag
from lamina.training.loop import (
    Seen,
    _collect,
    _first_chunk,
    _next_chunk,
    _outcome,
    _resume,
    _see,
    _why,
    step_seconds,
)
from lamina.training.padding import aligned_zeros, padded_size
from lamina.training.program import (
    Carry,
    Numbers,
    Program,
    Rows,
    close_epoch,
    fresh_carry,
    learn,
    mean_loss,
    order_key,
)
from lamina.training.progress import ProgressBar
from lamina.training.settings import Settings

Array = Any
T = TypeVar("T")
BLOCK_BYTES = 64 << 20
"""Most bytes of a block's rows, unless one mini-batch has more."""
BLOCK_STEPS = 64
"""Most mini-batches of a block."""
WATCHED_ROWS = 8192
"""Most rows of a block of rows to watch."""


class Block(NamedTuple):
    """Rows of some mini-batches that follow one another, padded to whole ones.

    Attributes
    ----------
    x, y, weights
        Of the rows.
    epoch, first, end
        Which steps of which epoch they are for.
    """

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    epoch: int
    first: int
    end: int


def stored_rows(x: StoredRows, y: np.ndarray, weights: np.ndarray | None) -> Rows:
    """Rows of which x stays on the disk; weights as :func:`lamina.training.padding.pad_rows` makes them, without padding."""
    if weights is not None:
        kept = weights > 0
        x, y, weights = x[kept], y[kept], weights[kept]
        weights = weights * (len(y) / weights.sum())
    dtype = x.dtype if x.dtype.kind == "f" else np.float32
    return Rows(x, y, np.ones(len(y), dtype) if weights is None else weights.astype(dtype), np.int32(len(y)))


def check_streamable(program: Program, settings: Settings, n: int) -> Program:
    """The program of a streamed fit.

    Raises
    ------
    SpecificationError
        The settings need all rows at once.
    """
    if program.batch is not None:
        return program
    if settings.batch_size is None or settings.batch_size < n:
        raise _needs_all_rows()
    return dataclasses.replace(program, batch=n, shuffles=False)  # as a fit in memory takes all rows at once


def refuse_stored(x: Any) -> None:
    """Raise where x stays on the disk and every step needs all of it."""
    if isinstance(x, StoredRows):
        raise _needs_all_rows()


def _needs_all_rows() -> SpecificationError:
    return SpecificationError(
        "X stays on the disk because it does not fit in memory, and each step would take all of it: set batch_size, for "
        "example 128, with optimizer='adam'."
    )


@functools.partial(jax.jit, static_argnums=0)
def _start(program: Program, parameters: Any, state: Any, numbers: Numbers) -> Carry:
    return fresh_carry(program.optimizer, parameters, state, numbers, 0, program.keeps_best)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def _advance_block(
    program: Program,
    carry: Carry,
    rows: tuple[Array, Array, Array],
    numbers: Numbers,
    place: tuple[Array, Array, Array, Array, Array],
) -> Carry:
    """Steps first to end of an epoch, on a block that begins at step ``offset``."""
    epoch, offset, first, end, n = place
    assert program.batch is not None
    size = program.batch
    steps_per_epoch = -(-n // size)

    def one(index: Array, learner: Any) -> Any:
        at = (index - offset) * size
        x, y, weights = (lax.dynamic_slice_in_dim(leaf, at, size) for leaf in rows)
        count = jnp.minimum(size, n - index * size)
        return learn(program, numbers, (x, y, weights, count), steps_per_epoch, epoch, index, learner)

    learner = lax.fori_loop(first, end, one, carry.learner)
    return carry._replace(learner=learner, step=epoch * steps_per_epoch + end)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=1)
def _end_epoch(
    program: Program, carry: Carry, n: Array, score: Array | None, numbers: Numbers, epoch: Array
) -> Carry:
    return close_epoch(program, carry, n, score, numbers, epoch)


_mean_loss = jax.jit(mean_loss, static_argnums=0)


@functools.partial(jax.jit, static_argnums=1)
def _order(key_data: Array, size: int, epoch: Array, n: Array) -> Array:
    return random_order(order_key(key_data, epoch), size, n)


@dataclass
class StreamedLoop:
    """One streamed fit under way; its parts are those of :class:`lamina.training.loop.Loop`."""

    program: Program
    rows: Rows
    validation: Rows | None
    numbers: Numbers
    settings: Settings
    host: Host

    def run(self, parameters: Parameters, state: State, start_from: Fitted | None) -> Fitted:
        """Train from these parameters, going on with the optimizer of an earlier fit if it has the same shape."""
        carry = _start(self.program, parameters, state, self.numbers)
        done_before = 0 if start_from is None else start_from.epochs
        if start_from is not None:
            carry = _resume(carry, start_from, done_before * self._steps())
        history = History()
        with InterruptFlag() as interrupt:
            carry, seen = self._advance(carry, done_before, history, interrupt)
        last = (done_before + self.settings.epochs) * self._steps()
        history.stopped = _why(seen, finished=seen.step >= last)
        outcome = _outcome(carry, seen, history, self.validation is not None, done_before, self.settings)
        outcome.interrupted = interrupt.requested
        return outcome

    def _steps(self) -> int:
        assert self.program.batch is not None
        return -(-int(self.rows.n) // self.program.batch)

    def _advance(
        self, carry: Carry, done_before: int, history: History, interrupt: InterruptFlag
    ) -> tuple[Carry, Seen]:
        steps = self._steps()
        bar = ProgressBar(self.settings.epochs, self.host.verbose)
        chunk = _first_chunk(step_seconds(self.program, carry, self.rows))
        seen = _see(carry)
        blocks = ahead(self._blocks(done_before, done_before + self.settings.epochs))
        try:
            for block in blocks:
                rows = jax.device_put((block.x, block.y, block.weights))
                done = block.first
                while done < block.end and not interrupt.requested:
                    until, clock = min(done + chunk, block.end), time.perf_counter()
                    place = tuple(np.int32(v) for v in (block.epoch, block.first, done, until, self.rows.n))
                    carry = _advance_block(self.program, carry, rows, self.numbers, place)
                    if until == steps:
                        carry = self._end_epoch(carry, block.epoch)
                    seen = _see(carry)  # waits for the device, so that the block may be written anew
                    chunk = _next_chunk(chunk, until - done, time.perf_counter() - clock)
                    done = until
                    self._tell(bar, history, seen, block.epoch, done_before)
                if seen.stopped or interrupt.requested:
                    break
            return carry, seen
        finally:
            bar.close()
            blocks.close()

    def _tell(self, bar: ProgressBar, history: History, seen: Seen, epoch: int, done_before: int) -> None:
        """Collect the losses of an epoch that has ended, and show how far the fit is."""
        steps = self._steps()
        _collect(history, seen, epoch, seen.step // steps, self.validation is not None)
        bar.update(seen.step / steps - done_before, history.loss[-1] if history.loss else float("nan"))
        if self.host.watch is not None:
            self.host.watch(history)

    def _end_epoch(self, carry: Carry, epoch: int) -> Carry:
        score = None if self.validation is None else self._score(carry, self.validation)
        ended: Carry = _end_epoch(self.program, carry, self.rows.n, score, self.numbers, np.int32(epoch))
        return ended

    def _score(self, carry: Carry, watched: Rows) -> Array:
        """Mean loss over the rows to watch, block by block."""
        total, learner = 0.0, carry.learner
        for block in ahead(self._watched_blocks(watched)):
            rows = Rows(block.x, block.y, block.weights, np.int32(block.end))
            mean = _mean_loss(self.program, learner.parameters, learner.state, rows, self.numbers)
            total += float(mean) * float(block.weights.sum(dtype=np.float64))
        return np.asarray(total / float(watched.weights.sum(dtype=np.float64)), watched.weights.dtype)

    def _blocks(self, first_epoch: int, last_epoch: int) -> Iterator[Block]:
        """The blocks of all epochs, in two buffers by turns."""
        batch, steps = self.program.batch, self._steps()
        assert batch is not None
        many = min(max(1, min(BLOCK_STEPS, BLOCK_BYTES // max(1, batch * self.rows.x.row_bytes))), steps)
        buffers = [_buffers(self.rows, many * batch) for _ in range(2)]
        turn = 0
        for epoch in range(first_epoch, last_epoch):
            order = self._order(epoch)
            for first in range(0, steps, many):
                end = min(first + many, steps)
                yield _filled(self.rows, order[first * batch : end * batch], buffers[turn], epoch, first, end)
                turn = 1 - turn

    def _order(self, epoch: int) -> np.ndarray:
        """The order that a fit in memory takes."""
        n = int(self.rows.n)
        if not self.program.shuffles:
            return np.arange(n)
        return np.asarray(_order(self.numbers.key, padded_size(n), np.int32(epoch), np.int32(n)))[:n]

    def _watched_blocks(self, watched: Rows) -> Iterator[Block]:
        n = int(watched.n)
        fitting = max(8, BLOCK_BYTES // max(1, watched.x.row_bytes))
        # A power of two, which whoever cuts it further can halve.
        size = min(WATCHED_ROWS, 1 << fitting.bit_length() - 1, padded_size(n))
        buffers = [_buffers(watched, size) for _ in range(2)]
        for number, first in enumerate(range(0, n, size)):
            places = np.arange(first, min(first + size, n))
            yield _filled(watched, places, buffers[number % 2], 0, 0, len(places))


def _buffers(rows: Rows, size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return (
        aligned_zeros((size, *rows.x.shape[1:]), rows.x.dtype),
        aligned_zeros((size, *rows.y.shape[1:]), rows.y.dtype),
        aligned_zeros((size,), rows.weights.dtype),
    )


def _filled(
    rows: Rows,
    places: np.ndarray,
    buffers: tuple[np.ndarray, np.ndarray, np.ndarray],
    epoch: int,
    first: int,
    end: int,
) -> Block:
    """A block of the rows at ``places``; the rest of the buffers is zero."""
    x, y, weights = buffers
    count = len(places)
    rows.x.take(places, out=x[:count])
    y[:count], weights[:count] = rows.y[places], rows.weights[places]
    for buffer in buffers:
        buffer[count:] = 0
    return Block(x, y, weights, epoch, first, end)


def ahead(items: Iterator[T]) -> Generator[T, None, None]:
    """The same items, each made in a background thread while the one before is used.

    >>> list(ahead(iter([1, 2, 3])))
    [1, 2, 3]
    """
    none = object()
    with ThreadPoolExecutor(1, thread_name_prefix="lamina-blocks") as pool:
        coming = pool.submit(next, items, none)
        while (item := coming.result()) is not none:
            coming = pool.submit(next, items, none)
            yield item  # type: ignore[misc]
