"""How a specification prints: as the code that makes it."""

from __future__ import annotations

import dataclasses
from typing import Any

from lamina.errors import ArgumentTypeError


class Specification:
    """Base of frozen dataclasses whose repr shows only what differs from the default.

    >>> from lamina.layers import Dense
    >>> Dense(64, "relu")
    Dense(64, 'relu')
    """

    def __repr__(self) -> str:
        parts = []
        positional = True
        for item in _in_order(type(self)):
            value = self._as_given(getattr(self, item.name))
            positional = positional and not item.kw_only
            if item.default is not dataclasses.MISSING and value == item.default:
                positional = False
                continue
            shown = list(value) if item.name == "layers" else _shown(value)
            parts.append(str(shown) if positional else f"{item.name}={shown}")
        return f"{type(self).__name__}({', '.join(parts)})"

    def _as_given(self, value: Any) -> Any:
        """A field as a user would write it."""
        return value


def refuse_class(name: str, given: Any) -> None:
    """Raise ArgumentTypeError if a class stands where an object of it is needed, and show how one is made.

    >>> from lamina.layers import Dropout
    >>> refuse_class("layers", Dropout)
    Traceback (most recent call last):
    lamina.errors.ArgumentTypeError: layers=Dropout is a class, but an object of it is needed: did you mean Dropout(0.5)?
    """
    if isinstance(given, type):
        raise ArgumentTypeError(
            f"{name}={given.__name__} is a class, but an object of it is needed: did you mean "
            f"{given.__name__}({_first_default(given)})?"
        )


def _first_default(kind: type) -> str:
    """The first field's default where it is a number, as what the user would write between the brackets."""
    first = next(iter(_in_order(kind)), None) if dataclasses.is_dataclass(kind) else None
    if first is None:
        return ""
    if first.default is dataclasses.MISSING and first.default_factory is dataclasses.MISSING:
        return "..."
    number = isinstance(first.default, (int, float)) and not isinstance(first.default, bool)
    return repr(first.default) if number else ""


def _in_order(kind: type) -> list[dataclasses.Field[Any]]:
    """Fields as the constructor takes them: those that must be named come last, whoever declared them."""
    return sorted(dataclasses.fields(kind), key=lambda item: item.kw_only is True)


def _shown(value: object) -> str:
    if callable(value) and not dataclasses.is_dataclass(value):
        return getattr(value, "__qualname__", repr(value))
    return repr(value)
