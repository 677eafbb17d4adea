"""How far an experiment is: rich's bar on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


def tracked(items: Sequence[Item], what: str, show: bool) -> Iterable[Item]:
    """The items, one after the other, with a bar while they are worked on.

    >>> list(tracked([1, 2], "counting", show=False))
    [1, 2]
    """
    if not show:
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description=what, console=Console(stderr=True), transient=True)


@contextmanager
def counted_up(total: int, what: str, show: bool) -> Iterator[Callable[[int], None]]:
    """A bar for work of which several parts may be done at a time; the value is called with how many were.

    >>> with counted_up(3, "fitting", show=False) as advance:
    ...     advance(2)
    """
    if not show:
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
