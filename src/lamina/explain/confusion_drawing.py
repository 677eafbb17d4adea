"""A confusion matrix and the most confused pairs as axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

RIGHT = "#4c6a92"
ERRORS = "#c0562f"


def draw_matrix(figure: Any, classes: Sequence[str], counts: np.ndarray, title: str) -> None:
    """The matrix: errors red, the more the darker, what is right as a number on the diagonal."""
    axes = figure.subplots()
    errors = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    axes.imshow(errors, cmap="Reds", vmin=0, vmax=max(errors.max(), 1))
    size = 8 if len(counts) <= 12 else 6
    shade = errors.max() / 2
    for (true, predicted), count in np.ndenumerate(counts):
        if count:
            colour = "white" if errors[true, predicted] > shade > 0 else "black"
            bold = {"fontweight": "bold", "color": RIGHT} if true == predicted else {"color": colour}
            axes.text(predicted, true, str(count), ha="center", va="center", fontsize=size, **bold)
    turned = max(map(len, classes)) > 3
    axes.set_xticks(range(len(classes)), classes, fontsize=size, rotation=90 if turned else 0)
    axes.set_yticks(range(len(classes)), classes, fontsize=size)
    axes.set_xlabel("predicted", fontsize=8)
    axes.set_ylabel("true", fontsize=8)
    axes.set_title(title, fontsize=9)
    axes.tick_params(length=0)


def draw_pairs(figure: Any, pairs: Sequence[tuple[str, str, int]], title: str) -> None:
    """The most confused pairs, a bar each."""
    axes = figure.subplots()
    heights = range(len(pairs))
    axes.barh(heights, [count for _, _, count in pairs], color=ERRORS, height=0.7)
    axes.set_yticks(heights, [f"{true} → {predicted}" for true, predicted, _ in pairs], fontsize=7)
    axes.invert_yaxis()
    axes.set_xlabel("images", fontsize=8)
    axes.tick_params(axis="x", labelsize=7)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_title(f"{title}; the most confused pairs, true → predicted", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
