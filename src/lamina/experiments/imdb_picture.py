"""Accuracy along the lasso's path and along the network's epochs, as Figure 10.11 shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from lamina.experiments.imdb import Curve

SETS = (("train", "#1f6f8b"), ("validation", "#e08e45"), ("test", "#d1495b"))


def draw(path: Any, lasso: Curve, network: Curve) -> None:
    """Two panels on one scale."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(10, 4), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    _draw(left, lasso, "lasso", "−log λ")
    _draw(right, network, "two layers of 16 units", "epoch")
    left.set_ylabel("accuracy, %")
    figure.savefig(path, dpi=130)


def _draw(axes: Axes, curve: Curve, title: str, label: str) -> None:
    for (name, colour), accuracy in zip(SETS, curve.accuracy, strict=True):
        axes.plot(curve.places, accuracy, marker="o", markersize=3, color=colour, label=name)
    axes.axvline(curve.places[curve.chosen], color="grey", linewidth=0.8, linestyle=":")
    if label == "epoch":
        axes.set_xticks([epoch for epoch in curve.places.tolist() if epoch == 1 or epoch % 5 == 0])
    axes.set_xlabel(label)
    axes.set_title(title, fontsize=10)
    axes.legend(fontsize=8, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
