"""What a fit is told besides network, loss and data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lamina.errors import SpecificationError
from lamina.layers.base import check_nonnegative, check_positive_integer, check_rate
from lamina.layers.penalties import Penalty
from lamina.layers.values import Specification
from lamina.training.optimizers import LBFGS, Adam, GradientDescent, Optimizer


@dataclass(frozen=True, repr=False)
class EarlyStopping(Specification):
    """Stop when the validation loss has not improved for ``patience`` epochs; the best parameters are restored.

    Parameters
    ----------
    patience
        Epochs without improvement before stopping; None never stops, and only finds the best epoch.
    validation_fraction
        Share of the training rows held back where the user gives no validation rows.
    min_improvement
        Smallest decrease of the validation loss that counts.

    >>> EarlyStopping(patience=5)
    EarlyStopping(5)
    """

    patience: int | None = 10
    validation_fraction: float = 0.1
    min_improvement: float = 0.0

    def __post_init__(self) -> None:
        if self.patience is not None:
            check_positive_integer("EarlyStopping", "patience", self.patience)
        check_nonnegative("EarlyStopping", "min_improvement", self.min_improvement)
        check_rate("EarlyStopping", "validation_fraction", self.validation_fraction)
        if self.validation_fraction == 0:
            raise SpecificationError(
                f"EarlyStopping(validation_fraction={self.validation_fraction!r}): it must be inside (0, 1), "
                "for example 0.1."
            )


@dataclass(frozen=True)
class Settings:
    """How to train.

    Parameters
    ----------
    optimizer
        First-order optimizer, or LBFGS.
    epochs
        Passes over the rows (iterations for LBFGS).
    batch_size
        Rows a step; None takes all of them.
    penalty
        On the weights of every layer; layers may add their own.
    patience, min_improvement
        Early stopping on the validation rows; patience None never stops.
    clip_norm
        Largest Euclidean norm of a gradient; larger ones are scaled down to it.
    shuffle
        Whether each epoch takes the rows in a new random order.
    horizon
        Epochs over which a schedule runs its course; None takes those of this fit and of the fits that it goes on from.
    whole_batches, end_of_epoch
        As in :class:`lamina.training.program.Program`.
    """

    optimizer: Optimizer | LBFGS = field(default_factory=Adam)
    epochs: int = 100
    batch_size: int | None = 32
    penalty: Penalty = field(default_factory=Penalty)
    patience: int | None = None
    min_improvement: float = 0.0
    clip_norm: float | None = None
    shuffle: bool = True
    horizon: int | None = None
    whole_batches: bool = False
    end_of_epoch: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        check_positive_integer("fit", "epochs", self.epochs)
        if self.batch_size is not None:
            check_positive_integer("fit", "batch_size", self.batch_size)
        if self.clip_norm is not None:
            check_nonnegative("fit", "clip_norm", self.clip_norm)
            if self.clip_norm == 0:
                raise SpecificationError(
                    "clip_norm=0 leaves no step: it must be above zero, for example 1.0."
                )

    def rows_a_step(self, n_rows: int) -> int | None:
        """Rows of a mini-batch, or None for a full batch."""
        if (
            self.batch_size is None
            or self.batch_size >= n_rows
            or isinstance(self.optimizer, (GradientDescent, LBFGS))
        ):
            return None
        return int(self.batch_size)

    def steps(self, n_rows: int) -> int:
        """Steps of an epoch."""
        batch = self.rows_a_step(n_rows)
        return 1 if batch is None else -(-n_rows // batch)
