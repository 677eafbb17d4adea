"""A network of any layers as blocks from the top down, with shapes and numbers of parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lamina.estimators.base import final_step
from lamina.explain.drawing import axes_for
from lamina.layers.containers import Residual
from lamina.networks.summary import LayerRow, summarise

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 24
WIDTH, HEIGHT = 0.56, 0.7
ELLIPSIS = "…"


def draw_blocks(model: Any, name: str, ax: Axes | None) -> Axes:
    """One block a layer of the chain; those of a residual one have a line around them. ``name`` is the first layer not dense."""
    network, shape = final_step(model).network_, final_step(model).input_shape_
    rows = [row for row in summarise(network, shape).rows if not row.layer.startswith(" ")]
    around = [isinstance(layer, Residual) for layer in network.layers]
    blocks = [("input", f"{shape}"), *((row.layer, _told(row)) for row in rows)]
    blocks, loops = _few(blocks, [False, *around])
    axes = axes_for(ax, width=5.6, height=0.42 * len(blocks) + 0.9)
    for place, (label, told) in enumerate(blocks):
        _draw_block(axes, -place, label, told, loops[place])
    for place in range(len(blocks) - 1):
        _arrow(axes, (0, -place - HEIGHT / 2), (0, -place - 1 + HEIGHT / 2))
    axes.set_xlim(-0.75, 1.5)
    axes.set_ylim(-len(blocks) + 0.4, 0.6)
    axes.set_axis_off()
    axes.set_title(f"layers as blocks: {name} is no dense layer", fontsize=8)
    return axes


def _told(row: LayerRow) -> str:
    parameters = f", {row.parameters:,} parameters" if row.parameters else ""
    return f"{row.output_shape}{parameters}"


def _few(blocks: list[tuple[str, str]], loops: list[bool]) -> tuple[list[tuple[str, str]], list[bool]]:
    """At most so many blocks: of more, those of the beginning and the end."""
    if len(blocks) <= MOST:
        return blocks, loops
    half = MOST // 2
    left_out = len(blocks) - 2 * half
    return (
        [*blocks[:half], (ELLIPSIS, f"{left_out} more layers"), *blocks[-half:]],
        [*loops[:half], False, *loops[-half:]],
    )


def _draw_block(axes: Axes, height: float, label: str, told: str, loop: bool) -> None:
    from matplotlib.patches import Rectangle

    shape = Rectangle(
        (-WIDTH, height - HEIGHT / 2), 2 * WIDTH, HEIGHT, facecolor="#eeeeee", edgecolor="black", lw=0.8
    )
    if label != ELLIPSIS:
        axes.add_patch(shape)
    axes.text(0, height, label, ha="center", va="center", fontsize=7)
    axes.text(WIDTH + 0.16, height, told, ha="left", va="center", fontsize=7)
    if loop:
        corners = (-WIDTH - 0.1, height + 0.5), (-WIDTH - 0.1, height - 0.5)
        axes.plot([0, corners[0][0], corners[1][0], 0], [height + 0.5, *(y for _, y in corners), height - 0.5],
                  color="black", linewidth=0.8, linestyle="--")  # fmt: skip
        axes.text(corners[1][0], height, "+", ha="right", va="center", fontsize=8)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", end, start, arrowprops={"arrowstyle": "->", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    )
