"""The lecture's steps, three step sizes, the two minima, distances by step, and steps by condition number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain import DescentPath, descend, plot_descent, plot_step_sizes
from lamina.explain.descent.drawing import style
from lamina.explain.drawing import SMALL
from lamina.training import GradientDescent

if TYPE_CHECKING:
    from lamina.experiments.gradient_descent import Bowls


def draw(
    path: Any,
    lecture: DescentPath,
    sizes: dict[float, DescentPath],
    conditions: tuple[int, ...],
    bowls: Bowls,
) -> None:
    """Three panels of steps above one of two minima, one of distances, one of condition numbers."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(13, 8), layout="constrained")
    upper, lower = figure.subfigures(2, 1)
    plot_step_sizes(rates=(0.02, 0.25, 1.05), ax=upper.subplots())
    grid = lower.subplots(1, 3)
    starts = {
        f"from {start:g}": descend("two_minima", start, GradientDescent(0.08), 7) for start in (0.25, -0.1)
    }
    plot_descent(starts, ax=grid[0])
    _draw_distances(grid[1], sizes)
    _draw_conditions(grid[2], conditions, bowls)
    figure.savefig(path, dpi=110)


def _draw_distances(axes: Any, sizes: dict[float, DescentPath]) -> None:
    for place, (step, path) in enumerate(sizes.items()):
        distance = np.maximum(np.abs(path.theta - 0.5), 1e-12)
        axes.plot(distance, **style(place) | {"markevery": 4}, label=f"step {step:g}")
    axes.set(
        yscale="log", xlabel="step", ylabel="distance from the minimum", title="the parabola, by step size"
    )
    axes.legend(fontsize=SMALL, frameon=False)


def _draw_conditions(axes: Any, conditions: tuple[int, ...], bowls: Bowls) -> None:
    named = {"gradient descent": bowls.descent, "momentum": bowls.momentum, "Newton-Raphson": bowls.newton}
    for place, (name, counts) in enumerate(named.items()):
        axes.plot(conditions, counts, **style(place), label=name)
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="condition number",
        ylabel="steps",
        title="bowls: steps to a millionth",
    )
    axes.legend(fontsize=SMALL, frameon=False)
