"""What convolutions and pooling share: how the user says size, stride and padding, and the window that follows."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.errors import SpecificationError
from lamina.layers.base import Shape
from lamina.numerics.window import Window, same_padding

PADDINGS = ("valid", "same", "edge")


def lengths(owner: str, name: str, value: Any, rank: int) -> tuple[int, ...]:
    """One whole number for each axis; one for all may be given.

    Raises
    ------
    SpecificationError
        For anything else, and numbers below one.

    >>> lengths("Conv2D", "size", 3, 2), lengths("Conv2D", "size", (3, 5), 2)
    ((3, 3), (3, 5))
    """
    given = tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) and n >= 1 for n in given)
    if len(given) != rank or not whole:
        wanted = "a whole number, 1 or more" + ("" if rank == 1 else ", or a pair of them")
        raise SpecificationError(f"{owner}({name}={value!r}): {name} must be {wanted}, for example 2.")
    return tuple(int(n) for n in given)


def as_given(value: Any) -> Any:
    """The number that stands for several equal ones, as a user would write it.

    >>> as_given((3, 3)), as_given((3, 5)), as_given(((1, 1), (1, 1))), as_given("same")
    (3, (3, 5), 1, 'same')
    """
    if not isinstance(value, tuple) or not value:
        return value
    inner = tuple(map(as_given, value))
    alike = all(isinstance(item, int) and item == inner[0] for item in inner)
    return inner[0] if alike else value


def check_padding(owner: str, value: Any, rank: int) -> Any:
    """The padding as a name, or as a pair of numbers for each axis."""
    names = (*PADDINGS, "causal") if rank == 1 else PADDINGS
    if isinstance(value, str):
        if value in names:
            return value
    elif isinstance(value, (int, np.integer)) and not isinstance(value, bool) and value >= 0:
        return ((int(value), int(value)),) * rank
    elif isinstance(value, (tuple, list)) and len(value) == rank:
        pairs = [(n, n) if isinstance(n, int) else n for n in value]
        if all(
            isinstance(pair, (tuple, list))
            and len(pair) == 2
            and all(isinstance(n, (int, np.integer)) and n >= 0 for n in pair)
            for pair in pairs
        ):
            return tuple((int(before), int(after)) for before, after in pairs)
    listed = ", ".join(map(repr, names))
    raise SpecificationError(
        f"{owner}(padding={value!r}): take {listed}, or a number of pixels on every side, for example 1."
    )


def as_image(owner: str, shape: Shape, rank: int) -> Shape:
    """The shape with its channel axis; an image or a sequence without one has one channel.

    >>> as_image("Conv2D", (28, 28), 2)
    (28, 28, 1)
    """
    if len(shape) == rank:
        return (*shape, 1)
    if len(shape) == rank + 1:
        return shape
    what = "sequences of shape (t, channels)" if rank == 1 else "images of shape (height, width, channels)"
    raise SpecificationError(
        f"{owner} takes {what} and was given shape {shape}: "
        + ("reshape them, or put it before Flatten()." if len(shape) < rank else "reshape them.")
    )


def window_over(
    spatial: Shape, size: Shape, stride: Shape, padding: Any, dilation: Shape, groups: int = 1
) -> tuple[Window, Any]:
    """The window over an image (or over a sequence, as an image of one row), and the edge to repeat around it.

    >>> window_over((28, 28), (3, 3), (1, 1), "same", (1, 1))[0].padding
    ((1, 1), (1, 1))
    """
    pads: tuple[tuple[int, int], ...]
    if padding in ("same", "edge"):
        pads = tuple(map(same_padding, spatial, size, stride, dilation))
    elif padding == "causal":
        pads = (((size[0] - 1) * dilation[0], 0),)
    else:
        pads = tuple((0, 0) for _ in spatial) if padding == "valid" else padding
    if len(spatial) == 1:
        size, stride, dilation = (1, *size), (1, *stride), (1, *dilation)
        pads = ((0, 0), *pads)
    repeats = pads if padding == "edge" else None
    zeros = ((0, 0), (0, 0)) if repeats else (pads[0], pads[1])
    window = Window((size[0], size[1]), (stride[0], stride[1]), zeros, (dilation[0], dilation[1]), groups)
    return window, repeats
