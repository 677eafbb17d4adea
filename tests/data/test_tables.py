"""Tables become numbers: equal to what scikit-learn gives, learnt from training rows alone, and honest about losses."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from lamina.data import TableEncoder
from lamina.data.datasets import load_dataset
from lamina.errors import ArgumentTypeError, DataError, DataWarning, FileFormatError, SpecificationError

ROWS = 60
TOWNS = ["Ulm", "Bonn", "Kiel"]


@pytest.fixture
def messy() -> pd.DataFrame:
    """A table as a user has it."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2023-01-01", periods=ROWS, freq="5D")
    return pd.DataFrame(
        {
            "age": np.where(np.arange(ROWS) % 7 == 0, np.nan, rng.normal(40, 9, ROWS)),
            "income": [str(value) if value % 5 else "N/A" for value in range(ROWS)],
            "town": [TOWNS[value % 3] if value % 8 else None for value in range(ROWS)],
            "member": [True, False] * (ROWS // 2),
            "answer": ["yes", "no"] * (ROWS // 2),
            "since": days.strftime("%d/%m/%Y"),
            "seen": days,
            "id": [f"customer {value:05d}" for value in range(ROWS)],
            "remark": [f"called {value} times, wants {value + 1} more" for value in range(ROWS)],
            "empty": [None] * ROWS,
            "country": ["DE"] * ROWS,
        }
    )


@pytest.fixture
def fitted(messy: pd.DataFrame) -> TableEncoder:
    return TableEncoder(warn=False).fit(messy)


def test_each_column_is_taken_for_what_it_is(fitted: TableEncoder) -> None:
    assert fitted.kinds_ == {
        "age": "numeric",
        "income": "numeric",
        "town": "category",
        "member": "boolean",
        "answer": "category",
        "since": "date",
        "seen": "date",
        "id": "left out",
        "remark": "left out",
        "empty": "left out",
        "country": "left out",
    }


def test_what_is_left_out_is_told_once_with_names_and_reasons(messy: pd.DataFrame) -> None:
    with pytest.warns(DataWarning) as caught:
        encoder = TableEncoder().fit(messy)
    assert len(caught) == 1
    message = str(caught[0].message)
    for text in ("'id'", "'remark'", "'empty'", "'country'", "identifiers", "constant", "missing"):
        assert text in message
    assert set(encoder.dropped_) == {"id", "remark", "empty", "country"}


def test_names_mask_and_matrix_agree(fitted: TableEncoder, messy: pd.DataFrame) -> None:
    matrix = fitted.transform(messy)
    names = fitted.get_feature_names_out()
    assert matrix.shape == (ROWS, len(names))
    assert matrix.dtype == np.float32
    assert np.isfinite(matrix).all()
    assert fitted.numeric_mask_.shape == names.shape
    indicators = matrix[:, ~fitted.numeric_mask_]
    assert set(np.unique(indicators)) == {0.0, 1.0}
    assert names[~fitted.numeric_mask_].tolist() == [
        "age_missing",
        "income_missing",
        "town_Bonn",
        "town_Kiel",
        "town_Ulm",
        "town_(missing)",
        "member_True",
        "answer_yes",
    ]


def test_numbers_equal_the_median_imputer_with_indicators() -> None:
    frame = pd.DataFrame({"a": [1.0, np.nan, 3.0, 10.0], "b": [1, 2, 3, 4], "c": [np.nan, 1.5, np.nan, 0.5]})
    imputed = SimpleImputer(strategy="median", add_indicator=True).fit_transform(frame)
    ours = TableEncoder(dtype="float64").fit(frame)
    assert ours.get_feature_names_out().tolist() == ["a", "a_missing", "b", "c", "c_missing"]
    np.testing.assert_array_equal(ours.transform(frame), imputed[:, [0, 3, 1, 2, 4]])


@given(
    st.lists(st.sampled_from("abcdef"), min_size=6, max_size=60).filter(lambda x: 1 < len(set(x)) < len(x))
)
@settings(max_examples=40, deadline=None)
def test_categories_equal_the_one_hot_encoder(levels: list[str]) -> None:
    frame = pd.DataFrame({"x": levels})
    theirs = OneHotEncoder(drop="if_binary", sparse_output=False).fit_transform(frame)
    np.testing.assert_array_equal(TableEncoder().fit_transform(frame), theirs)


def test_rare_levels_share_a_column_as_in_the_one_hot_encoder() -> None:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"x": [f"level {value:02d}" for value in rng.geometric(0.08, 2000)]})
    ours = TableEncoder(max_one_hot=12).fit(frame)
    theirs = OneHotEncoder(max_categories=12, sparse_output=False).fit(frame)
    assert ours.kinds_ == {"x": "many-level category"}
    matrix, expected = ours.transform(frame), theirs.transform(frame)
    assert matrix.shape == (2000, 12)
    assert sorted(map(tuple, matrix.T)) == sorted(map(tuple, expected.T))


