"""Plain and residual networks of 8 to 56 layers: how well they fit their training images, and how large their gradients are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.kept import Kept
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.residual_depth_data import Sample
from lamina.experiments.residual_depth_fits import BATCH, RATE, Measured, measured
from lamina.experiments.residual_depth_networks import DEPTHS, Kind

TITLE = "plain and residual networks of 8 to 56 layers on small photographs"
SOURCE = (
    "He, Zhang, Ren and Sun, Deep residual learning for image recognition, 2016, Figures 1 and 6: on CIFAR-10 a plain network "
    "of 56 layers has a larger training error than one of 20, and a residual network a smaller one."
)

ROWS, EPOCHS = 5_000, 8
COMPARED = (20, 56)
MODULES = tuple(f"lamina.experiments.residual_depth_{part}" for part in ("data", "networks", "fits"))

REMARKS = (
    "The networks are those of the paper's section 4.2 for CIFAR, 6n + 2 layers of 16, 32 and 64 filters with batch "
    "normalisation; the shortcuts have no parameters, so that a plain network and a residual one of a depth have the same. "
    "The data are the first ten classes of CIFAR-100, which like CIFAR-10's are ten kinds of things, 500 training images "
    "each.",
    f"Stochastic gradient descent with momentum 0.9, batches of {BATCH}, the rate {RATE} falling to zero along a cosine, no "
    "augmentation and no penalty: minutes where the paper trains for 64,000 steps of 128. What can be compared is the order "
    "of the training errors, not their size: ours are those of networks early on their way.",
    "The loss is the mean over the steps of the last epoch; the error is that of the trained network on its training images, "
    "with running means and variances in place of the batch's.",
    f"Gradients: the Euclidean norm of the mean loss's derivative by the filters of a layer, on {BATCH} images whose means "
    "and variances are the batch's own, at the start and after training. Without batch normalisation the networks are not "
    "trained.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Measure every depth of both kinds."""
    if quick:
        return study(Sample.load(200), Kept(), (8, 14), 1, 1, progress)
    kept = Kept.of("residual-depth", MODULES)
    return study(Sample.load(ROWS), kept, DEPTHS, epochs=EPOCHS, seeds=1, progress=progress)


def study(
    sample: Sample, kept: Kept, depths: Sequence[int], epochs: int, seeds: int, progress: bool
) -> Findings:
    """The findings on any images."""
    places = [(kind, depth) for depth in depths for kind in Kind]
    found = {
        place: [measured(sample, *place, epochs, seed, kept) for seed in range(seeds)]
        for place in tracked(places, "networks", progress)
    }
    tables = tuple(_gradient_table(found, depths, trained) for trained in (False, True))
    rows = (*_error_rows(found, len(sample.y), epochs, seeds), *_difference_rows(found, depths))
    return Findings(rows, REMARKS, tables=tables, picture=partial(_picture, found, depths))


Found = dict[tuple[Kind, int], list[Measured]]


def _error_rows(found: Found, n: int, epochs: int, seeds: int) -> Iterator[Row]:
    section = (
        f"Error in % on the {n:,} training images after {counted(epochs, 'epoch')}; {counted(seeds, 'seed')}"
    )
    for kind in Kind:
        for (own, depth), each in found.items():
            if own is kind and each[0].error is not None:
                note = f"loss {np.mean([m.loss[-1] for m in each]):.3f}, {each[0].parameters:,} parameters"
                yield Row(section, f"{kind.value}, {depth} layers", _errors(each), note=note)


def _difference_rows(found: Found, depths: Sequence[int]) -> Iterator[Row]:
    low, high = COMPARED if set(COMPARED) <= set(depths) else (min(depths), max(depths))
    section = f"Training error in percentage points, {high} minus {low} layers"
    for kind, published in ((Kind.PLAIN, "published: above zero"), (Kind.RESIDUAL, "published: below zero")):
        pairs = zip(_errors(found[kind, high]), _errors(found[kind, low]), strict=True)
        yield Row(
            section, kind.value, tuple(deep - shallow for deep, shallow in pairs), form="+.1f", note=published
        )


def _errors(each: Sequence[Measured]) -> tuple[float, ...]:
    return tuple(m.error for m in each if m.error is not None)


def _gradient_table(found: Found, depths: Sequence[int], trained: bool) -> CrossTable:
    """The first convolution's gradient and its ratio to the last one's."""
    when = "after training" if trained else "at the start"
    lines = []
    for kind in Kind:
        if trained and not kind.normalised:
            continue
        first = [_estimate(found[kind, depth], trained, ratio=False) for depth in depths]
        ratio = [_estimate(found[kind, depth], trained, ratio=True) for depth in depths]
        lines += [(f"{kind.value}: first", tuple(first)), (f"{kind.value}: first / last", tuple(ratio))]
    title = f"Norm of the gradient by the filters of the first convolution, and its ratio to the last one's, {when}, by layers"
    return CrossTable(title, tuple(map(str, depths)), tuple(lines), ".2g")


def _estimate(each: Sequence[Measured], trained: bool, ratio: bool) -> Estimate:
    norms = [m.after if trained else m.before for m in each]
    return Estimate.of([first / (last if ratio else 1.0) for first, *_, last, _ in norms])


def _picture(found: Found, depths: Sequence[int], path: object) -> None:
    from lamina.experiments.residual_depth_picture import draw

    draw(path, found, depths)
