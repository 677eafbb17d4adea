"""Data sets to learn with: a few embedded, those of scikit-learn, and larger ones found or downloaded."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from lamina.data.datasets.loading import Dataset, TableData, list_datasets, load_dataset
from lamina.data.datasets.locations import locate

if TYPE_CHECKING:
    from lamina.data.datasets.cifar100 import Cifar100, load_cifar100
    from lamina.data.datasets.imdb import Imdb, load_imdb
    from lamina.data.datasets.mnist import load_mnist

_HOMES = {
    "load_mnist": "mnist",
    "load_cifar100": "cifar100",
    "Cifar100": "cifar100",
    "load_imdb": "imdb",
    "Imdb": "imdb",
}  # need NumPy, which listing does not

__all__ = [
    "Cifar100",
    "Dataset",
    "Imdb",
    "TableData",
    "list_datasets",
    "load_cifar100",
    "load_dataset",
    "load_imdb",
    "load_mnist",
    "locate",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina.data.datasets' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lamina.data.datasets.{_HOMES[name]}"), name)
