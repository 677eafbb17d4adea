"""How a specification prints: as the code that makes it."""

from __future__ import annotations

import dataclasses


class Specification:
    """Base of frozen dataclasses whose repr shows only what differs from the default.

    >>> from lamina.layers import Dense
    >>> Dense(64, "relu")
    Dense(64, 'relu')
    """

    def __repr__(self) -> str:
        parts = []
        positional = True
        for item in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if item.default is not dataclasses.MISSING and value == item.default:
                positional = False
                continue
            shown = list(value) if item.name == "layers" else _shown(value)
            parts.append(str(shown) if positional else f"{item.name}={shown}")
        return f"{type(self).__name__}({', '.join(parts)})"


def _shown(value: object) -> str:
    if callable(value) and not dataclasses.is_dataclass(value):
        return getattr(value, "__qualname__", repr(value))
    return repr(value)
