"""The progress bar of pictures: rich's, on a terminal alone."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any


class PictureBar:
    """Shows how many pictures are done; draws nothing unless standard error is a terminal.

    Parameters
    ----------
    total
        Pictures in all.
    verbose
        True shows the bar from the start, None after ``PATIENCE_SECONDS``, False never.
    """

    PATIENCE_SECONDS = 2.0
    PAUSE_SECONDS = 0.1

    def __init__(self, total: int, verbose: bool | None, what: str = "pictures") -> None:
        self._wanted = verbose is not False and sys.stderr.isatty()
        self._next = time.monotonic() + (0.0 if verbose else self.PATIENCE_SECONDS)
        self._total, self._what, self._done = total, what, 0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> PictureBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
            self._bar.stop()

    def advance(self, more: int) -> None:
        """So many more are done."""
        self._done += more
        if not self._wanted or time.monotonic() < self._next:
            return
        if self._bar is None:
            self._open()
        self._next = time.monotonic() + self.PAUSE_SECONDS
        self._bar.update(self._task, completed=self._done)

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn(self._what), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=Console(stderr=True))
        self._bar.start()
        self._task = self._bar.add_task(self._what, total=self._total)
