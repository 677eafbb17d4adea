"""What several commands share: options and exit codes."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

import typer

EXIT_MENDABLE = 2
EXIT_INTERRUPTED = 130


class Task(StrEnum):
    """What kind of outcome is predicted."""

    regression = "regression"
    classification = "classification"


TargetOption = Annotated[
    str | None,
    typer.Option(metavar="COLUMN", help="The column to predict. A data set's own outcome if left out."),
]
TaskOption = Annotated[
    Task | None,
    typer.Option(help="Kind of outcome. Told from the column if left out.", show_choices=True),
]
DropOption = Annotated[
    bool,
    typer.Option("--drop-missing-target", help="Leave out the rows whose outcome is missing."),
]
SeedOption = Annotated[int, typer.Option(metavar="N", min=0, help="Seed of every random choice.")]


ColumnsOption = Annotated[
    str | None,
    typer.Option("--drop", metavar="A,B", help="Leave out these columns, separated by commas."),
]


def names_in(listed: str | None) -> list[str]:
    """The names in an option like ``A,B``.

    >>> names_in("a, b,"), names_in(None)
    (['a', 'b'], [])
    """
    return [name.strip() for name in (listed or "").split(",") if name.strip()]


def in_options(message: str) -> str:
    """A message of the library in the words of the command line.

    >>> in_options("for classes use task='classification'")
    'for classes use --task classification'
    >>> in_options("lags=5 of a series: say which by id=, or choose gaps='break'")
    '--lags 5 of a series: say which by --id, or choose --gaps break'
    """
    for words, option in _PICTURES:
        message = re.sub(words, option, message)
    message = re.sub(rf"\b({_NAMED})='([^']*)'", r"--\1 \2", message)
    message = re.sub(r"\b(lags|horizon|season)=(?=\d)", r"--\1 ", message)
    return re.sub(r"\b(target|date|id|known|future)=(?=[\s,:;.]|$)", r"--\1", message)


_NAMED = "task|metric|budget|margin|test|gaps|date|calendar"
_PICTURES = (
    (r"lamina\.data\.images\.read_images\(…, on_error='skip'\)", "--skip-unreadable"),
    (r"\bsize=(?=[ ,])", "--size"),
)
"""What the library says of pictures, and the option that stands for it."""


def task_name(task: Task | None) -> Literal["regression", "classification"] | None:
    """The library's word for the option."""
    if task is None:
        return None
    return "regression" if task is Task.regression else "classification"
