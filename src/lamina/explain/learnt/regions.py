"""Where in the plane of two inputs a classifier decides what, and the surface of a regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.utils.validation import check_is_fitted

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain.drawing import axes_for
from lamina.explain.learnt.points import MOST_CLASSES, draw_points, kinds_of
from lamina.explain.learnt.slices import Slice, slice_of
from lamina.explain.panels import spread
from lamina.layers.base import check_positive_integer

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HATCHES = ("", "//", "..", "\\\\", "xx", "oo", "--", "||", "++", "**", "/o", "\\|", "-.", "o+")
LEVELS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
"""Shades of a probability; 0.5 is the boundary."""


def plot_decision_regions(
    model: Any,
    X: Any,
    y: Any = None,
    *,
    features: Any = None,
    resolution: int = 150,
    ax: Axes | None = None,
) -> Axes:
    """Draw what a model predicts over the plane of two inputs, with the rows as points.

    Of two classes the probability of the second, in shades with labelled lines, the boundary at one half the widest; of more
    classes a region for each, told apart by shade and hatching, with lines between them; of a regression the surface as labelled
    contours over shades. Classes have a marker of their own.

    Parameters
    ----------
    model
        A fitted classifier or regressor: Lamina's, scikit-learn's, a pipeline, any with ``predict``.
    X
        Rows (n, p), which say how far the picture goes.
    y
        Their outcome, (n,); None draws no points.
    features
        Two columns, by name or place; the others are held at their median (what is most frequent, of categories), so that
        the picture is a slice, and the title says so. None takes both columns of an X that has two.
    resolution
        Points on a side.
    ax
        Where to draw; None makes a figure.

    Returns
    -------
    The Axes. scikit-learn's ``DecisionBoundaryDisplay.from_estimator`` takes Lamina's classifiers of two columns as well.

    Raises
    ------
    DataError
        If X has other than two columns and ``features`` names none, or a column is not of numbers; if y does not fit.
    ArgumentTypeError, NotFittedError
        If the model does not predict; if it is not fitted.
    SpecificationError
        If there is no such column; for more classes than 14, or several outcomes.

    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), ["no", "no", "yes", "yes"]
    >>> ax = plot_decision_regions(LogisticRegression().fit(X, y), X, y)
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('x1', ['no', 'yes'])
    """
    check_positive_integer("plot_decision_regions", "resolution", resolution, 150)
    if not hasattr(model, "predict"):
        raise ArgumentTypeError(
            f"{type(model).__name__} does not predict, and the picture shows predictions: give a fitted classifier or regressor."
        )
    check_is_fitted(model)
    found = slice_of(X, features, (2,))
    outcome = _outcome(y, found)
    across, up = found.grid(resolution)
    rows = found.rows(np.column_stack([across.ravel(), up.ravel()]))
    axes = axes_for(ax)
    draw = _draw_classes if is_classifier(model) else _draw_surface
    draw(axes, model, rows, across, up, found.values, outcome)
    axes.set_xlabel(found.names[0])
    axes.set_ylabel(found.names[1])
    axes.set_title(found.held, fontsize=9)
    return axes


def _outcome(y: Any, found: Slice) -> np.ndarray | None:
    if y is None:
        return None
    outcome = np.asarray(y)
    if outcome.shape != (len(found.table),):
        raise DataError(
            f"y has shape {outcome.shape} and X {len(found.table)} rows: give one outcome a row, (n,)."
        )
    return outcome


def _draw_classes(
    axes: Axes,
    model: Any,
    rows: Any,
    across: np.ndarray,
    up: np.ndarray,
    at: np.ndarray,
    y: np.ndarray | None,
) -> None:
    classes = _classes(model)
    if len(classes) == 2 and (share := second_class(model, rows)) is not None:
        _draw_probability(axes, classes, share.reshape(across.shape), across, up)
    else:
        _draw_regions(axes, classes, model.predict(rows), across, up)
    if y is not None:
        unknown = set(np.unique(y).tolist()) - set(classes.tolist())
        if unknown:
            raise DataError(
                f"y has the class {unknown.pop()!r}, which the model does not know: it knows {classes.tolist()}."
            )
        draw_points(axes, at, y, classes)


def _classes(model: Any) -> np.ndarray:
    classes = getattr(model, "classes_", None)
    if classes is None or isinstance(classes, list) or getattr(model, "multilabel_", False):
        raise SpecificationError(
            f"{type(model).__name__} gives several outcomes, and a picture shows one of classes: fit one model for each."
        )
    if len(classes) > MOST_CLASSES:
        raise SpecificationError(
            f"the model has {len(classes)} classes, and a picture tells at most {MOST_CLASSES} apart: draw a model of fewer."
        )
    return np.asarray(classes)


def second_class(model: Any, rows: Any) -> np.ndarray | None:
    """Probability of the second of two classes, (m,), where the model gives one."""
    if not hasattr(model, "predict_proba"):
        return None
    return np.asarray(model.predict_proba(rows))[:, 1]


def _draw_probability(
    axes: Axes, classes: np.ndarray, share: np.ndarray, across: np.ndarray, up: np.ndarray
) -> None:
    shades = axes.contourf(across, up, share, levels=LEVELS, cmap="Blues", alpha=0.8)
    if share.min() < LEVELS[-2] and share.max() > LEVELS[1]:
        widths = [2.0 if level == 0.5 else 0.7 for level in LEVELS[1:-1]]
        lines = axes.contour(across, up, share, levels=LEVELS[1:-1], colors="black", linewidths=widths)
        axes.clabel(lines, fontsize=7)
    axes.figure.colorbar(shades, ax=axes, label=f"probability of {classes[1]}")


def _draw_regions(
    axes: Axes, classes: np.ndarray, predicted: np.ndarray, across: np.ndarray, up: np.ndarray
) -> None:
    from matplotlib.colors import to_rgb

    codes = np.searchsorted(classes, predicted).reshape(across.shape)
    kinds = kinds_of(len(classes))
    light = [tuple(0.6 + 0.4 * part for part in to_rgb(colour)) for colour, *_ in kinds]
    levels = np.arange(len(classes) + 1) - 0.5
    filled = axes.contourf(across, up, codes, levels=levels, colors=light, hatches=HATCHES[: len(classes)])
    filled.set_edgecolor("#888888")
    filled.set_linewidth(0)
    for place in range(len(classes)):
        inside = (codes == place).astype(float)
        if 0 < inside.mean() < 1:
            axes.contour(across, up, inside, levels=[0.5], colors="black", linewidths=1.2)


def _draw_surface(
    axes: Axes,
    model: Any,
    rows: Any,
    across: np.ndarray,
    up: np.ndarray,
    at: np.ndarray,
    y: np.ndarray | None,
) -> None:
    predicted = np.asarray(model.predict(rows))
    if predicted.shape != (across.size,) or predicted.dtype.kind not in "fiu":
        raise SpecificationError(
            f"{type(model).__name__} predicts an array of shape {predicted.shape[1:]} a row, and a surface is of one number: "
            "fit a model of one outcome."
        )
    # A few extreme outcomes must not leave the surface one shade.
    ends = predicted if y is None else np.append(np.quantile(y.astype(float), (0.05, 0.95)), predicted)
    low, high = spread(ends)
    surface = predicted.reshape(across.shape)
    shades = axes.contourf(
        across, up, surface, levels=np.linspace(low, high, 21), cmap="viridis", extend="both"
    )
    if np.ptp(surface) > 0:
        axes.clabel(axes.contour(across, up, surface, colors="white", linewidths=0.8), fontsize=7)
    axes.figure.colorbar(shades, ax=axes, label="prediction" if y is None else "prediction; points: outcome")
    if y is not None:
        axes.scatter(
            at[:, 0],
            at[:, 1],
            c=y.astype(float),
            cmap="viridis",
            vmin=low,
            vmax=high,
            s=22,
            edgecolors="white",
            linewidths=0.8,
        )
