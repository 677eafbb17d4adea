"""Attributions as pictures: bars of columns and words, maps of pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain.attribution.method import check_whole_number
from lamina.explain.attribution.result import Attribution
from lamina.explain.drawing import DIVERGING, LINES, axes_for, bare

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FOR, AGAINST = LINES[0][0], LINES[1][0]


def plot_attribution(
    attribution: Attribution, row: int | None = 0, *, top: int = 15, ax: Axes | None = None
) -> Axes:
    """Draw the attributions of one row: bars of columns or words, or a map of pixels.

    Bars to the right raise the output, those to the left, hatched, lower it; a line at each end is a standard error, where there
    are any. On a map what raises the output is red within solid lines, what lowers it blue within dashed ones, drawn at
    half of the largest number.

    Parameters
    ----------
    attribution
        What :func:`lamina.explain.attribute` gives.
    row
        Which row; None draws the mean size over all rows, of a table or a bag of words.
    top
        How many bars at most, the longest.
    ax
        Where it is drawn; None makes a figure.

    Raises
    ------
    ArgumentTypeError
        If something else than an attribution is given.
    DataError
        If there is no such row, or no mean size over rows: places of documents and pixels differ from row to row.
    """
    if not isinstance(attribution, Attribution):
        raise ArgumentTypeError(
            f"plot_attribution draws what attribute(model, X) gives, and {type(attribution).__name__} was given."
        )
    check_whole_number("plot_attribution", "top", top, 1, 15)
    if row is not None:
        _check_row(attribution, row)
    if attribution.names is None and attribution.words is None:
        return _map(attribution, row, ax)
    labels, values, errors = _bars_of(attribution, row)
    return _bars(attribution, row, labels, values, errors, top, ax)


def _check_row(attribution: Attribution, row: Any) -> None:
    whole = isinstance(row, (int, np.integer)) and not isinstance(row, bool)
    if not whole or not -len(attribution) <= row < len(attribution):
        raise DataError(f"row={row!r}: there are {len(attribution)} rows, from 0 to {len(attribution) - 1}.")


def _bars_of(attribution: Attribution, row: int | None) -> tuple[list[str], np.ndarray, np.ndarray | None]:
    """Labels, lengths and standard errors."""
    found, errors = attribution.attributions, attribution.standard_errors
    if row is None:
        if attribution.names is None:
            raise DataError("row=None: words stand at different places in each document; name one row.")
        return list(attribution.names), np.abs(found).mean(axis=0), None
    labels = list(attribution.names or (attribution.words or ())[row])
    kept = np.array([bool(label) for label in labels])
    if attribution.present is not None:
        kept &= attribution.present[row]
    chosen = np.flatnonzero(kept & ~np.isnan(found[row]))
    spread = None if errors is None else errors[row][chosen]
    return [labels[place] for place in chosen], found[row][chosen], spread


def _bars(
    attribution: Attribution,
    row: int | None,
    labels: list[str],
    values: np.ndarray,
    errors: np.ndarray | None,
    top: int,
    ax: Axes | None,
) -> Axes:
    longest = np.argsort(-np.abs(values), kind="stable")[:top][::-1]
    ax = axes_for(ax, height=1.4 + 0.26 * max(len(longest), 3))
    drawn = ax.barh(
        np.arange(len(longest)),
        values[longest],
        color=[FOR if values[place] >= 0 else AGAINST for place in longest],
        edgecolor="black",
        linewidth=0.6,
        xerr=None if errors is None else errors[longest],
    )
    for bar, place in zip(drawn, longest, strict=True):
        if values[place] < 0:
            bar.set_hatch("///")
    ax.set_yticks(np.arange(len(longest)), [labels[place] for place in longest])
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_xlabel("mean size of the attribution" if row is None else "attribution")
    ax.set_title(_title(attribution, row), fontsize=9)
    return ax


def _map(attribution: Attribution, row: int | None, ax: Axes | None) -> Axes:
    if row is None:
        raise DataError("row=None: pixels differ from image to image; name one row.")
    found = attribution.attributions[row]
    if found.ndim not in (2, 3):
        raise SpecificationError(
            f"attributions of rows of shape {found.shape} are no map: attribution.attributions has the numbers."
        )
    pixels = found if found.ndim == 2 else found.sum(axis=2)
    largest = float(np.abs(pixels).max()) or 1.0
    ax = axes_for(ax, width=4.6, height=4.4)
    image = ax.imshow(pixels, cmap=DIVERGING, vmin=-largest, vmax=largest, interpolation="nearest")
    if min(pixels.shape) > 1:
        for level, style in ((0.5, "solid"), (-0.5, "dashed")):
            if pixels.min() < level * largest < pixels.max():
                ax.contour(pixels, levels=[level * largest], colors="black", linestyles=style, linewidths=0.7)
    ax.figure.colorbar(image, ax=ax, shrink=0.8, label="attribution")
    bare(ax)
    ax.set_title(_title(attribution, row), fontsize=9)
    return ax


def _title(attribution: Attribution, row: int | None) -> str:
    name = attribution.method.name.replace("_", " ")
    if row is None:
        return f"{name}, {len(attribution)} rows"
    return f"{name}, row {row}: {attribution.target[row]}, output {attribution.output[row]:.3g}\n{attribution.scale}"
