"""Rebuild the columns of a fitted table from plain JSON-able values, by a closed table of kinds."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from lamina.data.columns import DATE_PARTS, CodeColumn, Column, DateColumn, LevelColumn, NumericColumn
from lamina.data.number_styles import STYLES
from lamina.errors import FileFormatError

_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (NumericColumn, DateColumn, LevelColumn, CodeColumn)
}
# What a field's annotation asks of the value that was read.
_FITS: dict[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "str | None": lambda value: value is None or isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and math.isfinite(value),
    "tuple[str, ...]": lambda value: isinstance(value, tuple) and all(isinstance(x, str) for x in value),
    "tuple[float, ...]": lambda value: isinstance(value, tuple) and all(map(_FITS["float"], value)),
}
_PARTS: dict[str, type[Any]] = {"parameters": dict, "names": list, "columns": list, "dropped": dict}


def read_plain(
    plain: Mapping[str, Any], known: list[str]
) -> tuple[dict[str, Any], list[str], list[Any], dict[str, str]]:
    """Take the parts of an encoder's state apart.

    Raises
    ------
    FileFormatError
        If a part is absent or of another type, a parameter unknown, or the columns do not fit the names.
    """
    for part, needed in _PARTS.items():
        if not isinstance(plain.get(part), needed):
            raise FileFormatError(
                f"the encoder's state has no usable {part!r}: the file is damaged, save it again"
            )
    names, dropped = list(plain["names"]), dict(plain["dropped"])
    columns = list(plain["columns"])
    found = [column.get("name") for column in columns if isinstance(column, Mapping)]
    if sorted(map(str, [*found, *dropped])) != sorted(map(str, names)):
        raise FileFormatError(
            "the encoder's columns do not fit its column names: the file is damaged, save it again"
        )
    if set(plain["parameters"]) != set(known):
        raise FileFormatError(
            f"the encoder has the parameters {sorted(plain['parameters'])}, but this version knows {known}: "
            "was it saved by a newer version?"
        )
    return dict(plain["parameters"]), names, columns, dropped


def column_from_plain(plain: Mapping[str, Any]) -> Column:
    """Rebuild one column.

    Raises
    ------
    FileFormatError
        If its type or a field of it is unknown or missing.

    >>> column_from_plain({"type": "CodeColumn", "name": "x", "levels": ["a"], "kind": "many-level category"})
    CodeColumn(name='x', levels=('a',), kind='many-level category')
    """
    kind = _TYPES.get(str(plain.get("type")))
    if kind is None:
        raise FileFormatError(
            f"a column of type {plain.get('type')!r} is unknown: was it saved by a newer version?"
        )
    needed = [entry.name for entry in fields(kind)]
    if set(plain) != {"type", *needed}:
        raise FileFormatError(
            f"the column {plain.get('name')!r} needs {needed} but has {sorted(plain)}: damaged file"
        )
    values = {name: tuple(value) if isinstance(value := plain[name], list) else value for name in needed}
    if not all(_FITS[str(entry.type)](values[entry.name]) for entry in fields(kind)):
        raise FileFormatError(f"the column {plain['name']!r} has values of a wrong type: the file is damaged")
    column: Column = kind(**{entry.name: values[entry.name] for entry in fields(kind) if entry.init})
    if isinstance(column, DateColumn):
        _check_date(column)
    if isinstance(column, NumericColumn) and column.style not in STYLES:
        raise FileFormatError(
            f"the column {column.name!r} has the unknown style {column.style!r}: damaged file"
        )
    return column


def _check_date(column: DateColumn) -> None:
    fitting = set(column.parts) <= set(DATE_PARTS) and len(column.parts) == len(column.medians) > 0
    try:
        datetime.datetime.fromisoformat(column.origin)
    except ValueError:
        fitting = False
    if not fitting:
        raise FileFormatError(f"the column {column.name!r} has unknown parts of a date: the file is damaged")
