"""Any table the user may hold (pandas, polars, Arrow, an array) as a pandas DataFrame with text for names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from lamina.errors import ArgumentTypeError, DataError


def as_frame(table: Any) -> pd.DataFrame:
    """Give a table as a pandas DataFrame; the data are not copied where that can be avoided.

    Parameters
    ----------
    table : DataFrame of pandas, polars or Arrow, or array of shape (n, p)
        Columns of an array are named x0, x1, and so on.

    Raises
    ------
    ArgumentTypeError
        If it is no table.
    DataError
        If it is not two-dimensional, has no rows or columns, or two columns share a name.

    >>> list(as_frame([[1, 2], [3, 4]]).columns)
    ['x0', 'x1']
    """
    frame = table if isinstance(table, pd.DataFrame) else _converted(table)
    names = [str(name) for name in frame.columns]
    _check_names(names)
    if frame.shape[0] == 0 or frame.shape[1] == 0:
        raise DataError(
            f"the table has {frame.shape[0]} sample(s) (rows) and {frame.shape[1]} feature(s) "
            f"(shape={frame.shape}) while a minimum of 1 is required of each: is it the right file or query?"
        )
    return frame if list(frame.columns) == names else frame.set_axis(names, axis=1)


def _converted(table: Any) -> pd.DataFrame:
    import narwhals as nw

    native = nw.from_native(table, pass_through=True)
    if isinstance(native, nw.DataFrame):
        return native.to_pandas()
    if isinstance(native, nw.LazyFrame):
        raise ArgumentTypeError("the table is lazy, but its rows are needed now: call its collect() first")
    if hasattr(table, "toarray"):
        raise ArgumentTypeError("the table is a sparse matrix, but a dense one is needed: use its toarray()")
    if table is None or isinstance(table, (str, bytes, dict, set)):
        raise ArgumentTypeError(
            f"the table is of type {type(table).__name__}, but a pandas or polars DataFrame or an array of "
            "shape (rows, columns) is needed: lamina.data.read_table(path) reads a file, "
            "pandas.DataFrame() a dictionary"
        )
    return _from_array(np.asarray(table))


def _from_array(array: Any) -> pd.DataFrame:
    if array.ndim != 2:
        raise DataError(
            f"the table has {array.ndim} dimensions, but Expected 2D array (rows, columns). Reshape your "
            "data: array.reshape(-1, 1) for a single column, array.reshape(1, -1) for a single row"
        )
    return pd.DataFrame(array, columns=[f"x{position}" for position in range(array.shape[1])])


def _check_names(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
    if twice:
        raise DataError(
            f"the columns {', '.join(map(repr, twice))} occur more than once, but columns are matched by "
            "name: give each its own name"
        )
