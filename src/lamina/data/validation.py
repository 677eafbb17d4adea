"""The outcome y: tell regression from classification, and refuse what cannot be fitted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, DataError, SpecificationError, nearest_name

Task = Literal["regression", "classification"]

MOST_CLASSES_OF_INTEGERS = 10


def infer_task(y: Any) -> Task:
    """Tell from the outcome's values whether it is to be regressed or classified.

    Text, truth values and categorical dtypes are classes. Numbers with a fraction, or of a float dtype, are a
    regression, except indicators, 0/1 in several columns. Integers are classes if there are at most 10
    different ones and each occurs twice on average; otherwise a regression.

    Parameters
    ----------
    y : array-like, shape (n,) or (n, outcomes)

    >>> infer_task(["yes", "no", "yes"]), infer_task([0, 1, 1, 0]), infer_task([1.5, 2.0])
    ('classification', 'classification', 'regression')
    """
    values = _as_array(y)
    if str(getattr(y, "dtype", "")) == "category":
        return "classification"
    if values.dtype.kind in "OUSb":
        return "regression" if _all_numbers(values) else "classification"
    if values.dtype.kind == "f":
        return "regression"
    different = len(np.unique(values))
    few = different <= MOST_CLASSES_OF_INTEGERS and 2 * different <= values.size
    return "classification" if few else "regression"


def _all_numbers(values: NDArray[Any]) -> bool:
    present = [value for value in values.ravel() if not _is_missing(value)]
    numeric = (int, float, np.integer, np.floating)
    return bool(present) and all(isinstance(v, numeric) and not isinstance(v, bool) for v in present)


def check_target(y: Any, task: Task, *, n_rows: int | None = None) -> NDArray[Any]:
    """Give the outcome as an array that can be fitted, or say what is wrong with it.

    Parameters
    ----------
    y : array-like, shape (n,) or (n, outcomes)
    task : {"regression", "classification"}
    n_rows : int, optional
        How many rows X has.

    Returns
    -------
    ndarray, shape of y
        float64 for a regression; for classes whatever type the labels have.

    Raises
    ------
    DataError
        NaN or infinity, another length than X, a single row, a constant or a single class, text in a
        regression, numbers with a fraction as class labels.
    ArgumentTypeError
        y is no array, or absent.

    >>> check_target([1, 2, 4], "regression").dtype
    dtype('float64')
    >>> check_target(["a", "a"], "classification")
    Traceback (most recent call last):
    lamina.errors.DataError: y has one class only, 'a', ...
    """
    if task not in _CHECKS:
        raise SpecificationError(f"task={task!r} is unknown: {nearest_name(task, _CHECKS)}")
    values = _one_column_flat(_as_array(y))
    _check_shape(values, n_rows)
    _check_given(values)
    return _CHECKS[task](values)


def _as_array(y: Any) -> NDArray[Any]:
    if y is None:
        raise ArgumentTypeError(
            "y is None, but this needs an outcome, one value for each row of X: give y to fit"
        )
    if isinstance(y, (str, bytes, dict, set)) or np.isscalar(y):
        raise ArgumentTypeError(
            f"y is of type {type(y).__name__}, but an array with one value for each row of X is needed"
        )
    if hasattr(y, "toarray"):
        raise ArgumentTypeError("y is a sparse matrix, but a dense array is needed: use its toarray()")
    if hasattr(y, "to_numpy"):
        return _from_series(y)
    try:
        return np.asarray(y)
    except ValueError as error:
        raise DataError(f"y has rows of different lengths, but needs one length for all: {error}") from None


def _from_series(y: Any) -> NDArray[Any]:
    """A missing integer or truth value of pandas would turn the whole column into objects."""
    kind = getattr(getattr(y, "dtype", None), "kind", "O")
    if kind in "iuf" and hasattr(y, "isna"):
        return np.asarray(y.to_numpy(dtype=np.float64, na_value=np.nan) if y.isna().any() else y.to_numpy())
    return np.asarray(y.to_numpy())


def _one_column_flat(values: NDArray[Any]) -> NDArray[Any]:
    return values.ravel() if values.ndim == 2 and values.shape[1] == 1 else values


def _check_shape(values: NDArray[Any], n_rows: int | None) -> None:
    if values.ndim not in (1, 2):
        raise DataError(
            f"y has {values.ndim} dimensions, but needs 1 (or 2 for several outcomes): reshape it"
        )
    if n_rows is not None and len(values) != n_rows:
        raise DataError(
            f"X and y have inconsistent numbers of samples: X has {n_rows} rows but y has {len(values)}: "
            "give one value of y for each row of X"
        )
    if len(values) < 2:
        raise DataError(
            f"y has {len(values)} row(s) (n_samples={len(values)}), but at least 2 are needed to learn "
            "from: give more rows"
        )


def _is_missing(value: object) -> bool:
    # pandas.NA is recognised by name: it refuses to be compared, and pandas need not be imported.
    return value is None or type(value).__name__ in {"NAType", "NaTType"} or value != value


def _missing_rows(values: NDArray[Any]) -> NDArray[np.bool_]:
    if values.dtype.kind not in "fO":
        return np.zeros(len(values), dtype=bool)
    flat = values.reshape(len(values), -1)
    if values.dtype.kind == "f":
        return np.asarray(np.isnan(flat).any(axis=1))
    return np.asarray([any(_is_missing(value) for value in row) for row in flat], dtype=bool)


def _check_given(values: NDArray[Any]) -> None:
    absent = np.flatnonzero(_missing_rows(values))
    if absent.size:
        raise DataError(
            f"y contains NaN: it is missing in {absent.size} of {len(values)} rows (the first is row "
            f"{absent[0]}), but every row needs its outcome: remove these rows"
        )


def _check_regression(values: NDArray[Any]) -> NDArray[np.float64]:
    numbers = _to_float(values)
    infinite = np.flatnonzero(~np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1))
    if infinite.size:
        raise DataError(
            f"y contains infinity in {infinite.size} of {len(values)} rows (the first is row "
            f"{infinite[0]}), but every outcome must be finite: remove or correct these rows"
        )
    if (numbers == numbers[0]).all():
        raise DataError(
            f"y is constant, {np.unique(numbers[0]).tolist()} in all {len(values)} rows, but a regression "
            "needs an outcome that varies: is it the right column?"
        )
    return numbers


def _to_float(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind == "c":
        raise DataError("Complex data not supported: y has complex numbers, but real ones are needed")
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        text = next(value for value in values.ravel().tolist() if not _is_number(value))
        raise DataError(
            f"y has values that are no numbers, such as {text!r}, but a regression needs numbers: for "
            "classes use NeuralClassifier, or task='classification'"
        ) from None


def _is_number(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def _check_classification(values: NDArray[Any]) -> NDArray[Any]:
    _check_labels(values)
    if values.ndim == 2:
        return _check_indicators(values)
    classes = set(values.tolist())
    if len(classes) < 2:
        raise DataError(
            f"y has one class only, {next(iter(classes))!r}, but at least two classes are needed to tell "
            "apart: is it the right column, or were the rows filtered?"
        )
    return values


def _check_labels(values: NDArray[Any]) -> None:
    if values.dtype.kind not in "fc":
        return
    with np.errstate(invalid="ignore"):  # an infinite label leaves no remainder that is a number
        whole = values == np.floor(values.real) if values.dtype.kind == "c" else values % 1 == 0
    broken = values[~whole]
    if broken.size:
        raise DataError(
            f"Unknown label type: y has continuous values such as {broken[0]}, but a classification needs "
            "class labels (text, integers, truth values): for a continuous outcome use NeuralRegressor, or "
            "task='regression'"
        )


def _check_indicators(values: NDArray[Any]) -> NDArray[Any]:
    if not np.isin(values, (0, 1)).all():
        raise DataError(
            f"y has {values.shape[1]} columns with values other than 0 and 1, but several labels a row are "
            "given as 0/1 indicators, one column a label: for one label a row give y one column"
        )
    return values


_CHECKS: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "regression": _check_regression,
    "classification": _check_classification,
}
