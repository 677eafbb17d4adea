"""What a decoder looked at while it wrote."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import DataError
from lamina.explain.drawing import finish, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

CELL = 0.28
"""Inches of a place."""


def plot_attention(
    weights: Any, written: Sequence[str], read: Sequence[str], path: str | Path | None = None
) -> Figure:
    """Draw attention: a row for each token that was written, a column for each that was read, the darker the more.

    Parameters
    ----------
    weights
        (written, read); each row adds up to one.
    written, read
        The tokens; a space is shown as an open box.
    path
        Where the picture goes, in the format of the ending; None returns it alone.

    Raises
    ------
    DataError
        If the weights have another shape.

    >>> figure = plot_attention([[0.9, 0.1], [0.2, 0.8]], ["b", "a"], ["b", " "])
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['b', '␣']
    """
    table = np.asarray(weights, float)
    if table.shape != (len(written), len(read)):
        raise DataError(
            f"weights have the shape {table.shape} for {len(written)} tokens written and {len(read)} read: they must agree."
        )
    figure = new_figure(1.2 + CELL * len(read), 1.0 + CELL * len(written))
    axes: Any = figure.subplots()
    axes.imshow(table, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    names = [["␣" if token == " " else token for token in tokens] for tokens in (read, written)]
    turned = 90 if max(map(len, names[0]), default=0) > 3 else 0
    axes.set_xticks(range(len(read)), names[0], fontsize=9, rotation=turned)
    axes.set_yticks(range(len(written)), names[1], fontsize=9)
    axes.set_xlabel("read", fontsize=8)
    axes.set_ylabel("written", fontsize=8)
    axes.tick_params(length=0)
    return finish(figure, path)
