"""Windows hold the rows that they should, cross neither series nor gaps, and know in advance what is said to be known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.data.series import SeriesReader, find_roles, lag_windows
from lamina.data.series.scale import SeriesScale
from lamina.data.series.windows import Windows
from lamina.errors import DataError


def windows_of(
    frame: pd.DataFrame, lags: int, horizon: int = 1, gaps: str = "rows", **roles: object
) -> Windows:
    reader = SeriesReader.learn(frame, find_roles(frame, "y", **roles), gaps)  # type: ignore[arg-type]
    return lag_windows(reader.read(frame), lags, horizon)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(6, 15), min_size=1, max_size=3), st.integers(1, 3), st.integers(1, 3))
def test_windows_are_consecutive_rows_of_one_series(lengths: list[int], lags: int, horizon: int) -> None:
    """With y = 1000 · series + place, lags, what is ahead and the number of windows are known."""
    names = np.repeat(np.arange(len(lengths)), lengths)
    places = np.concatenate([np.arange(length) for length in lengths])
    frame = pd.DataFrame({"shop": names, "week": places, "y": 1000.0 * names + places})
    shuffled = frame.sample(frac=1, random_state=0)
    windows = windows_of(shuffled, lags, horizon, id="shop", date="week")
    assert len(windows) == sum(length - lags - horizon + 1 for length in lengths)
    origins = windows.past[:, -1, 0]
    assert (windows.past[:, :, 0] == origins[:, None] + np.arange(1 - lags, 1)).all()
    assert (windows.ahead[:, :, 0] == origins[:, None] + np.arange(1, horizon + 1)).all()
    assert (windows.origins == origins % 1000).all()


def test_sequences_and_rows_hold_the_calendar_of_the_rows_after() -> None:
    dates = pd.date_range("2024-01-01", periods=9)
    frame = pd.DataFrame({"date": dates, "y": np.arange(9.0)})
    windows = windows_of(frame, 3, 2, calendar=["day_of_week"])
    sequence, row = windows.sequences()[0], windows.rows()[0]
    assert sequence.shape == (3, 1 + 2 * 7)
    assert row.shape == (3 + 2 * 7,)
    days = sequence[:, 1:].reshape(3, 2, 7).argmax(axis=2)
    assert days.tolist() == [[1, 2], [2, 3], [3, 4]]
    assert row[3:].reshape(2, 7).argmax(axis=1).tolist() == [3, 4]


def test_no_window_crosses_a_gap_that_breaks() -> None:
    frame = pd.DataFrame({"year": [1990, 1991, 1992, 1993, 2000, 2001, 2002, 2003], "y": np.arange(8.0)})
    windows = windows_of(frame, 2, 1, "break", date="year")
    assert windows.past[:, :, 0].tolist() == [[0, 1], [1, 2], [4, 5], [5, 6]]


def test_each_series_is_standardised_by_itself() -> None:
    frame = pd.DataFrame({"shop": ["a"] * 8 + ["b"] * 8, "y": [*range(8), *range(100, 180, 10)]})
    reader = SeriesReader.learn(frame, find_roles(frame, "y", id="shop"))
    panel = reader.read(frame)
    scale = SeriesScale.learn(panel)
    windows = lag_windows(panel, 2)
    scaled = scale.apply(windows)
    half = len(windows) // 2
    assert scaled.past[:half] == pytest.approx(scaled.past[half:])
    assert scale.invert(scaled.ahead[:, :, 0], windows.series) == pytest.approx(windows.ahead[:, :, 0])


def test_numbers_too_large_to_be_squared_are_refused() -> None:
    frame = pd.DataFrame({"y": [1e300, -1e300]})
    with pytest.raises(DataError, match="too large to be squared"):
        SeriesScale.learn(SeriesReader.learn(frame, find_roles(frame, "y")).read(frame))


def test_a_series_shorter_than_its_lags_is_named() -> None:
    frame = pd.DataFrame({"shop": ["a"] * 9 + ["b"] * 4, "y": np.arange(13.0)})
    with pytest.raises(
        DataError,
        match=r"1 of 2 series is too short: 'b' has 4 rows to learn from, but lags=5 and horizon=1 need at least 6",
    ):
        windows_of(frame, 5, id="shop")


def test_gaps_everywhere_leave_no_window() -> None:
    frame = pd.DataFrame({"year": [1, 2, 3, 10, 11, 12, 20, 21, 22], "y": np.arange(9.0)})
    with pytest.raises(DataError, match="no 4 rows follow each other without a gap"):
        windows_of(frame, 3, 1, "break", date="year")
