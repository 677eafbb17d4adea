"""Gradients along the depth of a network, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.errors import ArgumentTypeError
from lamina.explain.drawing import LINES, axes_for
from lamina.explain.tape.norms import rms
from lamina.explain.tape.tape import Tape

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def plot_gradient_norms(tapes: Tape | Mapping[str, Tape], ax: Axes | None = None) -> Axes:
    """Draw the error that arrives at each layer, on a logarithmic scale: where it falls towards the input, gradients vanish.

    Parameters
    ----------
    tapes
        Of :func:`lamina.explain.backpropagate`; several by name are drawn beside each other.
    ax
        Axes to draw on; None makes a figure.

    Returns
    -------
    The axes: depth from the input (1) to the output, root mean square of the derivative of the risk by each output.

    Raises
    ------
    ArgumentTypeError
        If something else than tapes is given.
    """
    several = {"": tapes} if isinstance(tapes, Tape) else tapes
    if (
        not isinstance(several, Mapping)
        or not several
        or not all(isinstance(t, Tape) for t in several.values())
    ):
        raise ArgumentTypeError(
            f"plot_gradient_norms takes a tape, as of backpropagate(model, X, y), or a dict of them by name, and was "
            f"given {tapes!r}."
        )
    axes = axes_for(ax)
    for place, (name, tape) in enumerate(several.items()):
        colour, line, marker = LINES[place % len(LINES)]
        norms = error_by_depth(tape)
        axes.plot(
            np.arange(1, len(norms) + 1),
            np.where(norms > 0, norms, np.nan),
            color=colour,
            linestyle=line,
            marker=marker,
            markersize=3.5,
            label=name or None,
        )
    axes.set_yscale("log")
    axes.set_xlabel("layer, from the input to the output")
    axes.set_ylabel("error at its output, root mean square")
    if any(several):
        axes.legend(fontsize=8)
    return axes


def error_by_depth(tape: Tape) -> np.ndarray[Any, Any]:
    """Root mean square of the error at the output of each layer of the outermost chain, from first to last.

    >>> from lamina.explain import backpropagate
    >>> from lamina.layers import Dense
    >>> error_by_depth(backpropagate([Dense(2), Dense(1)], [[1.0]], [0.0], parameters={
    ...     "dense_1": {"weights": [[1.0, 1.0]], "bias": [0.0, 0.0]}, "dense_2": {"weights": [[2.0], [2.0]], "bias": [0.0]}
    ... })).tolist()
    [16.0, 8.0]
    """
    return np.array([rms(module.error) for module in tape if "/" not in module.path and "a" in module.errors])
