"""Errors by layer: a panel for each way to help, a line for each activation and start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.vanishing_gradients_networks import HELPS
from lamina.explain.drawing import LINES


def draw(
    path: str | Path,
    found: Mapping[tuple[str, str, str, int], Sequence[NDArray[np.float64]]],
    starts: Sequence[tuple[str, str]],
    shown: int,
) -> None:
    """Four panels of the depth that is shown, on one scale."""
    from matplotlib.figure import Figure

    figure: Any = Figure(figsize=(13, 3.8), layout="constrained")
    panels = figure.subplots(1, len(HELPS), sharey=True)
    for axes, how in zip(panels, HELPS, strict=True):
        for (activation, start), (colour, line, marker) in zip(starts, LINES, strict=False):
            mean = np.exp(np.mean(np.log(np.maximum(found[activation, start, how, shown], 1e-300)), axis=0))
            places = np.arange(1, len(mean) + 1)
            label = f"{activation}, {'He' if start == 'he' else 'Xavier'}"
            axes.semilogy(
                places, mean, color=colour, linestyle=line, marker=marker, markersize=3, label=label
            )
        axes.set(xlabel="hidden layer", title=how)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("error at its output")
    panels[0].legend(fontsize=7.5, frameon=False)
    figure.savefig(path, dpi=130)
