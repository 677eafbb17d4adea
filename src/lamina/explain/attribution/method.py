"""What a method of attribution is: a value with its options, which turns a model and rows into an attribution."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lamina.errors import SpecificationError
from lamina.explain.attribution.result import Attribution

SIMPLE = (str, int, float, bool, type(None))


@dataclass(frozen=True, eq=False, repr=False)
class Method(ABC):
    """Base of the methods: frozen dataclasses whose fields are their options; equal where all options are.

    Rows given as an option (a baseline, a background) are equal where their numbers are.
    """

    name: ClassVar[str]
    """The name by which :func:`lamina.explain.attribute` knows the method."""

    @abstractmethod
    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        """Attributions of a fitted model's output for the rows of X."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        names = [item.name for item in dataclasses.fields(self)]
        return all(_same(getattr(self, name), getattr(other, name)) for name in names)

    def __hash__(self) -> int:
        own = [getattr(self, item.name) for item in dataclasses.fields(self)]
        return hash((type(self), *(value for value in own if isinstance(value, SIMPLE))))

    def __repr__(self) -> str:
        changed = []
        for item in dataclasses.fields(self):
            value = getattr(self, item.name)
            if not _same(value, item.default):
                changed.append(f"{item.name}={_shown(value)}")
        return f"{type(self).__name__}({', '.join(changed)})"


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if isinstance(one, SIMPLE) or isinstance(other, SIMPLE):
        return type(one) is type(other) and one == other
    return type(one) is type(other) and np.array_equal(np.asarray(one), np.asarray(other))


def _shown(value: Any) -> str:
    if isinstance(value, SIMPLE) or np.size(value) < 10:
        return repr(value)
    return f"<{type(value).__name__} {'×'.join(map(str, np.shape(value)))}>"


def check_whole_number(owner: str, name: str, value: Any, least: int, example: int) -> None:
    """Raise unless ``value`` is a whole number of at least ``least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise SpecificationError(
            f"{owner}({name}={value!r}): {name} must be a whole number, {least} or more, for example {example}."
        )


def check_number(owner: str, name: str, value: Any, example: float, *, zero: bool = True) -> None:
    """Raise unless ``value`` is a finite number, above zero or, if ``zero``, at least zero."""
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not number or not np.isfinite(value) or value < 0 or (value == 0 and not zero):
        least = "zero or more" if zero else "above zero"
        raise SpecificationError(
            f"{owner}({name}={value!r}): {name} must be a finite number {least}, for example {example}."
        )
