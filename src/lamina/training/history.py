"""What was seen while training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes


@dataclass
class History:
    """Losses by epoch, in the units of the loss as trained (a standardised outcome gives standardised losses).

    Attributes
    ----------
    loss
        Mean training loss of each epoch, measured while its steps ran (dropout active), without penalties.
    penalty
        Penalties of each epoch.
    validation_loss
        Mean loss on the validation rows after each epoch; empty where there are none.
    best_epoch
        Epoch (from 1) whose parameters had the smallest validation loss; None without validation rows.
    stopped
        Why training ended: "epochs", "patience", "converged", "interrupted" or "diverged".

    >>> History(loss=[2.0, 1.0]).frame()["loss"].tolist()
    [2.0, 1.0]
    """

    loss: list[float] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    stopped: str = "epochs"

    def __len__(self) -> int:
        return len(self.loss)

    def extend(self, other: History) -> None:
        """Append a later fit, as warm start and ``partial_fit`` do."""
        if other.best_epoch is not None:
            self.best_epoch = len(self) + other.best_epoch
        self.loss += other.loss
        self.penalty += other.penalty
        self.validation_loss += other.validation_loss
        self.stopped = other.stopped

    def frame(self) -> pandas.DataFrame:
        """One row an epoch."""
        import pandas

        columns: dict[str, Any] = {"loss": self.loss, "penalty": self.penalty or np.zeros(len(self))}
        if self.validation_loss:
            columns["validation_loss"] = self.validation_loss
        return pandas.DataFrame(columns, index=pandas.RangeIndex(1, len(self) + 1, name="epoch"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw training and validation loss by epoch; the best epoch is marked. Returns the axes."""
        from lamina.explain.drawing import LINES, axes_for

        ax = axes_for(ax)
        epochs = np.arange(1, len(self) + 1)
        every = max(1, len(self) // 10)
        curves = {"training": self.loss, "validation": self.validation_loss}
        for (name, values), (colour, line, marker) in zip(curves.items(), LINES, strict=False):
            if values:
                look: dict[str, Any] = {
                    "color": colour,
                    "linestyle": line,
                    "marker": marker,
                    "markevery": every,
                    "markersize": 4,
                }
                ax.plot(epochs, values, label=name, **look)
        if self.best_epoch is not None:
            ax.axvline(self.best_epoch, color="grey", linestyle=":", label=f"best epoch, {self.best_epoch}")
        ax.set_xlabel("epoch")
        ax.set_ylabel("mean loss")
        ax.legend()
        return ax
