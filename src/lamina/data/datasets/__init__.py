"""Data sets to learn with: a few embedded, those of scikit-learn, and larger ones found or downloaded."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lamina.data.datasets.loading import Dataset, TableData, list_datasets, load_dataset
from lamina.data.datasets.locations import locate

if TYPE_CHECKING:
    from lamina.data.datasets.mnist import load_mnist

__all__ = ["Dataset", "TableData", "list_datasets", "load_dataset", "load_mnist", "locate"]


def __getattr__(name: str) -> Any:
    if name != "load_mnist":  # needs NumPy, which listing does not
        raise AttributeError(f"module 'lamina.data.datasets' has no attribute {name!r}")
    return importlib.import_module("lamina.data.datasets.mnist").load_mnist
