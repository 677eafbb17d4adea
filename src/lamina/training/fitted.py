"""What a fit gives back, and what it says when the numbers cease to be finite."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from lamina.errors import DivergenceError, DivergenceWarning
from lamina.layers.base import Parameters, State
from lamina.training.history import History
from lamina.training.settings import Settings


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


def begun(start: tuple[Parameters, State]) -> Fitted:
    """What a fit goes on from that has parameters and state from elsewhere, and no epoch behind it."""
    return Fitted(*start, History())


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
