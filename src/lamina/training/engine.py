"""The host's side of a fit: start the program, run it in chunks, collect losses, keep the best."""

from __future__ import annotations

import dataclasses
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from lamina.errors import DivergenceError, DivergenceWarning, SpecificationError
from lamina.layers.base import Layer, Parameters, State, children, template, traced_values
from lamina.layers.containers import Sequential
from lamina.layers.noise import Dropout, GaussianNoise
from lamina.networks.output import linear_predictor
from lamina.training.history import History
from lamina.training.host import Host
from lamina.training.interrupt import InterruptFlag
from lamina.training.losses import Loss
from lamina.training.objective import Objective, penalty_terms
from lamina.training.optimizers import LBFGS
from lamina.training.precision import precision
from lamina.training.program import HISTORY, Carry, Numbers, Program, Rows, advance, start
from lamina.training.progress import ProgressBar
from lamina.training.settings import Settings

CHUNK_SECONDS = 0.2
"""How long the host waits for the device at a time: between chunks it shows progress and heeds Ctrl-C."""


@dataclass
class Fitted:
    """The outcome of a fit.

    Attributes
    ----------
    parameters, state
        Nested dictionaries of NumPy arrays, at the best epoch where there was validation.
    history
        Losses by epoch.
    optimizer_state
        For a later fit that goes on from here; None for LBFGS.
    epochs
        Epochs run, earlier fits included.
    interrupted
        Whether Ctrl-C was pressed while it ran.
    """

    parameters: Parameters
    state: State
    history: History
    optimizer_state: Any = None
    epochs: int = 0
    interrupted: bool = False


def fit(
    network: Sequential,
    loss: Loss,
    rows: Rows,
    settings: Settings,
    seed: int,
    *,
    validation: Rows | None = None,
    start_from: Fitted | None = None,
    verbose: bool | None = False,
    draw_order: Callable[[], np.ndarray] | None = None,
    watch: Callable[[History], None] | None = None,
) -> Fitted:
    """Train ``network`` on padded ``rows``.

    Parameters
    ----------
    network
        Whole network; its output activation belongs to the loss and is left off while training.
    loss, rows, settings, seed
        What to minimise, on what, how, and from which random numbers. The same seed, machine and versions give the
        same bits, however the fit is cut in chunks.
    validation
        Rows to watch: the parameters of the epoch with the smallest loss on them are returned.
    start_from
        An earlier outcome to go on from; its optimizer state is used if it fits the optimizer.
    verbose
        Progress bar: True, False, or None for one that appears when the fit takes long.
    draw_order
        Gives the order of the next epoch's rows, where the host and not the seed decides about it.
    watch
        Called with the history so far, several times a second.

    Raises
    ------
    DivergenceError
        If the loss leaves the finite numbers in the first epoch. Later, a DivergenceWarning, and the best epoch is kept.
    """
    dtype = rows.weights.dtype
    parameters, state = (
        initial(network, rows.x, seed, dtype) if start_from is None else start_from_copy(start_from)
    )
    objective = Objective(
        template(linear_predictor(network)),
        template(loss),
        penalty_terms(network, parameters, settings.penalty),
    )
    numbers = _numbers(network, loss, settings, seed, dtype, 0 if start_from is None else start_from.epochs)
    if isinstance(settings.optimizer, LBFGS):
        from lamina.training.lbfgs import fit_lbfgs

        _refuse_noise(network)
        return fit_lbfgs(objective, settings, parameters, state, rows, validation, numbers, verbose)
    batch = settings.rows_a_step(int(rows.n))
    program = Program(
        objective,
        template(settings.optimizer),
        batch,
        clips=settings.clip_norm is not None,
        shuffles=settings.shuffle,
        validates=validation is not None,
        whole_batches=settings.whole_batches,
        end_of_epoch=settings.end_of_epoch,
    )
    with precision(dtype):
        host = Host(verbose, draw_order, watch)
        return _run(program, parameters, state, rows, validation, numbers, settings, start_from, host)


def initial(network: Sequential, x: Any, seed: int, dtype: Any) -> tuple[Parameters, State]:
    """Initial parameters and state, cast to the precision of the data."""
    rng = np.random.default_rng(seed)
    drawn = network.init(rng, tuple(x.shape[1:]))
    cast: tuple[Parameters, State] = jax.tree.map(lambda leaf: np.asarray(leaf, dtype), drawn)
    return cast


def start_from_copy(earlier: Fitted) -> tuple[Parameters, State]:
    """The parameters and state of an earlier outcome."""
    return earlier.parameters, earlier.state


def _numbers(
    network: Sequential, loss: Loss, settings: Settings, seed: int, dtype: Any, done: int
) -> Numbers:
    values = (
        traced_values(network)
        | traced_values(loss, "loss")
        | traced_values(settings.optimizer, "optimizer")
        | traced_values(settings.penalty, "penalty")
    )
    patience = np.iinfo(np.int32).max if settings.patience is None else settings.patience
    return Numbers(
        key=_key_data(seed),
        hyperparameters={name: np.asarray(value, dtype) for name, value in values.items()},
        epochs=np.int32(settings.epochs + done),
        patience=np.int32(patience),
        min_improvement=np.asarray(settings.min_improvement, dtype),
        clip_norm=np.asarray(settings.clip_norm or 0.0, dtype),
    )


def _key_data(seed: int) -> np.ndarray:
    return np.array([zlib.crc32(b"lamina"), seed & 0xFFFFFFFF], dtype=np.uint32)