def test_many_levels_as_codes_come_last_and_zero_is_unseen() -> None:
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"zip": [f"z{value:03d}" for value in rng.integers(0, 90, 900)], "x": rng.normal(size=900)}
    )
    encoder = TableEncoder(categories="codes").fit(frame)
    levels = sorted(set(frame["zip"]))
    assert encoder.embedding_levels_ == (len(levels) + 1,)
    assert encoder.get_feature_names_out().tolist() == ["x", "zip"]
    matrix = encoder.transform(frame)
    assert [levels[int(code) - 1] for code in matrix[:, 1]] == frame["zip"].tolist()
    new = pd.DataFrame({"zip": ["nowhere", None, levels[0]], "x": [0.0, 0.0, 0.0]})
    with pytest.warns(DataWarning, match="'zip'.*coded as 0: 'nowhere'"):
        assert encoder.transform(new)[:, 1].tolist() == [0, 0, 1]


def test_unseen_categories_are_zeros_and_told_once() -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"a": ["x", "y", "z", "x"], "b": ["u", "v", "u", "v"]}))
    with pytest.warns(DataWarning) as caught:
        matrix = encoder.transform(pd.DataFrame({"a": ["w", "x"], "b": ["u", None]}))
    assert len(caught) == 1
    assert all(text in str(caught[0].message) for text in ("'a'", "'w'", "'b'", "'(missing)'", "zeros"))
    np.testing.assert_array_equal(matrix, [[0, 0, 0, 0], [1, 0, 0, 0]])


def test_a_level_unseen_where_rare_levels_share_a_column_is_one_of_them() -> None:
    frame = pd.DataFrame({"x": list("aaaabbbcc") + list("defghijk") * 2})
    encoder = TableEncoder(max_one_hot=4).fit(frame)
    assert encoder.get_feature_names_out()[-1] == "x_(rare)"
    with pytest.warns(DataWarning, match=r"coded as \(rare\): 'new'"):
        assert encoder.transform(pd.DataFrame({"x": ["new"]})).tolist() == [[0, 0, 0, 1]]


def test_columns_are_matched_by_name_and_extra_ones_ignored(
    fitted: TableEncoder, messy: pd.DataFrame
) -> None:
    shuffled = messy[messy.columns[::-1]].assign(more=1)
    np.testing.assert_array_equal(fitted.transform(shuffled), fitted.transform(messy))


def test_a_missing_column_is_an_error_that_names_it(fitted: TableEncoder, messy: pd.DataFrame) -> None:
    with pytest.raises(DataError, match=r"column 'town', which the new rows lack: add it"):
        fitted.transform(messy.drop(columns="town"))
    fitted.transform(messy.drop(columns="id"))  # was left out, so is not needed


def test_what_is_learnt_comes_from_training_rows_alone(messy: pd.DataFrame) -> None:
    encoder = TableEncoder(warn=False).fit(messy[:30])
    alone = encoder.transform(messy[30:31])
    with_others = encoder.transform(messy[30:])[:1]
    np.testing.assert_array_equal(alone, with_others)


def test_polars_gives_the_numbers_of_pandas(messy: pd.DataFrame, fitted: TableEncoder) -> None:
    frame = pl.from_pandas(messy)
    ours = TableEncoder(warn=False).fit(frame)
    assert ours.kinds_ == fitted.kinds_
    np.testing.assert_array_equal(ours.transform(frame), fitted.transform(messy))
    np.testing.assert_array_equal(fitted.transform(frame), fitted.transform(messy))


def test_polars_types_are_understood() -> None:
    frame = pl.DataFrame(
        {
            "level": pl.Series(["lo", "hi", "lo", "mid"], dtype=pl.Enum(["lo", "mid", "hi"])),
            "day": [datetime.date(2024, 1, day) for day in (1, 2, 4, 9)],
            "price": [Decimal("1.5"), None, Decimal("2.25"), Decimal("3")],
            "wait": [datetime.timedelta(hours=hours) for hours in (1, 2, 3, 12)],
        }
    )
    encoder = TableEncoder().fit(frame)
    assert list(encoder.kinds_.values()) == ["category", "date", "numeric", "numeric"]
    assert encoder.get_feature_names_out()[:3].tolist() == ["level_lo", "level_mid", "level_hi"]
    np.testing.assert_allclose(encoder.transform(frame)[:, -1], np.array([1, 2, 3, 12]) / 24, rtol=1e-6)


