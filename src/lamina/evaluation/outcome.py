"""The user's table, outcome and groups, checked once before anything is fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task, check_target, infer_task
from lamina.errors import DataError

LEAST_ROWS = 4


@dataclass(frozen=True)
class Outcome:
    """The outcome of shape (n,): as models take it, and as metrics take it (numbers, or classes 0..C-1).

    >>> outcome = read_outcome(["no", "yes", "no", "yes"])
    >>> outcome.task, outcome.classes.tolist(), outcome.truth.tolist()
    ('classification', ['no', 'yes'], [0, 1, 0, 1])
    """

    values: NDArray[Any]
    truth: NDArray[Any]
    task: Task
    classes: NDArray[Any] | None = None
    name: str | None = None

    @property
    def classification(self) -> bool:
        """Whether the outcome is a class."""
        return self.classes is not None

    @property
    def class_count(self) -> int:
        """C, and 0 in regression."""
        return 0 if self.classes is None else len(self.classes)


def read_outcome(y: Any, task: Task | None = None, rows: int | None = None) -> Outcome:
    """Check y, and settle the task if it is not given (`lamina.data.infer_task` says how).

    Raises
    ------
    DataError
        If y is not one column, has missing or infinite values, too few rows, one class or one value only.
    SpecificationError
        If the task is unknown.

    >>> read_outcome([1.5, 2.5, 3.5, 4.5]).task
    'regression'
    """
    settled = infer_task(y) if task is None else task
    values = check_target(y, settled, n_rows=rows)
    if values.ndim != 1:
        raise DataError(f"y has shape {values.shape}: a comparison takes one outcome, one value a row")
    if len(values) < LEAST_ROWS:
        raise DataError(f"y has {len(values)} rows: a comparison needs at least {LEAST_ROWS}")
    name = None if getattr(y, "name", None) is None else str(y.name)
    if settled == "regression":
        return Outcome(values, values, settled, name=name)
    labels = _plain_labels(values)
    return Outcome(labels, *_codes(labels), name)


def _plain_labels(values: NDArray[Any]) -> NDArray[Any]:
    """Labels that arrive as Python objects (text in pandas, say) as an array of their own type."""
    return np.asarray(values.tolist()) if values.dtype.kind == "O" and len(_kinds(values)) == 1 else values


def _kinds(values: NDArray[Any]) -> set[str]:
    return {type(value).__name__ for value in values}


def _codes(labels: NDArray[Any]) -> tuple[NDArray[Any], Task, NDArray[Any]]:
    try:
        classes, codes = np.unique(labels, return_inverse=True)
    except TypeError:
        kinds = ", ".join(sorted(_kinds(labels)))
        raise DataError(f"y mixes labels of the types {kinds}: give labels of one type") from None
    if len(classes) > len(labels) / 2:
        raise DataError(
            f"y has {len(classes)} classes in {len(labels)} rows: nothing can be learnt from classes "
            "that are seen about once; use task='regression' if these are numbers"
        )
    return codes, "classification", classes


def read_table(X: Any) -> Any:
    """X as a DataFrame: one of polars stays one, anything else is one of pandas with text for column names.

    Raises
    ------
    ArgumentTypeError, DataError
        If X is no table, or has no rows or columns.

    >>> list(read_table([[1, 2], [3, 4]]).columns)
    ['x0', 'x1']
    """
    from lamina.data.frames import as_frame

    frame = as_frame(X)
    return X if type(X).__module__.startswith("polars") else frame


def take_rows(table: Any, rows: NDArray[np.int64]) -> Any:
    """These rows of a DataFrame, or of an array of images, by position.

    >>> take_rows(read_table([[1], [2], [3]]), np.array([2, 0]))["x0"].tolist()
    [3, 1]
    """
    import narwhals as nw

    if isinstance(table, np.ndarray):
        return table[rows]
    return nw.from_native(table, eager_only=True)[rows, :].to_native()


def read_groups(groups: Any, rows: int) -> NDArray[np.int64] | None:
    """The group of each row as a whole number, shape (n,).

    Raises
    ------
    DataError
        If the length is not n, a group is missing, or all rows are one group.

    >>> read_groups(["b", "a", "b"], 3).tolist()
    [1, 0, 1]
    """
    import pandas as pd

    if groups is None:
        return None
    found = np.asarray(groups)
    if found.shape != (rows,):
        raise DataError(f"groups has shape {found.shape}, and X has {rows} rows: give one group a row")
    codes, names = pd.factorize(pd.Series(found), sort=True)
    if (codes < 0).any():
        raise DataError(
            f"groups is missing in {(codes < 0).sum()} rows: name a group there, or leave them out"
        )
    if len(names) < 2:
        raise DataError("groups has one value only: at least two are needed to test on groups not trained on")
    return np.asarray(codes, dtype=np.int64)
