"""The table a command works on: a data set's name or a file, and which column is the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamina.errors import DataError, nearest_name

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Problem:
    """Predictors, outcome and, where rows belong together, their groups."""

    name: str
    target: str
    task: str | None
    predictors: pd.DataFrame
    outcome: pd.Series[Any]
    groups: pd.Series[Any] | None


def open_problem(
    name_or_file: str, target: str | None, task: str | None, groups: str | None = None
) -> Problem:
    """Read the table and take the outcome, and the column that says which rows belong together, out of it."""
    frame, known_target, known_task = _read(name_or_file)
    target = target or known_target
    if target is None:
        raise DataError(
            f"{name_or_file} does not say which column is to be predicted: add --target with one of "
            + _listed(frame.columns)
        )
    require_column(frame, target, name_or_file, "--target")
    apart = [target]
    if groups is not None:
        require_column(frame, groups, name_or_file, "--groups")
        if groups == target:
            raise DataError(f"--groups and --target both name {target!r}: name another column to group by")
        apart.append(groups)
    return Problem(
        name=name_or_file,
        target=target,
        task=task or (known_task if target == known_target else None),
        predictors=frame.drop(columns=apart),
        outcome=frame[target],
        groups=None if groups is None else frame[groups],
    )


def require_column(frame: pd.DataFrame, column: str, where: str, option: str) -> None:
    """Raise `DataError` with the nearest name if the table has no such column."""
    if column not in frame.columns:
        names = [str(name) for name in frame.columns]
        raise DataError(f"{where} has no column {column!r} ({option}): {nearest_name(column, names)}")


def _read(name_or_file: str) -> tuple[pd.DataFrame, str | None, str | None]:
    from lamina.data.datasets import list_datasets, load_dataset
    from lamina.data.reading import read_table

    names = [dataset.name for dataset in list_datasets()]
    if name_or_file in names:
        data = load_dataset(name_or_file)
        return data.frame, data.target, data.task
    path = Path(name_or_file)
    if path.suffix or path.exists():
        return read_table(path), None, None
    raise DataError(f"{name_or_file!r} is neither a file nor a data set: {nearest_name(name_or_file, names)}")


def _listed(names: Any, most: int = 20) -> str:
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
