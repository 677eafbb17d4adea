"""The progress bar: rich's, on a terminal alone."""

from __future__ import annotations

import sys
import time
from typing import Any


class ProgressBar:
    """Shows epoch, loss and remaining time; draws nothing unless asked to and standard error is a terminal.

    Parameters
    ----------
    epochs
        Epochs in all.
    verbose
        True shows the bar from the start, None after ``PATIENCE_SECONDS`` of training, False never.
    """

    PATIENCE_SECONDS = 2.0

    def __init__(self, epochs: int, verbose: bool | None) -> None:
        self._wanted = verbose is not False and sys.stderr.isatty()
        self._from = time.monotonic() + (0.0 if verbose else self.PATIENCE_SECONDS)
        self._epochs = epochs
        self._bar: Any = None
        self._task: Any = None

    def update(self, epoch: float, loss: float) -> None:
        """Show that ``epoch`` epochs are done and the last loss."""
        if not self._wanted or (self._bar is None and time.monotonic() < self._from):
            return
        if self._bar is None:
            self._open()
        self._bar.update(self._task, completed=epoch, loss=f"{loss:.4g}")

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.stop()

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("epoch"),
            MofNCompleteColumn(),
            BarColumn(),
            TextColumn("loss {task.fields[loss]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        self._task = self._bar.add_task("fit", total=self._epochs, loss="")
