"""Transfer: features learnt on half of CIFAR-100's classes, used on the other half, against learning from its images alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from lamina.experiments import transfer_data
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.kept import Kept
from lamina.experiments.measures import accuracy_percent
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.transfer_data import Half
from lamina.experiments.transfer_fits import (
    BATCH,
    FOLDS,
    HEAD_EPOCHS,
    ON_FEATURES,
    PENALTIES,
    SCRATCH,
    accuracies,
    features_of,
    fit_source,
)

TITLE = "features of a network trained on other classes, as the number of labelled images grows"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.3.5: the hidden layers "
    "of a pretrained network, frozen, serve new classes. No published values: the book shows six photographs."
)

EPOCHS = {5: 80, 10: 60, 25: 40, 50: 25, 100: 16, 250: 10}
"""Of the network from scratch, by images a class: more passes over fewer images, chosen before any was run."""
SOURCE_EPOCHS, DRAWS = 20, 3
MODULES = tuple(
    f"lamina.experiments.{part}" for part in ("transfer_data", "transfer_fits", "cifar100_variants")
)

Accuracy = dict[str, tuple[float, ...]]
Compared = dict[tuple[int, int], tuple[dict[str, float], dict[str, float]]]

REMARKS = (
    "Fifty of the hundred classes, drawn at random, teach the features: the book's network with batch normalisation, flips "
    f"and crops, RMSProp at the rate 0.001 falling to zero along a cosine, {SOURCE_EPOCHS} epochs, the best of them by a "
    "tenth of its images. What its output layer is given, 512 numbers an image, are the features; the network has never seen "
    "the other fifty classes, though classes of the two halves share superclasses.",
    "From scratch is the same network, trained on the few images as the first was on many, with "
    + ", ".join(f"{epochs} epochs of {each}" for each, epochs in EPOCHS.items())
    + " images a class. Numbers of epochs were set before anything was run, and no test image chose anything.",
    f"Features are standardised. C of the linear models is the best of {', '.join(f'{c:g}' for c in PENALTIES)} by {FOLDS}-fold "
    f"cross-validation on the few images; the network on the features has 256 units between two dropouts of one half and runs "
    f"{HEAD_EPOCHS} epochs of Adam in batches of {BATCH}.",
    "Draws differ in the images taken from the training images of each class, and in the seed; the test images, a hundred a "
    "class, and the features are the same in all. A difference is that of two accuracies on one draw.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Learn the features, then compare at every number of images."""
    if quick:
        return study(transfer_data.load(1_500), Kept(), {5: 1}, draws=1, source_epochs=1, progress=progress)
    kept = Kept.of("transfer", MODULES)
    return study(transfer_data.load(), kept, EPOCHS, DRAWS, SOURCE_EPOCHS, progress)


def study(
    halves: tuple[Half, Half],
    kept: Kept,
    epochs: Mapping[int, int],
    draws: int,
    source_epochs: int,
    progress: bool,
) -> Findings:
    """The findings on any two halves."""
    source, target = halves
    model = kept.model(f"source-{source_epochs}", lambda: fit_source(source, source_epochs))
    own = accuracy_percent(source.y_test, model.predict(source.x_test))
    features = features_of(model, target.x), features_of(model, target.x_test)
    places = [(each, draw) for each in epochs for draw in range(draws)]
    compared = {
        (each, draw): accuracies(target, features, each, draw, epochs[each], kept)
        for each, draw in tracked(places, "draws", progress)
    }
    found = {each: _by_name(compared, each, 0) for each in epochs}
    seconds = _by_name(compared, max(epochs), 1)
    return Findings(
        tuple(_rows(found, halves, own)),
        (*REMARKS, _time_remark(seconds, max(epochs))),
        tables=(_table(found, target, draws),),
        picture=partial(_picture, found),
    )


def _by_name(compared: Compared, each: int, part: int) -> Accuracy:
    """Accuracies (part 0) or seconds (part 1) of every method at so many images a class, one a draw."""
    mine = [both[part] for (own, _), both in compared.items() if own == each]
    return {name: tuple(draw[name] for draw in mine) for name in mine[0]}


def _rows(found: Mapping[int, Accuracy], halves: tuple[Half, Half], own: float) -> Iterator[Row]:
    source, target = halves
    section = f"The network that gives the features: {source.classes} classes, {len(source.y):,} images"
    yield Row(section, "accuracy on its own classes, %", (own,), note=f"{len(source.y_test):,} test images")
    section = f"Logistic regression on features minus {SCRATCH}, percentage points, {target.classes} classes"
    for each, accuracy in found.items():
        pairs = zip(accuracy[next(iter(ON_FEATURES))], accuracy[SCRATCH], strict=True)
        yield Row(section, f"{each} images a class", tuple(a - b for a, b in pairs), form="+.1f")


def _table(found: Mapping[int, Accuracy], target: Half, draws: int) -> CrossTable:
    title = (
        f"Accuracy in % on {len(target.y_test):,} test images of {target.classes} new classes, by labelled images a class: "
        f"mean of {counted(draws, 'draw')} ± standard error"
    )
    lines = tuple(
        (name, tuple(Estimate.of(accuracy[name]) for accuracy in found.values()))
        for name in (*ON_FEATURES, SCRATCH)
    )
    return CrossTable(title, tuple(map(str, found)), lines, ".1f")


def _time_remark(seconds: Accuracy, each: int) -> str:
    times = "; ".join(f"{name} {np.mean(took):.0f} s" for name, took in seconds.items())
    return f"Time of a fit at {each} images a class, the choice of C and compilation included: {times}."


def _picture(found: Mapping[int, Accuracy], path: object) -> None:
    from lamina.experiments.transfer_picture import draw

    draw(path, found)