@pytest.mark.parametrize("dtype", ["Int64", "Float64", "int64[pyarrow]", "string", "object", "str"])
def test_every_way_pandas_holds_numbers_gives_the_same(dtype: str) -> None:
    numbers = [3, 1, None, 7, 12]
    column = (
        pd.Series([None if value is None else str(value) for value in numbers])
        if dtype
        in (
            "string",
            "object",
            "str",
        )
        else pd.Series(numbers, dtype="Int64")
    )
    encoder = TableEncoder().fit(pd.DataFrame({"x": column.astype(dtype)}))
    np.testing.assert_array_equal(
        encoder.transform(pd.DataFrame({"x": column.astype(dtype)})),
        [[3, 0], [1, 0], [5, 1], [7, 0], [12, 0]],
    )


@pytest.mark.parametrize("dtype", ["bool", "boolean", "object", "bool[pyarrow]"])
def test_every_way_pandas_holds_truth_values_gives_the_same(dtype: str) -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"x": pd.Series([True, False, True]).astype(dtype)}))
    assert encoder.kinds_ == {"x": "boolean"}
    for again in ([True, False], [1, 0], ["TRUE", "FALSE"], [1.0, 0.0], ["yes", "no"]):
        assert encoder.transform(pd.DataFrame({"x": again})).tolist() == [[1], [0]]


def test_codes_of_a_categorical_column_survive_a_change_of_type() -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"x": pd.Categorical([1, 2, 3, 1])}))
    assert encoder.kinds_ == {"x": "category"}
    for again in ([2], [2.0], ["2"], pd.Categorical([2])):
        assert encoder.transform(pd.DataFrame({"x": again})).tolist() == [[0, 1, 0]]


def test_dates_are_days_since_the_first_with_calendar_parts() -> None:
    frame = pd.DataFrame({"when": ["2024-01-31", "2024-02-29", "2024-03-01", None]})
    encoder = TableEncoder(dtype="float64").fit(frame)
    assert encoder.get_feature_names_out().tolist() == [
        "when_days",
        "when_month",
        "when_day",
        "when_weekday",
        "when_missing",
    ]
    np.testing.assert_array_equal(
        encoder.transform(frame),
        [[0, 1, 31, 2, 0], [29, 2, 29, 3, 0], [30, 3, 1, 4, 0], [29, 2, 29, 3, 1]],
    )
    with pytest.warns(DataWarning, match="'when'.*no dates.*'soon'"):
        encoder.transform(pd.DataFrame({"when": ["soon"]}))
    later = pd.DataFrame({"when": pd.to_datetime(["2024-03-01"])})
    np.testing.assert_array_equal(encoder.transform(later), [[30, 3, 1, 4, 0]])


def test_times_keep_their_seconds() -> None:
    start = pd.Timestamp("2024-05-01 12:00:00")
    frame = pd.DataFrame({"at": [start + pd.Timedelta(seconds=value) for value in range(20)]})
    days = TableEncoder().fit_transform(frame)[:, 0]
    np.testing.assert_allclose(days * 86400, np.arange(20), rtol=1e-5)