def _run(
    program: Program,
    parameters: Parameters,
    state: State,
    rows: Rows,
    validation: Rows | None,
    numbers: Numbers,
    settings: Settings,
    start_from: Fitted | None,
    host: Host,
) -> Fitted:
    rows, validation = _placed(rows), None if validation is None else _placed(validation)
    carry = start(program, parameters, state, rows, numbers)
    steps = 1 if program.batch is None else -(-int(rows.n) // program.batch)
    first = 0 if start_from is None else start_from.epochs * steps
    if start_from is not None:
        carry = _resume(carry, start_from, first)
    last = first + settings.epochs * steps
    history = History()
    bar = ProgressBar(settings.epochs, host.verbose)
    orders = host.orders(program, rows)
    with InterruptFlag() as interrupt:
        chunk = _first_chunk(program, parameters, rows)
        done = first
        try:
            while done < last:
                until = min(done + chunk, last, (done // steps + HISTORY) * steps)
                if orders is not None:
                    until = min(until, orders.supply(done // steps, -(-until // steps)) * steps)
                    numbers = numbers._replace(orders=orders.table)
                clock = time.perf_counter()
                carry = advance(program, carry, rows, validation, numbers, np.int32(until))
                now = int(carry.step)
                seconds = time.perf_counter() - clock
                _collect(history, carry, done // steps, now // steps, validation is not None)
                chunk = _next_chunk(chunk, max(now - done, 1), seconds)
                done = now
                bar.update((done - first) / steps, history.loss[-1] if history.loss else float("nan"))
                if host.watch is not None:
                    host.watch(history)
                if bool(carry.stopped) or interrupt.requested:
                    break
        finally:
            bar.close()
    history.stopped = _why(carry, interrupt.requested and done < last)
    outcome = _outcome(carry, history, validation is not None, done // steps, settings)
    # A Ctrl-C in the last chunk lets the fit finish, but whoever runs many fits must hear of it.
    return dataclasses.replace(outcome, interrupted=interrupt.requested)


def _placed(rows: Rows) -> Rows:
    """Rows on the device once for all chunks; few of them travel faster with each call."""
    if sum(leaf.nbytes for leaf in jax.tree.leaves(rows)) < 1 << 18:
        return rows
    return jax.device_put(rows)  # type: ignore[no-any-return]


def _resume(carry: Carry, earlier: Fitted, step: int) -> Carry:
    carry = carry._replace(step=jax.numpy.int32(step))
    if earlier.optimizer_state is None:
        return carry
    return carry._replace(
        learner=carry.learner._replace(optimizer_state=jax.device_put(earlier.optimizer_state))
    )


def _first_chunk(program: Program, parameters: Parameters, rows: Rows) -> int:
    """Steps that should take about a tenth of a second at a cautious 20 GFLOP/s and 20 µs a step."""
    size = sum(leaf.size for leaf in jax.tree.leaves(parameters))
    flops = 6 * size * (program.batch or int(rows.n))
    return max(1, int(0.1 / (20e-6 + flops / 20e9)))


def _next_chunk(chunk: int, ran: int, seconds: float) -> int:
    """Steps for the next chunk: towards CHUNK_SECONDS, at most four times as many (the first chunk also compiled)."""
    wanted = int(ran * CHUNK_SECONDS / max(seconds, 1e-6))
    return int(np.clip(wanted, max(chunk // 4, 1), 4 * chunk))


def _collect(history: History, carry: Carry, first: int, end: int, validates: bool) -> None:
    slots = [epoch % HISTORY for epoch in range(first, end)]
    history.loss += np.asarray(carry.losses)[slots].tolist()
    history.penalty += np.asarray(carry.penalties)[slots].tolist()
    if validates:
        history.validation_loss += np.asarray(carry.validation_losses)[slots].tolist()


def _why(carry: Carry, interrupted: bool) -> str:
    if bool(carry.diverged):
        return "diverged"
    if bool(carry.stopped):
        return "patience"
    return "interrupted" if interrupted else "epochs"


def _outcome(carry: Carry, history: History, validates: bool, epochs: int, settings: Settings) -> Fitted:
    best_epoch = int(carry.best_epoch)
    diverged = history.stopped == "diverged"
    if diverged:
        report_divergence(epochs, best_epoch, settings)
    if (validates or diverged) and best_epoch > 0:
        parameters, state = carry.best
        history.best_epoch = best_epoch - (epochs - len(history))
    else:
        parameters, state = carry.learner.parameters, carry.learner.state
    host = jax.tree.map(np.array, (parameters, state, carry.learner.optimizer_state))
    return Fitted(host[0], host[1], history, host[2], epochs)


def report_divergence(epoch: int, best_epoch: int, settings: Settings) -> None:
    """Say at which epoch the numbers ceased to be finite, and what to try; an error where nothing usable remains."""
    rate = getattr(settings.optimizer, "learning_rate", None)
    rate = getattr(rate, "rate", rate)
    remedy = "give a smaller learning rate" + (f" (it was {rate})" if rate is not None else "")
    if settings.clip_norm is None:
        remedy += " or clip_norm=1.0"
    remedy += ", and look for huge values in X or y"
    message = f"training diverged: the loss was no longer finite in epoch {epoch}"
    if best_epoch == 0:
        raise DivergenceError(f"{message}, before any usable model was found: {remedy}.")
    warnings.warn(
        f"{message}; the model of epoch {best_epoch} is kept: {remedy}.", DivergenceWarning, stacklevel=2
    )


def _refuse_noise(network: Layer) -> None:
    for name, layer in children(network):
        _refuse_noise(layer)
        if isinstance(layer, (Dropout, GaussianNoise)):
            raise SpecificationError(
                f"LBFGS needs an objective that does not change between evaluations, and {name} is random: "
                "leave it out, or use optimizer='adam'."
            )
