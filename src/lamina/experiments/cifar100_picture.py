"""Losses by epoch and by minute, and accuracies, of the networks for CIFAR-100."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.cifar100_data import Data
from lamina.experiments.cifar100_fits import Trained

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = ("#1f6f8b", "#8a8a8a", "#e08e45", "#d1495b", "#5b8c5a", "#6a4c93")


def draw(path: Any, fits: Sequence[Trained], data: Data) -> None:
    """Networks of the hundred classes: two panels of losses, and their accuracies beside those on superclasses."""
    from matplotlib.figure import Figure

    fine = [(fit, COLOURS[place % len(COLOURS)]) for place, fit in enumerate(fits) if not fit.variant.coarse]
    figure: Any = Figure(figsize=(13, 4.2), layout="constrained")
    by_epoch, by_minute, accuracies = figure.subplots(1, 3, width_ratios=(1, 1, 1.15))
    _draw_losses(by_epoch, fine, "epoch", lambda fit: np.arange(1, len(fit.loss) + 1))
    _draw_losses(by_minute, fine, "minutes", lambda fit: _minutes(fit))
    by_epoch.set_ylabel("mean loss over images")
    by_epoch.set_title("100 classes: solid validation, dashed training", fontsize=9)
    by_minute.set_title("the same by time on this machine", fontsize=9)
    by_minute.sharey(by_epoch)
    by_epoch.legend(fontsize=8, frameon=False)
    _draw_accuracies(accuracies, fits, data)
    figure.savefig(path, dpi=130)


def _minutes(fit: Trained) -> np.ndarray:
    """When each epoch was over, had all taken equally long."""
    return fit.seconds / 60 * np.arange(1, len(fit.loss) + 1) / len(fit.loss)


def _draw_losses(axes: Axes, fits: Sequence[tuple[Trained, str]], label: str, place: Any) -> None:
    for fit, colour in fits:
        where = place(fit)
        axes.plot(where, fit.held_loss, color=colour, marker="o", markersize=2.5, label=fit.variant.name)
        axes.plot(where, fit.loss, "--", color=colour, linewidth=1)
        best = fit.best_epoch - 1
        axes.plot(where[best], fit.held_loss[best], "o", color=colour, markersize=7, fillstyle="none")
    axes.set_xlabel(label)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_accuracies(axes: Axes, fits: Sequence[Trained], data: Data) -> None:
    names = [fit.variant.name for fit in fits]
    for height, fit in enumerate(reversed(fits)):
        coarse = fit.coarse_accuracy(data)
        axes.barh(height + 0.18, coarse, 0.34, color="#b8ccd6")
        axes.text(coarse + 0.5, height + 0.18, f"{coarse:.1f}", va="center", fontsize=7)
        if not fit.variant.coarse:
            accuracy = fit.accuracy(data.test)
            axes.barh(height - 0.18, accuracy, 0.34, color="#1f6f8b")
            axes.text(accuracy + 0.5, height - 0.18, f"{accuracy:.1f}", va="center", fontsize=7)
    axes.set_yticks(range(len(names)), reversed(names), fontsize=8)
    axes.set_xlabel("% of test images right")
    axes.set_title("100 classes dark, 20 superclasses light", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
