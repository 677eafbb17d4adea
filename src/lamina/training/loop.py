"""The host's side of a fit: run the program in chunks, collect losses, show progress, heed Ctrl-C, keep the best."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np

from lamina.layers.base import Parameters, State
from lamina.networks.summary import meets_many_places, multiplications
from lamina.training.cache import keep_few_programs
from lamina.training.fitted import Fitted, report_divergence
from lamina.training.haste import SHORT, hurried
from lamina.training.history import History
from lamina.training.host import Host
from lamina.training.interrupt import InterruptFlag
from lamina.training.program import HISTORY, Carry, Numbers, Program, Rows, advance, advance_hastily, start
from lamina.training.progress import ProgressBar
from lamina.training.settings import Settings

CHUNK_SECONDS = 0.2
"""How long the host waits for the device at a time: between chunks it shows progress and heeds Ctrl-C."""
FEW_BYTES = 1 << 18
"""Below this, rows travel faster with each call than they are placed on the device once."""


@dataclass
class Loop:
    """One fit under way.

    Attributes
    ----------
    program, rows, validation, numbers
        What the device runs.
    settings, host
        How long, and what the caller wants to see.
    """

    program: Program
    rows: Rows
    validation: Rows | None
    numbers: Numbers
    settings: Settings
    host: Host

    def run(self, parameters: Parameters, state: State, start_from: Fitted | None) -> Fitted:
        """Train from these parameters, going on with the optimizer of an earlier fit if it has the same shape."""
        keep_few_programs(start, advance, advance_hastily)
        self.rows = _placed(self.rows)
        self.validation = None if self.validation is None else _placed(self.validation)
        carry = start(self.program, parameters, state, self.rows, self.numbers)
        done_before = 0 if start_from is None else start_from.epochs
        if start_from is not None:
            carry = _resume(carry, start_from, done_before * self._steps())
        history = History()
        with InterruptFlag() as interrupt:
            carry, seen = self._advance(carry, done_before, history, interrupt)
        last = (done_before + self.settings.epochs) * self._steps()
        history.stopped = _why(seen, finished=seen.step >= last)
        outcome = _outcome(carry, seen, history, self.validation is not None, done_before, self.settings)
        # A Ctrl-C in the last chunk lets the fit finish, but whoever runs many fits must hear of it.
        outcome.interrupted = interrupt.requested
        return outcome

    def _steps(self) -> int:
        """Steps of an epoch."""
        return self.settings.steps(int(self.rows.n))

    def _advance(
        self, carry: Carry, done_before: int, history: History, interrupt: InterruptFlag
    ) -> tuple[Carry, Seen]:
        """Run chunk after chunk; what was seen after the last comes with the carry."""
        steps, seconds = self._steps(), step_seconds(self.program, carry, self.rows)
        chunk = _first_chunk(seconds)
        first = done = done_before * steps
        last = first + self.settings.epochs * steps
        orders = self.host.orders(self.program, self.rows)
        run = advance_hastily if hurried() and self.settings.epochs * steps * seconds < SHORT else advance
        bar = ProgressBar(self.settings.epochs, self.host.verbose)
        try:
            while True:
                until = min(done + chunk, last, (done // steps + HISTORY) * steps)
                if orders is not None:
                    until = min(until, orders.supply(done // steps, -(-until // steps)) * steps)
                    self.numbers = self.numbers._replace(orders=orders.table)
                clock = time.perf_counter()
                carry = run(self.program, carry, self.rows, self.validation, self.numbers, np.int32(until))
                seen = _see(carry)
                chunk = _next_chunk(chunk, max(seen.step - done, 1), time.perf_counter() - clock)
                _collect(history, seen, done // steps, seen.step // steps, self.validation is not None)
                done = seen.step
                bar.update((done - first) / steps, history.loss[-1] if history.loss else float("nan"))
                if self.host.watch is not None:
                    self.host.watch(history)
                if done >= last or seen.stopped or interrupt.requested:
                    return carry, seen
        finally:
            bar.close()


def _placed(rows: Rows) -> Rows:
    """Rows on the device once for all chunks, unless they are few."""
    if sum(leaf.nbytes for leaf in jax.tree.leaves(rows)) < FEW_BYTES:
        return rows
    return jax.device_put(rows)  # type: ignore[no-any-return]


def _resume(carry: Carry, earlier: Fitted, step: int) -> Carry:
    carry = carry._replace(step=jax.numpy.int32(step))
    fresh = carry.learner.optimizer_state
    if earlier.optimizer_state is None or _outline(earlier.optimizer_state) != _outline(fresh):
        return carry
    state = jax.device_put(earlier.optimizer_state)
    return carry._replace(learner=carry.learner._replace(optimizer_state=state))


def _outline(tree: Any) -> Any:
    """Structure, shapes and precisions: what must agree for one optimizer's state to serve another."""
    return jax.tree.structure(tree), [(leaf.shape, leaf.dtype) for leaf in jax.tree.leaves(tree)]


