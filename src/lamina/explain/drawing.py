"""What the pictures share: a figure that belongs to no window, tiles without axes, and how an image becomes one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.images.arrays import CHANNELS
from lamina.errors import ArgumentTypeError, DataError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DIVERGING = "RdBu_r"
"""Colours of numbers of either sign: blue below zero, white at zero, red above."""
TILE = 1.15
"""Inches of a tile."""
SMALL = 7
LINES = (
    ("#0072B2", "-", "o"),
    ("#D55E00", "--", "s"),
    ("#009E73", "-.", "^"),
    ("#CC79A7", ":", "D"),
    ("#E69F00", (0, (5, 1)), "v"),
    ("#56B4E9", (0, (3, 1, 1, 1)), "P"),
    ("#000000", (0, (1, 1)), "X"),
)
"""Colour, line and marker of several curves: Okabe and Ito's colours, and told apart without them."""


def axes_for(ax: Axes | None, *, width: float = 6.4, height: float = 4.8) -> Axes:
    """The axes given, or those of a new figure of pyplot, which a notebook shows.

    Raises
    ------
    ArgumentTypeError
        If something else is given.
    """
    from matplotlib.axes import Axes

    if ax is None:
        import matplotlib.pyplot as plt

        return plt.subplots(figsize=(width, height), layout="constrained")[1]
    if not isinstance(ax, Axes):
        raise ArgumentTypeError(
            f"ax={ax!r} ({type(ax).__name__}): one matplotlib Axes is needed, such as that of fig, ax = plt.subplots()."
        )
    return ax


def new_figure(width: float, height: float) -> Figure:
    """A figure of so many inches; nothing of the user's own drawing changes."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def finish(figure: Figure, path: str | Path | None) -> Figure:
    """The figure, written to ``path`` in the format of its ending if there is one."""
    if path is not None:
        figure.savefig(path, dpi=150)
    return figure


def as_picture(image: Any) -> np.ndarray:
    """An image as shades in [0, 1]: (h, w) for one channel, (h, w, 3) for three; of other numbers of channels their mean.

    8-bit values are divided by 255; numbers beyond [0, 1] are brought into it.

    Raises
    ------
    DataError
        If it is no image.

    >>> as_picture(np.array([[[0], [255]]], np.uint8)).tolist(), as_picture(np.array([[-1.0, 3.0]])).tolist()
    ([[0.0, 1.0]], [[0.0, 1.0]])
    """
    shades = check_image(image, any_channels=True)
    shades = shades / 255 if shades.dtype == np.uint8 else shades.astype(float)
    if shades.ndim == 3 and shades.shape[2] != 3:
        shades = shades.mean(axis=2)
    low, high = min(shades.min(), 0.0), max(shades.max(), 1.0)
    between: np.ndarray = (shades - low) / (high - low)
    return between


def check_image(image: Any, *, any_channels: bool = False) -> np.ndarray:
    """One image as an array (h, w) or (h, w, c); unless any number of channels will do, of 1, 3 or 4.

    Three dimensions whose last is another are several grey images, most likely.
    """
    found = np.asarray(image)
    several = found.ndim == 3 and not any_channels and found.shape[2] not in CHANNELS
    if found.ndim not in (2, 3) or several or found.dtype.kind not in "uifb" or not found.size:
        raise DataError(
            f"one image is needed, an array of numbers (height, width) or (height, width, channels) with 1, 3 or 4 channels, and "
            f"shape {found.shape} of {found.dtype} was given: of several images take one, images[0]."
        )
    return found


def show(axes: Axes, image: Any, title: str = "") -> None:
    """An image as a tile."""
    axes.imshow(as_picture(image), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    bare(axes, title)


def show_numbers(
    axes: Axes, values: np.ndarray, largest: float, title: str = "", *, signed: bool | None = None
) -> None:
    """Numbers (h, w) as a tile: grey from black at zero where none is negative, else in diverging colours."""
    signed = bool(values.min() < 0) if signed is None else signed
    colours = DIVERGING if signed else "gray"
    largest = largest or 1.0
    axes.imshow(values, cmap=colours, vmin=-largest if signed else 0, vmax=largest, interpolation="nearest")
    bare(axes, title)


def bare(axes: Axes, title: str = "") -> None:
    """No ticks, a small title above."""
    axes.set_axis_on()
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_linewidth(0.4)
    if title:
        axes.set_title(title, fontsize=SMALL, pad=3)


def tiles(figure: Figure, rows: int, columns: int) -> np.ndarray:
    """Axes (rows, columns), none of them drawn until something is shown there."""
    grid: np.ndarray = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    return grid
