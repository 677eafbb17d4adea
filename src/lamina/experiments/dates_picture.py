"""What the decoders looked at while they wrote a date."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lamina.estimators import SequenceToSequence

SOURCES = ("Tuesday, 3 March 1998", "March 3 1998")
"""One in a format that was seen, one in a format that was not."""


def draw(path: str | Path, models: Sequence[SequenceToSequence]) -> None:
    """A panel a model with attention and source: rows are written, columns read."""
    from matplotlib.figure import Figure

    looking = [model for model in models if model.attention]
    figure: Any = Figure(figsize=(6.5 * len(SOURCES), 3.2 * len(looking)), layout="constrained")
    panels = figure.subplots(len(looking), len(SOURCES), squeeze=False)
    for line, model in zip(panels, looking, strict=True):
        for axes, source in zip(line, SOURCES, strict=True):
            weights, written, read = model.attention_of(source)
            axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
            axes.set_xticks(range(len(read)), ["␣" if token == " " else token for token in read], fontsize=9)
            axes.set_yticks(range(len(written)), written, fontsize=9)
            axes.set_title(f"{model.model}: “{source}”", fontsize=9)
            axes.tick_params(length=0)
    figure.savefig(path, dpi=130)
