"""Features of a date that are known in advance: the day of the week, the month and others, as text or number a level."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from lamina.errors import DataError

FEATURES: MappingProxyType[str, Callable[[pd.DatetimeIndex], Any]] = MappingProxyType(
    {
        "day_of_week": lambda times: times.day_of_week,
        "month": lambda times: times.month,
        "quarter": lambda times: times.quarter,
        "day_of_month": lambda times: times.day,
        "week_of_year": lambda times: times.isocalendar().week,
        "hour": lambda times: times.hour,
    }
)
"""Calendar features by name, each a function of the times; Monday is 0."""


def calendar_feature(times: pd.Index, name: str) -> list[Any]:
    """The level of a feature at each time.

    Raises
    ------
    DataError
        If the times are no dates.

    >>> calendar_feature(pd.DatetimeIndex(["1962-12-03", "1962-12-04"]), "day_of_week")
    [0, 1]
    """
    if not isinstance(times, pd.DatetimeIndex):
        raise DataError(
            f"calendar={name!r} is read off dates, and the times are numbers such as {times[0]}: give a date column, or "
            "leave it out"
        )
    return [int(level) for level in FEATURES[name](times)]


def indicators(levels: list[Any], known: tuple[Any, ...]) -> np.ndarray:
    """A column a known level, 1 where a row has it; a level that is not known is none of them.

    >>> indicators(["mon", "fri", "sun"], ("fri", "mon")).tolist()
    [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]
    """
    places = {level: place for place, level in enumerate(known)}
    found = np.zeros((len(levels), len(known)))
    for row, level in enumerate(levels):
        if level in places:
            found[row, places[level]] = 1.0
    return found
