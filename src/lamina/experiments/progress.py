"""How far an experiment is: rich's bar on standard error."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
