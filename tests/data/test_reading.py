"""Files as R, Excel and databases write them are read as the same table; what cannot be read is refused in words."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.data import TableEncoder, read_table
from lamina.errors import DataError, DataWarning

FRAME = pd.DataFrame({"town": ["Köln", "Ulm", "Bonn"], "price": [1.5, 2.25, 1000.0], "rooms": [1, 2, 3]})


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    """Put a text into a file."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_delimiter_encoding_and_line_ends_are_found(
    tmp_path: Path, delimiter: str, encoding: str, line_end: str
) -> None:
    text = FRAME.to_csv(sep=delimiter, index=False, lineterminator=line_end)
    pd.testing.assert_frame_equal(read_table(write(tmp_path, "x.csv", text, encoding)), FRAME)


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_decimal_commas_are_found(tmp_path: Path, delimiter: str) -> None:
    text = FRAME.to_csv(sep=delimiter, decimal=",", index=False)
    pd.testing.assert_frame_equal(read_table(write(tmp_path, "x.csv", text)), FRAME)


def test_a_semicolon_file_with_decimal_points_keeps_them(tmp_path: Path) -> None:
    text = FRAME.to_csv(sep=";", index=False)
    pd.testing.assert_frame_equal(read_table(write(tmp_path, "x.csv", text)), FRAME)


def test_thousands_are_read_on_the_way_to_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", "a;b\n1.234,5;x\n12,25;y\n1.000.000,0;x\n")
    encoder = TableEncoder(dtype="float64")
    assert encoder.fit_transform(read_table(path))[:, 0].tolist() == [1234.5, 12.25, 1e6]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".tab", ".txt", ".csv.gz", ".parquet", ".pq"])
def test_every_kind_of_file_gives_the_table_back(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"x{suffix}"
    if suffix in (".parquet", ".pq"):
        FRAME.to_parquet(path)
    else:
        FRAME.to_csv(path, index=False, sep="\t" if suffix in (".tsv", ".tab") else ",")
    pd.testing.assert_frame_equal(read_table(path), FRAME, check_dtype=False)


def test_commas_and_line_ends_inside_quotes_do_not_mislead(tmp_path: Path) -> None:
    text = 'name;note\n"a";"one, two, three"\n"b";"four, five,\nsix; seven"\n'
    frame = read_table(write(tmp_path, "x.csv", text))
    assert frame.shape == (2, 2)
    assert frame["note"][1] == "four, five,\nsix; seven"


def test_one_column_is_a_table(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "x.csv", "x\n1\n2\n"))["x"].tolist() == [1, 2]


def test_names_lose_the_blanks_around_them(tmp_path: Path) -> None:
    assert list(read_table(write(tmp_path, "x.csv", "a, b ,c\n1, 2, 3\n4, 5, 6\n")).columns) == [
        "a",
        "b",
        "c",
    ]


def test_a_delimiter_at_the_end_of_each_row_shifts_nothing(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "x.csv", "a,b,\n1,2,\n3,4,\n"))["a"].tolist() == [1, 3]


def test_repeated_names_are_told(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", "a,b,a\n1,2,3\n4,5,6\n")
    with pytest.warns(DataWarning, match=r"more than one column named 'a'.*'a\.1'"):
        assert list(read_table(path).columns) == ["a", "b", "a.1"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty.*column names"),
        ("blank.csv", b" \n\n ", "is empty.*column names"),
        ("mark.csv", b"\xef\xbb\xbf", "is empty"),
        ("header.csv", b"a,b\n", "2 column.*no rows: add the rows"),
        ("ragged.csv", b"a,b\n1,2\n1,2,3,4\n", "cannot be read.*line 3"),
        ("sheet.csv", b"PK\x03\x04\x00\x00\x00", "binary data"),
        ("book.xlsx", b"PK", "'.xlsx'.*save it as CSV"),
        ("none", b"a,b\n1,2", "suffix ''"),
        ("x.parquet", b"PAR1 nonsense", "cannot be read as a table"),
        ("x.csv.gz", gzip.compress(b"a,b\n1,2\n" * 500, mtime=0)[:-20], "cannot be read as a table"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        read_table(tmp_path / name)


def test_a_missing_file_is_told_with_the_nearest_name(tmp_path: Path) -> None:
    write(tmp_path, "sales.csv", "a\n1\n")
    with pytest.raises(DataError, match=r"no file.*did you mean.*sales\.csv"):
        read_table(tmp_path / "sale.csv")
    with pytest.raises(DataError, match="check the name and the folder"):
        read_table(tmp_path / "nowhere" / "x.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(DataError, match="is a folder"):
        read_table(tmp_path / "folder.csv")


words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Z")), min_size=1, max_size=8)


@given(
    st.lists(st.tuples(words, words, st.integers(0, 99)), min_size=2, max_size=12),
    st.sampled_from(",;\t"),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_quoted_comes_back(
    tmp_path: Path, rows: list[tuple[str, str, int]], delimiter: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([("first", "second", "number"), *rows])
    frame = read_table(write(tmp_path, "x.csv", stream.getvalue()))
    assert list(frame.columns) == ["first", "second", "number"]
    np.testing.assert_array_equal(frame["number"], [row[2] for row in rows])
