"""A fit: from network, loss, data and settings to the compiled program and its numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lamina.data.streaming import StoredRows
from lamina.errors import SpecificationError
from lamina.layers.base import Layer, children
from lamina.layers.containers import Sequential
from lamina.training.fitted import Fitted
from lamina.training.history import History
from lamina.training.host import Host
from lamina.training.lbfgs import fit_lbfgs
from lamina.training.loop import Loop
from lamina.training.losses import Loss
from lamina.training.objective import penalty_terms
from lamina.training.optimizers import LBFGS
from lamina.training.plan import initial, numbers_of, objective_of, program_of
from lamina.training.precision import precision
from lamina.training.prefix import computed_once
from lamina.training.program import Rows
from lamina.training.settings import Settings
from lamina.training.streaming import StreamedLoop, check_streamable, refuse_stored


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
        initial(network, tuple(rows.x.shape[1:]), seed, dtype)
        if start_from is None
        else (start_from.parameters, start_from.state)
    )
    objective = objective_of(network, loss, penalty_terms(network, parameters, settings.penalty))
    numbers = numbers_of(network, loss, settings, seed, dtype, 0 if start_from is None else start_from.epochs)
    if isinstance(settings.optimizer, LBFGS):
        _refuse_noise(network)
        refuse_stored(rows.x)
        return fit_lbfgs(objective, settings, parameters, state, rows, validation, numbers, verbose)
    objective, rows, validation = computed_once(objective, parameters, state, rows, validation)
    program = program_of(objective, settings, int(rows.n))
    with precision(dtype):
        host = Host(verbose, draw_order, watch)
        if isinstance(rows.x, StoredRows):
            program = check_streamable(program, settings, int(rows.n))
            streamed = StreamedLoop(program, rows, validation, numbers, settings, host)
            return streamed.run(parameters, state, start_from)
        return Loop(program, rows, validation, numbers, settings, host).run(parameters, state, start_from)


def _refuse_noise(network: Layer, frozen: bool = False) -> None:
    for name, layer in children(network):
        kept = frozen or not layer.trainable
        _refuse_noise(layer, kept)
        if layer.draws or (layer.learns_statistics and not kept):
            what = "is random" if layer.draws else "learns running statistics from mini-batches"
            raise SpecificationError(
                f"LBFGS needs an objective that does not change between evaluations, and {name} {what}: "
                "leave it out, or use optimizer='adam'."
            )
