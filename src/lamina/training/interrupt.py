"""Ctrl-C asks a fit to stop after the steps under way; a second one stops at once."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class InterruptFlag:
    """While open, the first SIGINT sets ``requested`` and later ones raise KeyboardInterrupt.

    A flag within another sets that one too: with the fit under way ends the search that it belongs to. Signals can be caught in
    the main thread alone; elsewhere this does nothing.

    >>> with InterruptFlag() as flag:
    ...     signal.raise_signal(signal.SIGINT)
    ...     flag.requested
    True
    """

    def __init__(self) -> None:
        self.requested = False
        self._previous: Any = None
        self._installed = False

    def __enter__(self) -> InterruptFlag:
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._handle)
            self._installed = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, self._previous)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self._set()

    def _set(self) -> None:
        self.requested = True
        outer = getattr(self._previous, "__self__", None)
        if isinstance(outer, InterruptFlag):
            outer._set()
