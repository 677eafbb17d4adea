"""Read a table from a file: CSV as it comes out of R, Excel or a database, tab-separated text, Parquet."""

from __future__ import annotations

import bz2
import csv
import difflib
import gzip
import lzma
import re
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from lamina.errors import DataError, DataWarning

if TYPE_CHECKING:
    import pandas as pd

_SAMPLE_BYTES = 64 * 1024
_SAMPLE_LINES = 100
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_DECIMAL_POINT = re.compile(r"[+-]?\d+\.\d+")
_DELIMITERS = ",;\t|"

_OPENERS: dict[str, Callable[[Path], Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@dataclass(frozen=True)
class Dialect:
    """How a text file writes its table."""

    delimiter: str
    decimal: str
    encoding: str
    header: tuple[str, ...]


def read_table(path: str | Path) -> pd.DataFrame:
    """Read a table from a file; its first lines tell the delimiter, encoding and decimal mark.

    Parameters
    ----------
    path : str or Path
        A .csv, .txt, .tsv or .tab file (also .gz, .bz2, .xz), or .parquet, .pq.

    Raises
    ------
    DataError
        The file is missing, empty, without rows, damaged, or of an unknown suffix.
    DataWarning
        Two columns share a name; the second is renamed.

    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "sales.csv"
    >>> _ = file.write_text("town;price\\nUlm;3,5\\nBonn;4,25\\n")
    >>> read_table(file)["price"].tolist()
    [3.5, 4.25]
    """
    file = Path(path).expanduser()
    reader = _reader(file)
    _check_exists(file)
    try:
        frame = reader(file)
    except DataError:
        raise
    except Exception as error:  # the readers of text, archives and Parquet fail in ways of their own
        raise DataError(
            f"{file} cannot be read as a table: {_first_line(error)}. Check that it is complete and that "
            f"its suffix {file.suffix!r} tells what it is"
        ) from error
    if len(frame) == 0:
        raise DataError(
            f"{file} has {frame.shape[1]} column(s) but no rows: add the rows of data below "
            "the line of column names"
        )
    return frame


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


def _reader(file: Path) -> Callable[[Path], pd.DataFrame]:
    suffixes = [suffix.lower() for suffix in file.suffixes]
    if suffixes and suffixes[-1] in _OPENERS:
        suffixes.pop()
    suffix = suffixes[-1] if suffixes else ""
    if suffix not in _READERS:
        raise DataError(
            f"{file} has the suffix {suffix!r}, but a table is read from {', '.join(_READERS)}: save it as "
            "CSV"
        )
    return _READERS[suffix]


def _check_exists(file: Path) -> None:
    if not file.exists():
        folder = file.parent
        names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
        close = difflib.get_close_matches(file.name, names, n=1)
        hint = f"did you mean {str(folder / close[0])!r}?" if close else "check the name and the folder"
        raise DataError(f"there is no file {str(file)!r}: {hint}")
    if not file.is_file():
        raise DataError(f"{str(file)!r} is a folder, but a file with a table is needed: name the file in it")
    if file.stat().st_size == 0:
        raise DataError(f"{file} is empty (0 bytes), but needs a line of column names and rows of data")


def _read_parquet(file: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_parquet(file)


def _read_text(file: Path) -> pd.DataFrame:
    import pandas as pd

    dialect = sniff(file)
    frame = pd.read_csv(
        file,
        sep=dialect.delimiter,
        decimal=dialect.decimal,
        encoding=dialect.encoding,
        skipinitialspace=True,
        low_memory=False,  # otherwise a column's type may differ from one chunk of rows to the next
        index_col=False,  # a trailing delimiter in every row must not shift the columns
    )
    frame.columns = [str(name).strip() for name in frame.columns]
    _warn_of_repeated(file, dialect.header)
    return frame


def _read_tabbed(file: Path) -> pd.DataFrame:
    return _read_text(file)


def sniff(file: Path) -> Dialect:
    """Find from a file's first lines how it writes its table.

    Raises
    ------
    DataError
        The file holds nothing but white space, or binary data.
    """
    with _opened(file) as stream:
        raw = stream.read(_SAMPLE_BYTES)
    encoding = _encoding(file, raw)
    text = raw.decode(encoding, "ignore")
    if "\0" in text:
        raise DataError(f"{file} holds binary data, not text: is it a spreadsheet or archive? Save it as CSV")
    lines = text.splitlines()
    lines = [line for line in (lines[:-1] if len(raw) == _SAMPLE_BYTES else lines) if line.strip()]
    if not lines:
        raise DataError(f"{file} is empty, but needs a line of column names and rows of data")
    delimiter = _delimiter(lines[:_SAMPLE_LINES])
    rows = list(csv.reader(lines[:_SAMPLE_LINES], delimiter=delimiter, skipinitialspace=True))
    fields = [field.strip() for row in rows[1:] for field in row]
    return Dialect(delimiter, _decimal(delimiter, fields), encoding, tuple(name.strip() for name in rows[0]))


def _opened(file: Path) -> BinaryIO:
    stream: BinaryIO = _OPENERS.get(file.suffix.lower(), Path.open)(file, "rb")
    return stream


def _encoding(file: Path, raw: bytes) -> str:
    if raw.startswith(_UTF16_MARKS):
        return "utf-16"
    with _opened(file) as stream:
        try:
            for line in stream:
                line.decode("utf-8")
        except UnicodeDecodeError:
            return "cp1252" if not any(byte in raw for byte in b"\x81\x8d\x8f\x90\x9d") else "latin-1"
    return "utf-8-sig"


def _delimiter(lines: list[str]) -> str:
    """The delimiter by which the most lines have as many fields as the header; then, the most fields."""

    def merit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True)]
        width = widths[0]
        return (Counter(widths)[width] / len(widths), width) if width > 1 else (0.0, 0)

    return max(_DELIMITERS, key=merit)


def _decimal(delimiter: str, fields: list[str]) -> str:
    if delimiter == ",":
        return "."
    commas = sum(_DECIMAL_COMMA.fullmatch(field) is not None for field in fields)
    points = sum(_DECIMAL_POINT.fullmatch(field) is not None for field in fields)
    return "," if commas > points else "."


def _warn_of_repeated(file: Path, header: tuple[str, ...]) -> None:
    twice = sorted(name for name, count in Counter(header).items() if count > 1 and name)
    if twice:
        warnings.warn(
            f"{file} has more than one column named {', '.join(map(repr, twice))}; the later ones are read "
            f"as {', '.join(repr(name + '.1') for name in twice)} and so on",
            DataWarning,
            stacklevel=4,
        )


_READERS: dict[str, Callable[[Path], Any]] = {
    ".csv": _read_text,
    ".txt": _read_text,
    ".tsv": _read_tabbed,
    ".tab": _read_tabbed,
    ".parquet": _read_parquet,
    ".pq": _read_parquet,
}
