"""How far a comparison is: a bar on a terminal, or the user's own function."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lamina.evaluation.fits import Progress


@contextmanager
def reporting(verbose: bool, fits: int, own: Progress | None) -> Iterator[Progress]:
    """Give a function of (model, fold, number of folds) that tells the user; quiet where nobody watches.

    >>> with reporting(False, 2, own=print) as tell:
    ...     tell("lasso", 1, 2)
    lasso 1 2
    """
    with _bar(fits) if verbose else _silence() as bar:

        def tell(model: str, fold: int, folds: int) -> None:
            bar(model, fold, folds)
            if own is not None:
                own(model, fold, folds)

        yield tell


@contextmanager
def _silence() -> Iterator[Progress]:
    yield lambda model, fold, folds: None


@contextmanager
def _bar(fits: int) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<12}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("comparing", total=fits)

        def tell(model: str, fold: int, folds: int) -> None:
            progress.update(task, advance=1, description=f"{model} {fold}/{folds}")

        yield tell
