"""Dates as people write them turned into ISO dates: with attention, without, by a Transformer, and by a parser."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lamina.estimators import SequenceToSequence
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.dates_data import SEEN, UNSEEN, Sample
from lamina.experiments.kept import Kept
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.training import EarlyStopping

TITLE = "dates as people write them turned into ISO dates, character by character"
SOURCE = (
    "Bahdanau, Cho and Bengio, Neural machine translation by jointly learning to align and translate, 2015, attention; the task "
    "is an exercise of several courses and has no published values."
)

MODELS: dict[str, dict[str, Any]] = {
    "GRU with attention": {},
    "GRU without attention": {"attention": False},
    "Transformer": {"model": "transformer"},
}
PARSER = "dateutil's parser, day first"
MODULES = (
    "lamina.experiments.dates",
    "lamina.experiments.dates_data",
    "lamina.estimators.sequence_to_sequence",
    "lamina.networks.encoder_decoder",
    "lamina.networks.transformer",
)
PAIRS, TESTED, EPOCHS = 4_000, 500, 20
BEAM = 5

REMARKS = (
    f"Dates are drawn from the hundred years from 1950 on, each in one of {len(SEEN)} formats, such as "
    f"{', '.join(list(SEEN)[::3])}; none is in two of the sets. The unseen formats have known characters in an order that no "
    "training pair has.",
    f"A tenth of the training pairs is held back, and the epoch with the smallest loss on them is kept, of at most {EPOCHS} in "
    "batches of 64. Everything else is the default: 64 units in each direction of the encoder, 128 of the decoder, or two blocks "
    "of width 64 with 4 heads, dropout 0.1.",
    "An answer counts only if all ten characters are right.",
    "The parser knows how dates are written because people told it. Its mistakes are years of two digits, which it takes to lie "
    "within fifty years of today, and 1998/03/03, which it reads as year, day, month where it is told that the day comes first.",
)


@dataclass
class Measured:
    """What one model did on one sample."""

    name: str
    seen: float
    beams: float | None
    unseen: dict[str, float]
    parameters: int = 0
    seconds: float = 0.0
    epochs: int = 0
    model: SequenceToSequence | None = field(default=None, repr=False)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every model on every seed's pairs."""
    if quick:
        return study(Kept(), pairs=300, tested=40, epochs=2, seeds=1, progress=progress)
    return study(Kept.of("dates", MODULES), PAIRS, TESTED, EPOCHS, seeds=1, progress=progress)


def study(kept: Kept, pairs: int, tested: int, epochs: int, seeds: int, progress: bool) -> Findings:
    """The findings for so many pairs."""
    found: dict[str, list[Measured]] = {name: [] for name in (*MODELS, PARSER)}
    places = [(seed, name) for seed in range(seeds) for name in MODELS]
    for seed, name in tracked(places, "models", progress):
        sample = Sample.draw(pairs, tested, seed)
        found[name].append(measured(name, sample, epochs, seed, kept))
        if name == next(iter(MODELS)):
            found[PARSER].append(parsed(sample))
    rows = (*_rows(found, tested, seeds), *_cost_rows(found, pairs))
    picture = partial(_picture, [each[0].model for each in found.values()])
    return Findings(rows, REMARKS, tables=(_table(found),), picture=picture)


def measured(name: str, sample: Sample, epochs: int, seed: int, kept: Kept) -> Measured:
    """One model fitted and tested."""
    place, start = f"{name.replace(' ', '-')}-{seed}", time.perf_counter()
    settings: dict[str, Any] = {
        "epochs": epochs,
        "early_stopping": EarlyStopping(None),
        "random_state": seed,
        "verbose": False,
    }
    model = kept.model(place, lambda: SequenceToSequence(**MODELS[name], **settings).fit(*sample.train))
    took = {"seconds": np.array(time.perf_counter() - start)}
    seconds = float(kept.piece(f"{place}-seconds", lambda: took)["seconds"])
    return Measured(
        name,
        100 * model.score(*sample.seen),
        100 * model.score(*sample.seen, beam=BEAM),
        {form: 100 * model.score(*pairs) for form, pairs in sample.unseen.items()},
        model.n_parameters_,
        seconds,
        len(model.history_),
        model,
    )


def parsed(sample: Sample) -> Measured:
    """What the parser makes of the same dates."""
    unseen = {form: _parser_score(*pairs) for form, pairs in sample.unseen.items()}
    return Measured(PARSER, _parser_score(*sample.seen), None, unseen)


def _parser_score(sources: list[str], targets: list[str]) -> float:
    parse: Any = importlib.import_module("dateutil.parser").parse
    found = [parse(source, dayfirst=True).date().isoformat() for source in sources]
    return float(100 * np.mean([one == other for one, other in zip(found, targets, strict=True)]))


def _rows(found: dict[str, list[Measured]], tested: int, seeds: int) -> Iterator[Row]:
    drawn = counted(seeds, "draw") + " of pairs"
    section = f"Exactly right, % of {tested:,} unseen dates, in formats seen; {drawn}"
    for name, each in found.items():
        yield Row(section, name, tuple(m.seen for m in each))
    for name, each in found.items():
        if each[0].beams is not None:
            yield Row(section, f"{name}, {BEAM} beams", tuple(m.beams for m in each if m.beams is not None))
    section = (
        f"Exactly right, % of {tested:,} unseen dates, in each of {len(UNSEEN)} formats never seen; {drawn}"
    )
    for name, each in found.items():
        yield Row(section, name, tuple(float(np.mean(list(m.unseen.values()))) for m in each))


def _cost_rows(found: dict[str, list[Measured]], pairs: int) -> Iterator[Row]:
    section = f"Parameters, and seconds of a fit on {pairs:,} pairs, compilation included"
    for name, each in found.items():
        if each[0].model is not None:
            note = counted(each[0].epochs, "epoch")
            yield Row(section, f"{name}: parameters", (float(each[0].parameters),), form=",.0f")
            yield Row(section, f"{name}: seconds", tuple(m.seconds for m in each), form=".0f", note=note)


def _table(found: dict[str, list[Measured]]) -> CrossTable:
    columns = tuple(found)
    lines = [
        (form, tuple(Estimate.of([m.unseen[form] for m in found[name]]) for name in columns))
        for form in UNSEEN
    ]
    short = tuple(name.replace(" attention", "").split(",")[0].replace("'s parser", "") for name in columns)
    return CrossTable("Exactly right, %, by format never seen", short, tuple(lines), ".1f")


def _picture(models: list[SequenceToSequence | None], path: str | Path) -> None:
    from lamina.experiments.dates_picture import draw

    draw(path, [model for model in models if model is not None])
