"""Training and validation curves by epoch: the loss, and an error beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError
from lamina.explain.descent.curve_picture import panels_for
from lamina.explain.descent.learning import Learning
from lamina.explain.drawing import SMALL
from lamina.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_learning(found: Any, axes: Any = None) -> np.ndarray:
    """Loss, and an error, of training and validation rows by epoch, a panel each; the best epoch is a dotted line.

    Parameters
    ----------
    found
        What :func:`lamina.explain.learn_by_epoch` returns, or a fitted model (or its ``history_``), which knows losses alone.
    axes
        Two axes, or one for a model; None makes a figure.

    Returns
    -------
    An array of the axes.

    Raises
    ------
    ArgumentTypeError
        If it is none of these, or there are not as many axes as panels.

    Source: ISLP Figure 10.18, whose panels are the objective and the classification error of the MNIST network.

    >>> [ax.get_ylabel() for ax in plot_learning(History([2.0, 1.0], validation_loss=[2.5, 2.0]))]
    ['mean loss']
    """
    if isinstance(found, Learning):
        panels = panels_for(axes, 2)
        _draw(panels[0], found.loss, found.validation_loss, found.best_epoch, "mean loss")
        _draw(panels[1], found.score, found.validation_score, found.best_epoch, found.measure)
        return panels
    history = getattr(found, "history_", found)
    if not isinstance(history, History):
        raise ArgumentTypeError(
            f"{type(found).__name__} was given: draw what learn_by_epoch(model, X, y, X_val, y_val) returns, or a fitted network."
        )
    panels = panels_for(axes, 1)
    history.plot(panels[0])
    return panels


def _draw(ax: Axes, training: np.ndarray, validation: np.ndarray, best: int, label: str) -> None:
    from lamina.explain.drawing import LINES

    epochs = np.arange(1, len(training) + 1)
    every = max(1, len(epochs) // 10)
    for values, name, (colour, line, marker) in zip(
        (training, validation), ("training", "validation"), LINES, strict=False
    ):
        ax.plot(
            epochs,
            values,
            color=colour,
            linestyle=line,
            marker=marker,
            markevery=every,
            markersize=4,
            label=name,
        )
    ax.axvline(best, color="grey", linestyle=":", label=f"best epoch, {best}")
    ax.set_xlabel("epoch")
    ax.set_ylabel(label)
    ax.legend(fontsize=SMALL + 1, frameon=False)
