"""The first Ctrl-C is answered at once: what is under way takes a while to end in order."""

from __future__ import annotations

import sys
from contextlib import suppress
from types import FrameType

import typer

from lamina.training.interrupt import InterruptFlag

STOPPING = "lamina: stopping after what is under way; Ctrl-C again ends at once"


class AnnouncedInterrupt(InterruptFlag):
    """While open, the first Ctrl-C that a fit or a search within takes note of is told on standard error."""

    def _handle(self, number: int, frame: FrameType | None) -> None:
        # Nothing is under way that could end in order.
        raise KeyboardInterrupt

    def _set(self) -> None:
        if not self.requested:
            # The signal may come in the middle of a write to the same stream, which refuses a second one.
            with suppress(RuntimeError, OSError):
                typer.echo(("\n" if sys.stderr.isatty() else "") + STOPPING, err=True)
        super()._set()