def step_seconds(program: Program, carry: Carry, rows: Rows) -> float:
    """About how long a step takes, at a cautious 20 GFLOP/s and 20 µs a step."""
    size: float = sum(leaf.size for leaf in jax.tree.leaves(carry.learner.parameters))
    if meets_many_places(program.objective.network):
        shape = tuple(jax.tree.leaves(rows.x)[0].shape[1:])
        size = multiplications(program.objective.network, shape)
    flops = 6 * size * (program.batch or int(rows.n))
    return float(20e-6 + flops / 20e9)


def _first_chunk(step_seconds: float) -> int:
    """Steps that should take about a tenth of a second."""
    return max(1, int(0.1 / step_seconds))


def _next_chunk(chunk: int, ran: int, seconds: float) -> int:
    """Steps for the next chunk: towards CHUNK_SECONDS, at most four times as many (the first chunk also compiled)."""
    wanted = int(ran * CHUNK_SECONDS / max(seconds, 1e-6))
    return int(np.clip(wanted, max(chunk // 4, 1), 4 * chunk))


class Seen(NamedTuple):
    """What the host reads of a carry after each chunk, in one transfer."""

    step: int
    stopped: bool
    diverged: bool
    best_epoch: int
    losses: np.ndarray
    penalties: np.ndarray
    validation_losses: np.ndarray


def _see(carry: Carry) -> Seen:
    step, stopped, diverged, best_epoch, *curves = jax.device_get(
        [getattr(carry, name) for name in Seen._fields]
    )
    return Seen(int(step), bool(stopped), bool(diverged), int(best_epoch), *curves)


def _collect(history: History, seen: Seen, first: int, end: int, validates: bool) -> None:
    slots = [epoch % HISTORY for epoch in range(first, end)]
    history.loss += seen.losses[slots].tolist()
    history.penalty += seen.penalties[slots].tolist()
    if validates:
        history.validation_loss += seen.validation_losses[slots].tolist()


def _why(seen: Seen, *, finished: bool) -> str:
    if seen.diverged:
        return "diverged"
    if seen.stopped:
        return "patience"
    return "epochs" if finished else "interrupted"


def _outcome(
    carry: Carry, seen: Seen, history: History, validates: bool, done_before: int, settings: Settings
) -> Fitted:
    best_epoch, epochs = seen.best_epoch, done_before + len(history)
    diverged = history.stopped == "diverged"
    if diverged:
        report_divergence(epochs, best_epoch, settings)
    if (validates or diverged) and best_epoch > 0:
        parameters, state = carry.best
        history.best_epoch = best_epoch - done_before
    else:
        parameters, state = carry.learner.parameters, carry.learner.state
    host = jax.tree.map(np.array, (parameters, state, carry.learner.optimizer_state))
    return Fitted(host[0], host[1], history, host[2], epochs)
