"""The functions, errors over relu's by table, and errors by depth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.explain.descent.drawing import style
from lamina.explain.drawing import SMALL
from lamina.layers.activations import resolve_activation

if TYPE_CHECKING:
    from lamina.experiments.swish import Errors, Fits, Plan


def draw(path: Any, errors: Errors, names: list[str], fits: Fits, plan: Plan) -> None:
    """Three panels."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(15, 4.6), layout="constrained")
    functions, tables, depths = figure.subplots(1, 3)
    _draw_functions(functions, plan)
    _draw_ratios(tables, errors, names, plan)
    _draw_depths(depths, fits)
    for axes in (functions, tables, depths):
        axes.legend(fontsize=SMALL + 1, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=110)


def _draw_functions(axes: Any, plan: Plan) -> None:
    z = np.linspace(-4, 2.5, 200, dtype=np.float32)
    for place, name in enumerate(plan.activations):
        axes.plot(z, resolve_activation(name)(z), **style(place) | {"markevery": 25}, label=name)
    axes.set(xlabel="z", ylabel="g(z)", title="activations")


def _draw_ratios(axes: Any, errors: Errors, names: list[str], plan: Plan) -> None:
    for place, name in enumerate(plan.activations[1:], start=1):
        ratios = np.array([errors[table, name] / errors[table, "relu"] for table in names])
        error = 2 * ratios.std(axis=1, ddof=1) / np.sqrt(ratios.shape[1])
        at = np.arange(len(names)) + (place - len(plan.activations) / 2) * 0.13
        axes.errorbar(at, ratios.mean(axis=1), error, **style(place) | {"linestyle": "none"}, label=name)
    axes.axhline(1, color="grey", linewidth=0.8)
    axes.set_xticks(range(len(names)), names, fontsize=SMALL + 1)
    axes.set(ylabel="error over relu's", title="tables: mean over folds ± 2 standard errors")


def _draw_depths(axes: Any, fits: Fits) -> None:
    for place, name in enumerate(dict.fromkeys(name for name, _ in fits)):
        found = {
            depth: [fit.test_error for fit in each] for (own, depth), (_, each) in fits.items() if own == name
        }
        means = [np.mean(each) for each in found.values()]
        spread = [np.std(each) for each in found.values()]
        axes.errorbar(list(found), means, spread, **style(place), label=name)
    axes.set(xlabel="hidden layers", ylabel="test error, %", title="digits by depth, ± one sd of the seeds")
