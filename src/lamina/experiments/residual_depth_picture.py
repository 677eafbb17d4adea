"""Training errors by depth, losses by epoch, and the gradient of every layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.residual_depth_fits import Measured
from lamina.experiments.residual_depth_networks import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Found = dict[tuple[Kind, int], list[Measured]]
COLOURS = {Kind.PLAIN: "#d1495b", Kind.RESIDUAL: "#1f6f8b"}


def draw(path: Any, found: Found, depths: Sequence[int]) -> None:
    """Errors and losses above; below the gradients by layer at the start, with and without batch norm, and after training."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(14, 7.5), layout="constrained")
    grid = figure.add_gridspec(2, 12)
    _draw_errors(figure.add_subplot(grid[0, :4]), found, depths)
    for place, kind in enumerate(COLOURS):
        axes = figure.add_subplot(grid[0, 4 + 4 * place : 8 + 4 * place])
        _draw_losses(axes, found, kind, depths)
    panels = (
        (Kind.PLAIN, False),
        (Kind.RESIDUAL, False),
        (Kind.PLAIN_BARE, False),
        (Kind.RESIDUAL_BARE, False),
        (Kind.PLAIN, True),
        (Kind.RESIDUAL, True),
    )
    for place, (kind, trained) in enumerate(panels):
        axes = figure.add_subplot(grid[1, 2 * place : 2 * place + 2])
        _draw_gradients(axes, found, kind, trained, depths)
        if place == 0:
            axes.set_ylabel("norm of the gradient")
    figure.savefig(path, dpi=130)


def _draw_errors(axes: Axes, found: Found, depths: Sequence[int]) -> None:
    for kind, colour in COLOURS.items():
        errors = np.array([[m.error for m in found[kind, depth]] for depth in depths])
        axes.plot(depths, errors.mean(axis=1), color=colour, marker="o", markersize=4, label=kind.value)
        axes.fill_between(
            depths, errors.min(axis=1), errors.max(axis=1), color=colour, alpha=0.2, linewidth=0
        )
    axes.set_xticks(depths)
    axes.set_xlabel("layers")
    axes.set_ylabel("error on the training images, %")
    axes.legend(fontsize=8, frameon=False)
    axes.set_title("training error by depth", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_losses(axes: Axes, found: Found, kind: Kind, depths: Sequence[int]) -> None:
    for depth, shade in zip(depths, _shades(len(depths)), strict=True):
        loss = np.mean([m.loss for m in found[kind, depth]], axis=0)
        axes.plot(range(1, len(loss) + 1), loss, color=shade, marker="o", markersize=3, label=str(depth))
    axes.set_xlabel("epoch")
    axes.set_title(f"{kind.value}: training loss by epoch and layers", fontsize=9)
    axes.legend(fontsize=7, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_gradients(axes: Axes, found: Found, kind: Kind, trained: bool, depths: Sequence[int]) -> None:
    for depth, shade in zip(depths, _shades(len(depths)), strict=True):
        norms = np.mean([m.after if trained else m.before for m in found[kind, depth]], axis=0)
        axes.plot(np.linspace(0, 1, len(norms)), norms, color=shade, linewidth=1, label=str(depth))
    axes.set_yscale("log")
    axes.set_xlabel("place in the network", fontsize=8)
    when = "trained" if trained else "start"
    axes.set_title(f"{kind.value}, {when}", fontsize=8)
    axes.tick_params(labelsize=7)
    axes.spines[["top", "right"]].set_visible(False)


def _shades(number: int) -> list[Any]:
    from matplotlib import colormaps

    return [colormaps["viridis"](place) for place in np.linspace(0, 0.9, number)]