def test_time_zones_are_brought_to_one() -> None:
    frame = pd.DataFrame(
        {"at": ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00+00:00", "2024-01-02T00:00:00+00:00"]}
    )
    np.testing.assert_allclose(TableEncoder().fit_transform(frame)[:, 0], [0, 2 / 24, 26 / 24], rtol=1e-6)


def test_numbers_with_a_few_words_among_them_stay_numbers_and_it_is_told() -> None:
    column = [str(value) for value in range(100)] + ["unknown"] * 3
    with pytest.warns(DataWarning, match="'age' is read as numbers, and 'unknown' as missing"):
        encoder = TableEncoder().fit(pd.DataFrame({"age": column}))
    assert encoder.get_feature_names_out().tolist() == ["age", "age_missing"]


def test_text_where_training_had_numbers_is_missing_and_told() -> None:
    encoder = TableEncoder().fit(pd.DataFrame({"x": [1.0, 2.0, 6.0]}))
    with pytest.warns(DataWarning, match="'x' has values that are no numbers, counted as missing: 'twelve'"):
        assert encoder.transform(pd.DataFrame({"x": ["twelve", "4"]})).tolist() == [[2], [4]]


def test_decimal_commas_are_read() -> None:
    frame = pd.DataFrame({"x": ["1,5", "2,25", "1.000,5"]})
    assert TableEncoder().fit_transform(frame).ravel().tolist() == [1.5, 2.25, 1000.5]


def test_the_way_of_writing_numbers_is_learnt_in_training() -> None:
    german = TableEncoder().fit(pd.DataFrame({"x": ["1,5", "2,25", "7"]}))
    english = TableEncoder().fit(pd.DataFrame({"x": ["1,500", "2,250.5", "7"]}))
    new = pd.DataFrame({"x": ["1,234"]})
    assert german.transform(new).item() == pytest.approx(1.234)
    assert english.transform(new).item() == 1234


@pytest.mark.parametrize(
    ("column", "numbers"),
    [
        (["$1,200.50", "$3", "-$4"], [1200.5, 3, -4]),
        (["5 %", "7%", "12.5%"], [5, 7, 12.5]),
        (["1 234,5 €", "12 €", "7,25 €"], [1234.5, 12, 7.25]),
        (["1\u202f234.5", "1'000", "2"], [1234.5, 1000, 2]),
        (["1e3", "2.5E-1", "+.5"], [1000, 0.25, 0.5]),
    ],
)
def test_signs_and_blanks_of_spreadsheets_are_read(column: list[str], numbers: list[float]) -> None:
    matrix = TableEncoder(dtype="float64").fit_transform(pd.DataFrame({"x": column}))
    assert matrix.ravel().tolist() == numbers


@pytest.mark.parametrize(
    "column",
    [
        ["1/2/2024 5:03 PM", "1/13/2024 11:15 AM", "1/14/2024 9:00 AM"],
        ["Jan 2024", "Feb 2024", "Dec 2024"],
        ["Jan-24", "Feb-24", "Dec-23"],
        ["3 January 2024", "14 February 2024", "1 March 2024"],
        ["31.12.2023", "01.01.2024", "02.01.2024"],
        ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2024-02-02T00:00:00Z"],
    ],
)
def test_dates_as_people_write_them_are_read(column: list[str]) -> None:
    assert TableEncoder().fit(pd.DataFrame({"x": column})).kinds_ == {"x": "date"}


def test_columns_of_mixed_types_are_one_category() -> None:
    frame = pd.DataFrame({"x": pd.Series([1, "a", 1.0, "a", None, 1], dtype=object)})
    encoder = TableEncoder().fit(frame)
    assert encoder.get_feature_names_out().tolist() == ["x_1", "x_a", "x_(missing)"]


def test_row_numbers_and_containers_are_left_out() -> None:
    frame = pd.DataFrame({"Unnamed: 0": [1, 2, 3], "list": [[1], [2], [3]], "x": [1, 5, 2]})
    with pytest.warns(DataWarning, match="row numbers.*list objects"):
        encoder = TableEncoder().fit(frame)
    assert encoder.transform(frame).ravel().tolist() == [1, 5, 2]


def test_arrays_are_tables_too() -> None:
    array = np.arange(6.0).reshape(3, 2)
    encoder = TableEncoder().fit(array)
    np.testing.assert_array_equal(encoder.transform(array), array)
    assert encoder.feature_names_in_.tolist() == ["x0", "x1"]
    with pytest.raises(DataError, match=r"X has 3 features.*expecting 2"):
        encoder.transform(np.ones((1, 3)))


@pytest.mark.parametrize(
    ("table", "error", "message"),
    [
        (pd.DataFrame({"x": [1.0, np.inf]}), DataError, "'x'.*infinite.*row 1.*remove"),
        (pd.DataFrame({"x": [1.0, 1e300]}), DataError, "overflowing"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), DataError, "'a' occur more than once"),
        (pd.DataFrame({"x": []}), DataError, r"0 sample\(s\)"),
        (pd.DataFrame(index=range(3)), DataError, r"0 feature\(s\)"),
        (pd.DataFrame({"x": [1, 1], "y": [None, None]}), DataError, "no column can be used.*'x' .constant."),
        (pd.DataFrame({"x": [5]}), DataError, "no column can be used.*n_samples=1"),
        (np.arange(3.0), DataError, "Reshape your data"),
        (None, ArgumentTypeError, "NoneType"),
        ({"x": [1]}, ArgumentTypeError, "dict.*pandas.DataFrame"),
        (pl.LazyFrame({"x": [1]}), ArgumentTypeError, "collect"),
    ],
)
def test_what_cannot_be_a_table_is_refused(table: object, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TableEncoder(warn=False).fit(table)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"categories": "onehot"}, "did you mean 'one_hot'"),
        ({"max_one_hot": 1}, "at least 3"),
        ({"dtype": "int8"}, "float32"),
    ],
)
def test_settings_that_mean_nothing_are_refused(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(SpecificationError, match=message):
        TableEncoder(**parameters).fit([[1.0], [2.0]])  # type: ignore[arg-type]


def test_the_state_goes_through_json_and_gives_the_same_bits(messy: pd.DataFrame) -> None:
    rng = np.random.default_rng(3)
    frame = pd.concat([messy] * 10, ignore_index=True).assign(zip=[f"z{v}" for v in rng.integers(0, 80, 600)])
    for categories in ("one_hot", "codes"):
        encoder = TableEncoder(categories=categories, warn=False).fit(frame)
        arrays, plain = encoder.state()
        again = TableEncoder.from_state(arrays, json.loads(json.dumps(plain)))
        np.testing.assert_array_equal(again.transform(frame), encoder.transform(frame))
        assert again.state() == encoder.state()
        for name in ("kinds_", "dropped_", "embedding_levels_", "n_features_in_"):
            assert getattr(again, name) == getattr(encoder, name)
        for name in ("numeric_mask_", "feature_names_in_"):
            np.testing.assert_array_equal(getattr(again, name), getattr(encoder, name))


def test_a_damaged_state_is_refused(fitted: TableEncoder) -> None:
    _, plain = fitted.state()
    damaged = [
        {},
        {**plain, "columns": plain["columns"][1:]},
        {**plain, "columns": [{**plain["columns"][0], "type": "os.system"}, *plain["columns"][1:]]},
        {**plain, "columns": [{**plain["columns"][0], "extra": 1}, *plain["columns"][1:]]},
        {**plain, "columns": [{**plain["columns"][0], "median": "0"}, *plain["columns"][1:]]},
        {**plain, "columns": [{**plain["columns"][0], "median": float("nan")}, *plain["columns"][1:]]},
        {**plain, "columns": [*plain["columns"][:-1], {**plain["columns"][-1], "parts": ["month"]}]},
        {**plain, "columns": [*plain["columns"][:-1], {**plain["columns"][-1], "origin": "never"}]},
        {**plain, "parameters": {"unknown": 1}},
    ]
    for state in damaged:
        with pytest.raises(FileFormatError):
            TableEncoder.from_state({}, state)


def test_it_clones_and_gives_frames_when_asked(messy: pd.DataFrame, fitted: TableEncoder) -> None:
    assert clone(fitted).get_params() == fitted.get_params()
    frame = clone(fitted).set_output(transform="pandas").fit_transform(messy)
    assert list(frame.columns) == fitted.get_feature_names_out().tolist()


def test_hitters_is_19_numbers_after_the_target_is_taken_out() -> None:
    data = load_dataset("hitters")
    encoder = TableEncoder().fit(data.frame.drop(columns=data.target))
    assert len(encoder.get_feature_names_out()) == 19
    assert int(encoder.numeric_mask_.sum()) == 16


def test_plain_tables_do_not_wait_for_skrub() -> None:
    code = (
        "import sys; from lamina.data import TableEncoder; from lamina.data.datasets import load_dataset\n"
        "TableEncoder().fit_transform(load_dataset('hitters').frame); assert 'skrub' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


cells = st.one_of(
    st.none(),
    st.text(max_size=8),
    st.integers(-(10**9), 10**9),
    st.floats(-1e30, 1e30),
    st.booleans(),
    st.dates(),
)


@given(st.lists(cells, min_size=3, max_size=25), st.lists(cells, min_size=1, max_size=5))
@example(train=[None, datetime.date(2000, 1, 1), datetime.date(1677, 1, 1)], new=[None])
@settings(max_examples=60, deadline=None)
def test_any_column_is_encoded_finitely_or_left_out(train: list[object], new: list[object]) -> None:
    table = pd.DataFrame({"x": pd.Series(train, dtype=object), "anchor": np.arange(len(train))})
    other = pd.DataFrame({"x": pd.Series(new, dtype=object), "anchor": np.arange(len(new))})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", DataWarning)
        encoder = TableEncoder().fit(table)
        for frame in (table, other):
            matrix = encoder.transform(frame)
            assert matrix.shape == (len(frame), len(encoder.get_feature_names_out()))
            assert np.isfinite(matrix).all()
