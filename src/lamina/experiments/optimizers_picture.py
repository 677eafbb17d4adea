"""Loss by epoch, error by rate, and the paths in the valley."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain import DescentPath, plot_descent_surface
from lamina.explain.descent.drawing import style
from lamina.explain.drawing import SMALL

if TYPE_CHECKING:
    from lamina.experiments.optimizers import Learnt


def draw(
    path: Any, learnt: dict[str, Learnt], rates: Sequence[float], valley: dict[str, DescentPath]
) -> None:
    """Three panels on the digits and two in the valley."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(14, 8.5), layout="constrained")
    grid = figure.add_gridspec(2, 6)
    losses, errors = figure.add_subplot(grid[0, :3]), figure.add_subplot(grid[0, 3:])
    for place, (name, each) in enumerate(learnt.items()):
        loss = np.mean([fit.loss for fit in each.fits], axis=0)
        losses.plot(range(1, len(loss) + 1), loss, **style(place), label=f"{name}, {each.rate:g}")
        errors.plot(rates, each.held_errors, **style(place), label=name)
    losses.set(
        xlabel="epoch", ylabel="mean training loss", yscale="log", title="digits: loss at the best rate"
    )
    losses.xaxis.get_major_locator().set_params(integer=True)
    errors.set(xlabel="learning rate", ylabel="error on the rows to choose by, %", xscale="log", yscale="log")
    errors.set_title("digits: error by rate")
    along, values = figure.add_subplot(grid[1, :3]), figure.add_subplot(grid[1, 3:])
    plot_descent_surface(valley, ax=along)
    for place, (name, way) in enumerate(valley.items()):
        look = style(place) | {"markevery": 0.1}
        values.plot(np.maximum(way.values, 1e-20), **look, label=name)
    values.set(xlabel="step", ylabel="value", yscale="log", title="Rosenbrock's valley: value by step")
    values.set_xscale("symlog", linthresh=10)
    values.set_xlim(left=0)
    for axes in (losses, errors, values):
        axes.legend(fontsize=SMALL, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)
