"""The table a command works on: a data set's name or a file, and which column is the outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from lamina.errors import DataError, nearest_name

if TYPE_CHECKING:
    import pandas as pd

    from lamina.data.validation import Task


@dataclass(frozen=True)
class Problem:
    """Predictors, outcome and, where rows belong together, their groups."""

    name: str
    target: str
    task: Task | None
    predictors: pd.DataFrame
    outcome: pd.Series[Any]
    groups: pd.Series[Any] | None
    text: str | None = None
    """The predictor that holds documents, where the data set says which."""


def open_problem(
    name_or_file: str, target: str | None, task: Task | None, groups: str | None = None, drop: bool = False
) -> Problem:
    """Read the table and take the outcome, and the column that says which rows belong together, out of it.

    ``drop`` leaves out the rows whose outcome is missing instead of refusing them.
    """
    from lamina.data import split_target

    frame, known_target, known_task = read_named(name_or_file)
    target = target or known_target
    if target is None:
        raise DataError(
            f"{name_or_file} does not say which column is to be predicted: add --target with one of "
            + _listed(frame.columns)
        )
    require_column(frame, target, name_or_file, "--target")
    if not drop:
        _require_outcomes(frame[target], name_or_file)
    _require_finite(frame[target], name_or_file)
    predictors, outcome = split_target(frame, target, drop_missing_target=drop)
    group_of_row = None
    if groups is not None:
        require_column(predictors, groups, name_or_file, "--groups")
        group_of_row = predictors.pop(groups)
    return Problem(
        name=name_or_file,
        target=target,
        task=task or (known_task if target == known_target else None),
        predictors=predictors,
        outcome=outcome,
        groups=group_of_row,
        text="review" if name_or_file == "imdb" else None,
    )


def _require_outcomes(outcome: pd.Series[Any], where: str) -> None:
    missing = outcome.isna()
    if missing.any():
        raise DataError(
            f"{where}: {outcome.name!r} is missing in {_rows(missing)}: fill them in, or leave them out with "
            "--drop-missing-target"
        )


def _require_finite(outcome: pd.Series[Any], where: str) -> None:
    infinite = outcome.isin([float("inf"), float("-inf")])
    if infinite.any():
        raise DataError(
            f"{where}: {outcome.name!r} is infinite in {_rows(infinite)}, but every outcome must be finite: "
            "correct or remove these rows"
        )


def _rows(where: pd.Series[bool]) -> str:
    """How many rows, and the first of them as a reader of the file counts: from 1, below the column names."""
    return f"{int(where.sum())} of {len(where)} rows (first in row {int(where.to_numpy().argmax()) + 1})"


def require_column(frame: pd.DataFrame, column: str, where: str, option: str) -> None:
    """Raise `DataError` with the nearest name if the table has no such column."""
    if column not in frame.columns:
        names = [str(name) for name in frame.columns]
        raise DataError(f"{where} has no column {column!r} ({option}): {nearest_name(column, names)}")


def read_named(name_or_file: str) -> tuple[pd.DataFrame, str | None, Task | None]:
    """The table of a data set or file; a data set's own target and task."""
    from lamina.data.datasets import list_datasets, load_dataset
    from lamina.data.reading import read_table

    names = [dataset.name for dataset in list_datasets()]
    if name_or_file == "imdb":
        return _reviews(), "sentiment", "classification"
    if name_or_file in names:
        data = load_dataset(name_or_file)
        return data.frame, data.target, cast("Task", data.task)
    path = Path(name_or_file)
    if path.is_dir():
        raise DataError(f"{name_or_file} is a folder: name a CSV, TSV or Parquet file in it")
    if path.suffix or path.exists():
        return read_table(path), None, None
    raise DataError(
        f"{name_or_file!r} is no file, no folder and no data set: {nearest_name(name_or_file, names)}"
    )


def _reviews() -> pd.DataFrame:
    """The training reviews of IMDB."""
    import pandas as pd

    from lamina.data.datasets import load_imdb

    imdb = load_imdb()
    return pd.DataFrame(
        {"review": imdb.texts_train, "sentiment": pd.Series(imdb.y_train).map({0: "negative", 1: "positive"})}
    )


def _listed(names: Any, most: int = 20) -> str:
    shown = ", ".join(repr(str(name)) for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"
