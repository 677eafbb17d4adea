"""How long a random search goes on: so many fits, or so much time."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError

UNITS = {"": 1.0, "s": 1.0, "sec": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
"""Seconds in each unit of time that a budget may have."""


@dataclass(frozen=True)
class Budget:
    """Fits, or seconds; one of them.

    >>> Budget.parse(200), Budget.parse("90s"), Budget.parse("1.5min")
    (Budget(fits=200, seconds=None), Budget(fits=None, seconds=90.0), Budget(fits=None, seconds=90.0))
    """

    fits: int | None = None
    seconds: float | None = None

    @classmethod
    def parse(cls, given: Any) -> Budget:
        """A budget from a whole number of fits, as a number or text, or from a time such as ``"60s"``, ``"5min"``, ``"1h"``.

        Raises
        ------
        SpecificationError, ArgumentTypeError
            If it is none of these, or not above zero.
        """
        if isinstance(given, bool) or not isinstance(given, (int, np.integer, str)):
            raise ArgumentTypeError(f"budget={given!r}: {_WANTED}")
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", str(given))
        number, unit = found.groups() if found else ("0", "")
        if unit not in UNITS or float(number) <= 0 or (not unit and "." in number):
            raise SpecificationError(f"budget={given!r}: {_WANTED}")
        return cls(seconds=float(number) * UNITS[unit]) if unit else cls(fits=int(number))


_WANTED = 'give a number of fits above zero, such as 200, or a time as text, such as "60s", "5min" or "1h".'


class SearchBar:
    """A bar with the best score so far and the remaining time; draws nothing unless standard error is a terminal.

    Parameters
    ----------
    fits
        Fits in all, or None where time is what ends the search.
    deadline
        When it ends, by ``time.monotonic``; None where fits do.
    verbose
        True or above 0 shows the bar from the start, None after ``PATIENCE_SECONDS``, False or 0 never.
    """

    PATIENCE_SECONDS = 2.0

    def __init__(self, fits: int | None, deadline: float | None, verbose: int | None) -> None:
        wanted = verbose is None or bool(verbose)
        self._wanted = wanted and sys.stderr.isatty()
        self._start = time.monotonic()
        self._from = self._start + (0.0 if verbose else self.PATIENCE_SECONDS)
        self._fits, self.deadline = fits, deadline
        self._bar: Any = None
        self._task: Any = None

    def update(self, done: int, best: float) -> None:
        """Show that ``done`` fits are done and the best mean score so far."""
        if not self._wanted or (self._bar is None and time.monotonic() < self._from):
            return
        if self._bar is None:
            self._open()
        self._bar.update(self._task, completed=self._completed(done), done=f"{done:,}", best=f"{best:.4g}")

    def close(self) -> None:
        """Leave the bar as it stands."""
        if self._bar is not None:
            self._bar.stop()

    def _completed(self, done: int) -> float:
        return done if self.deadline is None else time.monotonic() - self._start

    def _open(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("search"),
            BarColumn(),
            TextColumn("{task.fields[done]} fits, best score {task.fields[best]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._bar.start()
        total = self._fits if self.deadline is None else self.deadline - self._start
        self._task = self._bar.add_task("search", total=total, done="0", best="")
