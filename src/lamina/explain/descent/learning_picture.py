"""Training and validation curves by epoch: the loss, and an error beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError
from lamina.explain.descent.learning import Learning
from lamina.explain.drawing import SMALL, axes_for
from lamina.explain.panels import LABELLED, panels
from lamina.training.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_learning(found: Any, ax: Axes | None = None) -> Axes:
    """Loss, and an error, of training and validation rows by epoch, a panel each; the best epoch is a dotted line.

    Parameters
    ----------
    found
        What :func:`lamina.explain.learn_by_epoch` returns, or a fitted model (or its ``history_``), which knows losses alone.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    The axes; of what ``learn_by_epoch`` returns the two panels are its ``child_axes``.

    Raises
    ------
    ArgumentTypeError
        If it is none of these.

    Source: ISLP Figure 10.18, whose panels are the objective and the classification error of the MNIST network.

    >>> plot_learning(History([2.0, 1.0], validation_loss=[2.5, 2.0])).get_ylabel()
    'mean loss'
    """
    if isinstance(found, Learning):
        whole, (losses, errors) = panels(ax, 2, columns=2, side=4.2, room=LABELLED)
        _draw(losses, found.loss, found.validation_loss, found.best_epoch, "mean loss")
        _draw(errors, found.score, found.validation_score, found.best_epoch, found.measure)
        return whole
    history = getattr(found, "history_", found)
    if not isinstance(history, History):
        raise ArgumentTypeError(
            f"{type(found).__name__} was given: draw what learn_by_epoch(model, X, y, X_val, y_val) returns, or a fitted network."
        )
    return history.plot(axes_for(ax))


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
