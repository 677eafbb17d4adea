"""Take the outcome out of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lamina.data.frames import as_frame
from lamina.data.number_styles import NumberStyle, find_style, numbers
from lamina.errors import DataError, nearest_name

if TYPE_CHECKING:
    Outcome = pd.Series[Any]


def split_target(
    frame: Any, target: str, *, drop_missing_target: bool = False
) -> tuple[pd.DataFrame, Outcome]:
    """Part a table into the predictors and the outcome.

    Parameters
    ----------
    frame : DataFrame of pandas, polars or Arrow
    target : str
        Name of the outcome's column.
    drop_missing_target : bool
        Leave out rows without an outcome instead of refusing them. Integers that pandas read as floats
        because some were missing become integers again.

    Returns
    -------
    X : pandas.DataFrame, shape (n, p - 1)
    y : pandas.Series, shape (n,)

    Notes
    -----
    Text like $1,234.50 or 12 % or 3,5 in every row becomes numbers.

    Raises
    ------
    DataError
        The column does not exist, is the only one, or lacks values.

    >>> import pandas as pd
    >>> X, y = split_target(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "b")
    >>> list(X.columns), y.tolist()
    (['a'], [3, 4])
    """
    table = as_frame(frame)
    if target not in table.columns:
        raise DataError(
            f"there is no column {target!r} to be the target: {nearest_name(target, table.columns)}"
        )
    if table.shape[1] == 1:
        raise DataError(
            f"the table has no column but the target {target!r}: at least one predictor is needed"
        )
    absent = table[target].isna()
    if absent.any() and not drop_missing_target:
        raise DataError(
            f"the target {target!r} is missing (NaN) in {int(absent.sum())} of {len(table)} rows, but every "
            "row needs its outcome: remove these rows, or ask for it with drop_missing_target=True"
        )
    if absent.all():
        raise DataError(f"the target {target!r} is missing in all {len(table)} rows: is it the right column?")
    kept = table[~absent]
    y = _integers_again(kept[target]) if absent.any() else kept[target]
    return kept.drop(columns=target), _spelled_numbers(y)


def _spelled_numbers(y: Outcome) -> Outcome:
    """An outcome like $1,234.50 is a number; text of plain digits stays the label that the user made it."""
    if y.dtype.kind != "O" or not all(isinstance(value, str) for value in y):
        return y
    texts = y.str.strip()
    style = find_style(texts)
    values = numbers(texts, style)
    return y if style == NumberStyle() or np.isnan(values).any() else pd.Series(values, y.index, name=y.name)


def _integers_again(y: Outcome) -> Outcome:
    whole = y.dtype.kind == "f" and bool((y % 1 == 0).all())
    return y.astype(np.int64) if whole else y
