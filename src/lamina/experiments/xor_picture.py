"""A solved network's output over the plane, its hidden units as a plane of their own, and a start that failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lamina.experiments.perceptron_logic_picture import HIGH, LOW, draw_bits, draw_line
from lamina.experiments.xor_fits import BITS, XOR, Start


def draw(path: str | Path, solved: Start, failed: Start | None) -> None:
    """Two or three panels."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(10.5 if failed else 7.2, 4.2), layout="constrained")
    first, second, *third = figure.subplots(1, 3 if failed else 2)
    _draw_region(first, solved, "a 2-2-1 network: its output,\nand the line of each hidden unit")
    _draw_hidden(second, solved)
    if failed is not None:
        _draw_region(third[0], failed, f"a start that failed\n({failed.way.updating}, {failed.way.output})")
    figure.savefig(path, dpi=130)


def _draw_region(axes: Any, start: Start, title: str) -> None:
    grid = np.linspace(LOW, HIGH, 200)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    y = start.activations(points)[1].reshape(len(grid), -1)
    axes.contourf(grid, grid, y, levels=np.linspace(0, 1, 11), cmap="Greys", alpha=0.6)
    axes.contour(grid, grid, y, levels=[0.5], colors="black", linewidths=1.2)
    for line in start.weights[0].T:
        draw_line(axes, line, color="black", linewidth=0.9, linestyle=":")
    draw_bits(axes, BITS, XOR)
    axes.set(xlim=(LOW, HIGH), ylim=(LOW, HIGH), xlabel="x₁", ylabel="x₂", aspect="equal")
    axes.set_xticks([0, 1])
    axes.set_yticks([0, 1])
    axes.set_title(title, fontsize=9, loc="left")


def _draw_hidden(axes: Any, start: Start) -> None:
    hidden = start.activations(BITS.astype(np.float64))[0]
    draw_line(axes, start.weights[1][:, 0], color="black", linewidth=1.2)
    draw_bits(axes, hidden, XOR)
    for place, bits in zip(hidden, BITS, strict=True):
        # The two rows whose output is 0 lie close together.
        offset = (-14, -18) if bits.sum() == 0 else (8, 8)
        axes.annotate(f"({bits[0]}, {bits[1]})", place, xytext=offset, textcoords="offset points", fontsize=8)
    axes.set(xlim=(-0.2, 1.2), ylim=(-0.2, 1.2), xlabel="a₁", ylabel="a₂", aspect="equal")
    axes.set_title("the same rows in its hidden units:\none line separates them", fontsize=9, loc="left")
