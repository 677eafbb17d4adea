"""Filters made by hand, and what they find in an image: the idea of a convolution, before anything is learnt."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import DataError, SpecificationError, nearest_name
from lamina.explain.drawing import (
    bare,
    check_image,
    finish,
    new_figure,
    show,
    show_numbers,
)
from lamina.layers.base import check_positive_integer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DIRECTIONS = {"vertical": (1, 0), "horizontal": (0, 1), "diagonal": (1, -1), "antidiagonal": (1, 1)}
"""Coefficients of (column, row) in the distance from a stripe through the centre."""


def stripe_filter(direction: str, size: int = 15, width: int = 3, *, balanced: bool = False) -> np.ndarray:
    """A filter of zeros with a stripe of ones through its centre, shape (size, size).

    Parameters
    ----------
    direction : {"vertical", "horizontal", "diagonal", "antidiagonal"}
        "diagonal" falls from the upper left to the lower right.
    size, width
        Of the filter and of the stripe, in pixels.
    balanced
        Whether the mean is subtracted, so that a plain area gives zero and the opposite of a stripe a negative number.

    Raises
    ------
    SpecificationError
        For an unknown direction; if the filter would be zero: an even size has no middle for a stripe of one pixel.

    Source: ISLP Figure 10.7, whose filters are 15 × 15.

    >>> stripe_filter("vertical", 3, 1).tolist()
    [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]
    >>> stripe_filter("diagonal", 2, 1).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    check_positive_integer("stripe_filter", "size", size)
    check_positive_integer("stripe_filter", "width", width)
    if direction not in DIRECTIONS:
        raise SpecificationError(f"direction={direction!r}: {nearest_name(direction, DIRECTIONS)}.")
    across, down = DIRECTIONS[direction]
    place = np.arange(size) - (size - 1) / 2
    stripe = (np.abs(across * place[None, :] + down * place[:, None]) <= (width - 1) / 2 + 0.25).astype(float)
    weights: np.ndarray = stripe - stripe.mean() if balanced else stripe
    if not weights.any():
        raise SpecificationError(
            f"stripe_filter({direction!r}, size={size}, width={width}, balanced={balanced}) would be zero everywhere: "
            + (
                "take an odd size, or width=2."
                if not stripe.any()
                else "take a stripe narrower than the filter."
            )
        )
    return weights


def apply_filter(image: Any, filter: Any) -> np.ndarray:  # noqa: A002
    r"""What a filter finds at every place of an image.

    .. math:: a_{ij} = \sum_{u,v,c} x_{i+u,\, j+v,\, c}\; w_{uvc}

    Parameters
    ----------
    image
        (h, w) or (h, w, c); 8-bit values count as numbers in [0, 1]. Channels are 1, 3 or 4, or those of the filter.
    filter
        (kh, kw), applied to the mean of the channels, or (kh, kw, c).

    Returns
    -------
    (h - kh + 1, w - kw + 1): the filter stays inside the image, as in ``Conv2D(1, (kh, kw))``.

    Raises
    ------
    DataError
        If it is no single image; if the filter is larger than the image, or has other channels.

    Source: ISLP section 10.3.1, whose 4 × 3 image and 2 × 2 filter this is with numbers for letters:

    >>> apply_filter(np.arange(1.0, 13.0).reshape(4, 3), [[1, 1], [1, 1]]).tolist()
    [[12.0, 16.0], [24.0, 28.0], [36.0, 40.0]]
    """
    from scipy.signal import correlate

    w = np.asarray(filter, float)
    x = check_image(image, any_channels=w.ndim == 3)
    x = x / 255 if x.dtype == np.uint8 else x.astype(float)
    if x.ndim == 3 and w.ndim == 2:
        x = x.mean(axis=2)
    if x.ndim == 2 and w.ndim == 3 and w.shape[2] == 1:
        w = w[..., 0]
    if w.ndim != x.ndim or x.shape[2:] != w.shape[2:]:
        raise DataError(
            f"the filter has shape {w.shape} and the image {np.shape(image)}: give a filter (height, width), or (height, width, "
            "channels) with the image's channels."
        )
    if any(k > n for k, n in zip(w.shape, x.shape, strict=True)):
        raise DataError(f"the filter, {w.shape}, is larger than the image, {x.shape}: take a smaller one.")
    found: np.ndarray = correlate(x, w, mode="valid", method="direct" if w.size < 64 else "auto")
    return found[..., 0] if found.ndim == 3 else found


def plot_filters_on(
    image: Any, filters: Mapping[str, Any] | None = None, *, path: str | Path | None = None
) -> Figure:
    """An image, filters, and below each what it finds there: bright where the image is like the filter.

    Parameters
    ----------
    image
        As :func:`apply_filter` takes it.
    filters
        By name; None takes a vertical and a horizontal stripe of 15 × 15, smaller for a small image.

    Raises
    ------
    DataError
        As :func:`apply_filter`; also if there is no filter.

    Source: ISLP Figure 10.7.

    >>> figure = plot_filters_on(np.eye(20), {"vertical": stripe_filter("vertical", 5, 1)})
    >>> [axes.get_title() for axes in figure.axes]
    ['vertical', 'image', 'what it finds']
    """
    deep = any(np.ndim(weights) == 3 for weights in (filters or {}).values())
    given = check_image(image, any_channels=deep)
    chosen = _stripes(given.shape) if filters is None else dict(filters)
    if not chosen:
        raise DataError(
            "there is no filter: give a dictionary such as {'vertical': stripe_filter('vertical')}."
        )
    width = 2.2
    height = width * given.shape[0] / given.shape[1]
    figure = new_figure(width * (len(chosen) + 1), height + 1.6)
    grid = figure.subplots(2, len(chosen) + 1, squeeze=False, height_ratios=[1.0, height])
    show(grid[1, 0], given, "image")
    grid[0, 0].remove()
    for place, (name, weights) in enumerate(chosen.items(), start=1):
        w = np.asarray(weights, float)
        show_numbers(grid[0, place], w if w.ndim == 2 else w.mean(axis=2), float(np.abs(w).max()), name)
        _show_found(grid[1, place], apply_filter(given, w))
    return finish(figure, path)


def _stripes(shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """A vertical and a horizontal stripe that fit an image of that shape."""
    side = min(shape[:2])
    size = min(15, max(side // 5, 3), side)
    size -= 1 - size % 2  # an even size has no middle
    return {name: stripe_filter(name, size, max(size // 5, 1)) for name in ("vertical", "horizontal")}


def _show_found(axes: Any, found: np.ndarray) -> None:
    """What a filter found: grey from least to most where nothing is negative, as a plain area is then grey, not black."""
    if found.min() < 0:
        show_numbers(axes, found, float(np.abs(found).max()), "what it finds")
        return
    axes.imshow(found, cmap="gray", interpolation="nearest")
    bare(axes, "what it finds")
