"""A bar that counts what is finished: rich's, on a terminal alone."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE_SECONDS = 2.0
"""How long the work goes on before a bar appears by itself."""


@contextmanager
def counting(total: int, what: str, verbose: bool | None) -> Iterator[Callable[[int], None]]:
    """Give a function to call with how many more are done; draws nothing unless standard error is a terminal.

    ``verbose`` True shows the bar from the start, None after ``PATIENCE_SECONDS``, False never.

    >>> with counting(3, "members", verbose=None) as tell:
    ...     tell(2)
    """
    opened: list[Any] = []
    begins = time.monotonic() + (0.0 if verbose else PATIENCE_SECONDS)
    wanted = verbose is not False and sys.stderr.isatty()
    done = 0

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if wanted and (opened or time.monotonic() >= begins):
            if not opened:
                opened.append(_bar(total, what))
            opened[0].update(opened[0].task_ids[0], completed=done)

    try:
        yield tell
    finally:
        for bar in opened:
            bar.stop()


def _bar(total: int, what: str) -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn(what),
        MofNCompleteColumn(),
        BarColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    bar.start()
    bar.add_task(what, total=total)
    return bar
