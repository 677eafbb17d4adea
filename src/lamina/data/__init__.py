"""Stage 1: the user's data become arrays: files, tables, the outcome, and data sets to learn with."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.data.reading import read_table
    from lamina.data.tables import TableEncoder
    from lamina.data.targets import split_target
    from lamina.data.validation import check_target, infer_task

_HOMES = {
    "TableEncoder": "lamina.data.tables",
    "check_target": "lamina.data.validation",
    "infer_task": "lamina.data.validation",
    "read_table": "lamina.data.reading",
    "split_target": "lamina.data.targets",
}

__all__ = ["TableEncoder", "check_target", "infer_task", "read_table", "split_target"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina.data' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
