"""Rebuild the columns of a fitted table from plain JSON-able values, by a closed table of kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from lamina.data.columns import CodeColumn, Column, DateColumn, LevelColumn, NumericColumn
from lamina.errors import FileFormatError

_TYPES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (NumericColumn, DateColumn, LevelColumn, CodeColumn)
}
_PARTS: dict[str, type[Any]] = {"parameters": dict, "names": list, "columns": list, "dropped": dict}


def read_plain(plain: Mapping[str, Any]) -> tuple[dict[str, Any], list[str], list[Any], dict[str, str]]:
    """Take the parts of an encoder's state apart.

    Raises
    ------
    FileFormatError
        If a part is absent or of another type, or the columns do not fit the names.
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
    values = {entry.name: plain[entry.name] for entry in fields(kind) if entry.init}
    column: Column = kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )
    return column
