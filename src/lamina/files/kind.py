"""What the file must know of a class of estimators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lamina.files.shelf import Arrays, Shelf


@dataclass(frozen=True)
class Kind:
    """One class of estimators: what it learnt, written to plain values and arrays, and read from them.

    Attributes
    ----------
    estimator
        The class itself; what is derived from it is another.
    write
        Takes the estimator and the arrays to add to; gives the plain part.
    read
        Takes an estimator made from its parameters and sets what it had learnt.
    """

    estimator: type[Any]
    write: Callable[[Any, Arrays], dict[str, Any]]
    read: Callable[[Any, dict[str, Any], Shelf], None]
