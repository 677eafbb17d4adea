"""Roles of columns, times and their troubles: each a stated treatment, or an error that says what to do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from lamina.data.series import SeriesReader, find_roles
from lamina.data.series.roles import series_frame
from lamina.data.series.times import Clock, find_gaps
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError

DATES = pd.date_range("2024-01-01", periods=30)
FRAME = pd.DataFrame(
    {"date": DATES, "y": np.arange(30.0), "price": 1.0, "shop": ["a", "b"] * 15, "open": [True, False] * 15}
)


def read(frame: pd.DataFrame, gaps: str = "rows", **roles: Any) -> Any:
    return SeriesReader.learn(frame, find_roles(frame, "y", **roles), gaps).read(frame)


def test_roles_are_found() -> None:
    roles = find_roles(FRAME, "y")
    assert (roles.date, roles.exogenous) == ("date", ("price",))
    assert find_roles(FRAME.rename(columns={"date": "when"}), "y").date == "when"
    assert find_roles(FRAME.assign(date=FRAME["date"].astype(str)), "y").date == "date"
    assert find_roles(FRAME[["y", "shop"]]).target == "y"
    day = FRAME["date"].dt.strftime("%d.%m.%Y")
    texts = FRAME.drop(columns="date").assign(day=day)
    assert find_roles(texts, "y").date == "day"
    assert find_roles(texts, "y", id="day").date is None
    with pytest.raises(DataError, match="'day', 'until' hold dates: say which is the time"):
        find_roles(texts.assign(until=day), "y")


def test_an_index_of_dates_and_polars_are_taken() -> None:
    series = pd.Series(np.arange(3.0), pd.period_range("2024-01", periods=3, freq="M"))
    assert list(series_frame(series).columns) == ["date", "y"]
    frame = pl.DataFrame({"date": DATES.to_list(), "y": np.arange(30.0)})
    assert find_roles(series_frame(frame), "y").date == "date"


@pytest.mark.parametrize(
    ("roles", "said"),
    [
        ({"target": "z"}, r"no column 'z' \(target\)"),
        ({"target": "y", "exogenous": ["prize"]}, r"no column 'prize' \(exogenous\): did you mean 'price'"),
        ({"target": "y", "exogenous": ["y"]}, "both target and exogenous"),
        ({"target": "shop"}, r"'shop' holds no numbers \(such as 'a'\)"),
        (
            {"target": "y", "calendar": ["weekday"]},
            r"no column 'weekday' \(calendar\): did you mean 'day_of_week'",
        ),
        ({}, "which column is to be forecast, and 'y', 'price' could be"),
    ],
)
def test_a_role_that_cannot_be_is_refused(roles: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said):
        find_roles(FRAME, **roles)


def test_names_must_be_text() -> None:
    with pytest.raises(ArgumentTypeError, match="exogenous=\\[3\\]: give names of columns"):
        find_roles(FRAME, "y", exogenous=3)  # type: ignore[arg-type]


def test_rows_come_in_the_order_of_time_whatever_the_table_has() -> None:
    (one,) = read(FRAME.sample(frac=1, random_state=1))
    assert one.values[:, 0].tolist() == list(range(30))


def test_duplicate_times_are_refused_by_name() -> None:
    twice = pd.concat([FRAME, FRAME.iloc[[3]]])
    with pytest.raises(DataError, match=r"2024-01-04 stands in 2 rows .*column 'date'.*id="):
        read(twice)
    with pytest.raises(DataError, match=r"2024-01-03 stands in 2 rows of the series 'a'"):
        read(pd.concat([FRAME, FRAME.iloc[[2]]]), id="shop")
    both = pd.concat([FRAME.assign(shop="a"), FRAME.assign(shop="b")])
    assert len(read(both, id="shop")) == 2


def test_a_missing_value_inside_a_series_is_refused_with_its_time() -> None:
    frame = FRAME.assign(price=FRAME["price"].where(FRAME.index != 7))
    with pytest.raises(DataError, match=r"'price' is missing \(NaN\) or infinite at 2024-01-08.*interpolate"):
        read(frame)


def test_missing_and_unreadable_times_are_refused() -> None:
    with pytest.raises(DataError, match=r"time 'date' is missing in 1 of 30 rows \(first in row 6\)"):
        read(FRAME.assign(date=FRAME["date"].where(FRAME.index != 5)))
    with pytest.raises(DataError, match="time 'date' is infinite"):
        read(FRAME.assign(date=[np.inf, *range(29)]), date="date")
    texts = FRAME["date"].dt.strftime("%d/%m/%Y").to_numpy(object)
    texts[20] = "soon"
    with pytest.raises(DataError, match=r"'soon', which is no date"):
        read(FRAME.assign(date=texts))


def test_dates_written_day_first_are_read() -> None:
    (one,) = read(FRAME.assign(date=FRAME["date"].dt.strftime("%d/%m/%Y")))
    assert one.times[-1] == DATES[-1]


def test_further_rows_are_read_in_the_format_of_the_training_rows() -> None:
    texts = FRAME.assign(date=FRAME["date"].dt.strftime("%d.%m.%Y"))
    reader = SeriesReader.learn(texts, find_roles(texts, "y"))
    (one,) = reader.read(
        texts[:5].assign(date=["01.03.2024", "02.03.2024", "03.03.2024", "04.03.2024", "05.03.2024"])
    )
    assert one.times.equals(
        pd.date_range("2024-03-01", periods=5).rename(one.times.name).as_unit(one.times.unit)
    )


def test_gaps_are_told_broken_or_refused() -> None:
    frame = FRAME.drop(index=range(10, 15))
    with pytest.warns(
        DataWarning, match=r"1 gap in time, the first between 2024-01-10 and 2024-01-16: lags count rows"
    ):
        (one,) = read(frame)
    assert not one.broken.any()
    (one,) = read(frame, "break")
    assert one.broken.nonzero()[0].tolist() == [10]
    with pytest.raises(DataError, match=r"1 gap in time.*put in the missing rows"):
        read(frame, "error")
    with pytest.raises(SpecificationError, match="gaps='skip'"):
        read(frame, "skip")


def test_weekends_and_holidays_of_working_days_are_no_gaps() -> None:
    days = pd.bdate_range("2024-01-01", periods=60)
    assert not find_gaps(days.delete([9, 10]), "date").any()
    assert find_gaps(days.delete([9, 10, 11, 12]), "date").sum() == 1
    assert not find_gaps(pd.date_range("2024-01-31", periods=24, freq="ME"), "date").any()


@pytest.mark.parametrize(
    ("times", "following"),
    [
        (pd.bdate_range("2024-01-01", periods=20).delete(7), "2024-01-29"),
        (pd.date_range("2024-01-31", periods=5, freq="ME"), "2024-06-30"),
        (pd.date_range("2024-01-01", periods=5, freq="6h"), "2024-01-02 06:00"),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-03", "2024-01-04", "2024-01-06"]), "2024-01-08"),
    ],
)
def test_time_goes_on_as_it_went(times: pd.DatetimeIndex, following: str) -> None:
    assert Clock.learn(times).after(times[-1], 2)[0] == pd.Timestamp(following)


def test_years_go_on_too() -> None:
    assert Clock.learn(pd.Index([1990, 1991, 1992])).after(1992, 2).tolist() == [1993, 1994]


def test_levels_and_scales_of_what_is_known_are_those_of_the_training_rows() -> None:
    frame = FRAME.assign(plan=np.arange(30.0))
    roles = find_roles(frame, "y", known=["plan", "open"])
    reader = SeriesReader.learn(frame[:20], roles)
    (one,) = reader.read(frame)
    assert one.known.shape == (30, 3)
    assert one.known[:20, 0].mean() == pytest.approx(0)
    with pytest.warns(DataWarning, match="'open' has levels that the training rows had not"):
        reader.read(frame.assign(open="maybe"))


def test_what_must_be_known_in_advance_may_not_be_missing() -> None:
    frame = FRAME.assign(plan=np.where(FRAME.index == 4, np.nan, 1.0))
    with pytest.raises(DataError, match=r"'plan' is missing at 2024-01-05.*known in advance everywhere"):
        read(frame, known=["plan"])
    frame = FRAME.assign(plan=np.where(FRAME.index == 4, np.inf, 1.0))
    with pytest.raises(DataError, match=r"'plan' is infinite at 2024-01-05, and in 1 of 30 rows"):
        read(frame, known=["plan"])


def test_numbers_known_in_advance_stay_numbers() -> None:
    frame = FRAME.assign(plan=1.0)
    reader = SeriesReader.learn(frame, find_roles(frame, "y", known=["plan"]))
    with pytest.raises(DataError, match="'plan' holds 'a', and numbers in the training rows"):
        reader.read_ahead(frame.assign(plan="a"))


def test_numbers_in_a_column_of_objects_are_numbers() -> None:
    (one,) = read(series_frame(FRAME.assign(y=FRAME["y"].astype(object))))
    assert one.values[:, 0].tolist() == FRAME["y"].tolist()


def test_a_calendar_needs_dates() -> None:
    frame = FRAME.assign(date=np.arange(30))
    with pytest.raises(DataError, match="'month' is read off dates, and the times are numbers such as 0"):
        read(frame, date="date", calendar=["month"])
    with pytest.raises(DataError, match="'month' is read off dates, and no column of dates was found"):
        read(FRAME.drop(columns="date"), calendar=["month"])


def test_a_column_that_is_no_feature_of_dates_stands_for_itself() -> None:
    frame = FRAME.drop(columns="date").assign(day_of_week=["mon", "tues", "wed"] * 10)
    (one,) = read(frame, calendar=["day_of_week"])
    assert one.known.sum(axis=0).tolist() == [10, 10, 10]
