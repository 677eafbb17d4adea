"""Windows over images: side by side as the parts of an image, sliding to cover it, and what a user may ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.errors import SpecificationError

PARTS = 7
"""Parts of an image along its longer side, where no window is given."""


def parts_of(shape: tuple[int, ...], window: Any) -> tuple[np.ndarray, int]:
    """Which part each number of an image belongs to, and how many parts there are: windows side by side.

    >>> owners, inputs = parts_of((4, 4), 2)
    >>> owners.tolist(), inputs
    ([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]], 4)
    """
    height, width = window_of(shape, window)
    rows, columns = np.arange(shape[0]) // height, np.arange(shape[1]) // width
    grid = rows[:, None] * (columns[-1] + 1) + columns
    owners = np.broadcast_to(grid.reshape(*grid.shape, *(1,) * (len(shape) - 2)), shape)
    return np.ascontiguousarray(owners), int(grid.max()) + 1


def window_of(shape: tuple[int, ...], window: Any) -> tuple[int, int]:
    """Height and width of a window over an image, a seventh of the longer side where none is given."""
    if window is None:
        side = -(-max(shape[:2]) // PARTS)
        return min(side, shape[0]), min(side, shape[1])
    height, width = (window, window) if isinstance(window, (int, np.integer)) else window
    if height > shape[0] or width > shape[1]:
        raise SpecificationError(
            f"window={window!r} is larger than the image, {shape[0]} × {shape[1]}: take a smaller one."
        )
    return int(height), int(width)


def windows(spatial: tuple[int, ...], window: tuple[int, int], stride: int | None) -> np.ndarray:
    """Which pixels each place of the window covers, (places, h, w); the last places end at the edge, so that none is left out.

    >>> windows((1, 5), (1, 2), 2)[:, 0].astype(int).tolist()
    [[1, 1, 0, 0, 0], [0, 0, 1, 1, 0], [0, 0, 0, 1, 1]]
    """
    starts = [
        sorted({*range(0, length - size, stride or max(1, size // 2)), length - size})
        for length, size in zip(spatial, window, strict=True)
    ]
    covers = np.zeros((len(starts[0]) * len(starts[1]), *spatial), bool)
    places = [(top, left) for top in starts[0] for left in starts[1]]
    for cover, (top, left) in zip(covers, places, strict=True):
        cover[top : top + window[0], left : left + window[1]] = True
    return covers


def check_window(owner: str, name: str, window: Any) -> None:
    """Raise unless it is None, a whole number, or two of them."""
    if window is None:
        return
    sides = window if isinstance(window, tuple) and len(window) == 2 else (window,)
    for side in sides:
        whole = isinstance(side, (int, np.integer)) and not isinstance(side, bool)
        if not whole or side < 1:
            raise SpecificationError(
                f"{owner}({name}={window!r}): {name} must be a whole number of pixels, 1 or more, or two of them, height and "
                "width: for example 4 or (2, 4)."
            )


def check_stride(owner: str, stride: int, window: Any) -> None:
    """Raise if places of the window would leave pixels between them."""
    smallest = min(window) if isinstance(window, tuple) else window
    if smallest is None:
        raise SpecificationError(
            f"{owner}(stride={stride}): give the window that moves so far too, window={2 * stride}."
        )
    if stride > smallest:
        raise SpecificationError(
            f"{owner}(window={window!r}, stride={stride}): pixels between the windows would never be covered: take a stride of "
            f"{smallest} or less."
        )
