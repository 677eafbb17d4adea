"""The letters of the equations, those of the book for one hidden layer, and numbers as they stand in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Letters:
    """How the quantities of a layer are called.

    Attributes
    ----------
    weight, error, total
        Letter of the weights, of the derivative by z, and of z itself: w, s and z of the hidden layer, β, δ and Z of the output.
    layer
        Number of the layer, shown where there is more than one hidden.
    single
        Whether the layer has one unit, so that its number is left out.
    """

    weight: str
    error: str
    total: str = "z"
    layer: int | None = None
    single: bool = False

    def of(self, letter: str, *places: int) -> str:
        """A letter with its layer and places: w_12, z²_1.

        >>> Letters("w", "s", layer=2).of("z", 1), Letters("β", "δ", single=True).of("f", 1)
        ('z²_1', 'f')
        """
        layer = "" if self.layer is None else str(self.layer).translate(RAISED)
        shown = places[1:] if self.single else places
        between = "," if any(place > 9 for place in shown) else ""
        return letter + layer + (f"_{between.join(map(str, shown))}" if shown else "")


RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def letters_of(depth: int, outputs: int) -> list[Letters]:
    """The letters of each layer of a chain: those of the book where there is one hidden layer.

    >>> [letter.weight for letter in letters_of(2, 1)], [letter.weight for letter in letters_of(3, 1)]
    (['w', 'β'], ['w', 'w', 'w'])
    """
    last = Letters("β", "δ", "Z", single=outputs == 1)
    if depth == 1:
        return [last]
    if depth == 2:
        return [Letters("w", "s"), last]
    return [
        *(Letters("w", "s", "z", layer) for layer in range(1, depth)),
        Letters("w", "δ", "z", depth, outputs == 1),
    ]


def number(value: float) -> str:
    """A number in four digits, without a sign of zero.

    >>> number(0.123456), number(-0.0), number(1e-7)
    ('0.1235', '0', '1e-07')
    """
    return f"{float(value) + 0.0:.4g}"


def factor(value: float) -> str:
    """A number inside a product: a negative one in brackets.

    >>> factor(-0.5), factor(2.0)
    ('(-0.5)', '2')
    """
    return f"({number(value)})" if float(value) < 0 else number(value)


def summed(terms: Iterable[str]) -> str:
    """Terms added up."""
    return " + ".join(terms) or "0"
