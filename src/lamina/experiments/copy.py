"""What recurrent layers remember: one symbol, noise after it, and the question which it was, as the gap grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.copy_data import NOISE, SYMBOLS
from lamina.experiments.copy_fits import BATCH, LAYERS, UNITS, Measured, measured
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.kept import Kept
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted

TITLE = "a symbol remembered over a growing gap of noise"
SOURCE = (
    "Bengio, Simard and Frasconi, Learning long-term dependencies with gradient descent is difficult, 1994; Hochreiter and "
    "Schmidhuber, Long short-term memory, 1997."
)

MODULES = tuple(f"lamina.experiments.copy{part}" for part in ("", "_data", "_fits"))
GAPS, ROWS, EPOCHS, SEEDS = (10, 40, 80, 160), 4_096, 50, 3

REMARKS = (
    f"The first code is one of {SYMBOLS} symbols, each other one of {NOISE} that mean nothing; the answer is the first. "
    f"Guessing is right in {100 / SYMBOLS:.1f} %. Accuracy is that on 512 sequences that were not in training, of the epoch with "
    "the smallest loss on 512 others.",
    f"{UNITS} units, Adam at 0.003 in batches of {BATCH}, gradients clipped to norm 1, as many steps for all. "
    "What is not learnt in them might be in many more: the statement is about gradients that are too small to learn from soon.",
    "Gradient: the Euclidean norm of the derivative of a row's loss by the vector at a place, root mean square over 512 rows, at "
    "the distance of the symbol over that at the last place. It is what training has to go by: below a thousandth the symbol "
    "does not count beside the noise.",
    "A forget bias of b multiplies what an LSTM remembers by about σ(b) a step at the start; log 160 is 5.1 (Tallec and "
    "Ollivier, Can recurrent neural networks warp time?, 2018).",
    "The recurrent weights of the layers begin orthogonal, which keeps the length of what is carried but for tanh; Xavier's, "
    "with the same variance a weight as in other layers, do not.",
)
Found = dict[tuple[str, int], list[Measured]]


def run(quick: bool, progress: bool) -> Findings:
    """Fit every layer on every gap."""
    if quick:
        return study(Kept(), (3, 12), 256, 4, 1, progress)
    return study(Kept.of("copy", MODULES), GAPS, ROWS, EPOCHS, SEEDS, progress)


def study(kept: Kept, gaps: Sequence[int], rows: int, epochs: int, seeds: int, progress: bool) -> Findings:
    """The findings for these gaps."""
    places = [(name, gap) for gap in gaps for name in LAYERS]
    found = {
        (name, gap): [kept_measured(kept, name, gap, rows, epochs, seed) for seed in range(seeds)]
        for name, gap in tracked(places, "gaps", progress)
    }
    steps = epochs * -(-rows // BATCH)
    tables = (
        _accuracies(
            found, gaps, f"Right, %, by codes between, after {steps:,} steps; {counted(seeds, 'seed')}"
        ),
        _ratios(found, gaps, trained=False),
        _ratios(found, gaps, trained=True),
    )
    rows_found = tuple(_rows(found, max(gaps)))
    return Findings(rows_found, REMARKS, tables=tables, picture=partial(_picture, found, tuple(gaps)))


def kept_measured(kept: Kept, name: str, gap: int, rows: int, epochs: int, seed: int) -> Measured:
    """One fit, or what is kept of it."""

    def work() -> dict[str, NDArray[Any]]:
        found = measured(name, gap, rows, epochs, seed)
        return {key: np.asarray(value) for key, value in vars(found).items()}

    place = f"{name.replace(', ', '-')}-{gap}-{seed}"
    found = kept.piece(place, work)
    return Measured(float(found["accuracy"]), found["before"], found["after"])


def _rows(found: Found, gap: int) -> Iterator[Row]:
    section = f"Right, %, with {gap} codes between"
    for name in LAYERS:
        yield Row(section, name, tuple(m.accuracy for m in found[name, gap]))


def _accuracies(found: Found, gaps: Sequence[int], title: str) -> CrossTable:
    lines = [
        (name, tuple(Estimate.of([m.accuracy for m in found[name, gap]]) for gap in gaps)) for name in LAYERS
    ]
    return CrossTable(title, tuple(map(str, gaps)), tuple(lines), ".1f")


def _ratios(found: Found, gaps: Sequence[int], *, trained: bool) -> CrossTable:
    """Geometric means over seeds, since ratios differ by powers of ten."""
    lines = []
    for name in LAYERS:
        ratios = []
        for gap in gaps:
            norms = [m.after if trained else m.before for m in found[name, gap]]
            logs = [np.log(max(each[-1] / max(each[0], 1e-30), 1e-30)) for each in norms]
            ratios.append(Estimate(float(np.exp(np.mean(logs)))))
        lines.append((name, tuple(ratios)))
    when = "after training" if trained else "at the start"
    title = f"Gradient at the symbol over that at the last code, {when}, by codes between"
    return CrossTable(title, tuple(map(str, gaps)), tuple(lines), ".1e")


def _picture(found: Found, gaps: Sequence[int], path: str | Path) -> None:
    from lamina.experiments.copy_picture import draw

    draw(path, found, gaps)
