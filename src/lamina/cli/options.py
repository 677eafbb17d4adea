"""What several commands share: options and exit codes."""

from __future__ import annotations

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


def task_name(task: Task | None) -> Literal["regression", "classification"] | None:
    """The library's word for the option."""
    if task is None:
        return None
    return "regression" if task is Task.regression else "classification"
