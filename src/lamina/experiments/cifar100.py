"""CIFAR-100: the book's network, and what augmentation, batch normalisation and shortcuts add within a budget of minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from lamina.experiments.cifar100_data import Data
from lamina.experiments.cifar100_fits import BATCH, Trained, train
from lamina.experiments.cifar100_variants import CHAPTER, EPOCHS, PATIENCE, VARIANTS, Variant
from lamina.experiments.kept import Kept
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted

TITLE = "a hundred kinds of things in 32 × 32 photographs"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.3 and the lab of "
    "section 10.9: a convolutional network for CIFAR-100, about 42 % of the test images right after 30 epochs."
)

PUBLISHED, PUBLISHED_PARAMETERS = 42.0, 964_516
MINUTES = 15.0
"""Of each variant that has no number of epochs of its own."""
MODULES = tuple(f"lamina.experiments.cifar100_{part}" for part in ("data", "variants", "fits"))

REMARKS = (
    "The book's network: 3 × 3 convolutions of 32, 64, 128 and 256 filters, each with 2 × 2 pooling, dropout of one half, 512 "
    f"rectified units, softmax. RMSProp at the rate 0.001 in batches of {BATCH}, as in the lab; colours are divided by 255. A "
    "fifth of the training images of each class is for validation, as in the lab: 10,000 of the 50,000.",
    f"Early stopping: at most {EPOCHS} epochs, the end after {PATIENCE} without a smaller validation loss, and the weights of "
    "the epoch with the smallest are kept. Nothing was chosen on test images.",
    f"The other networks each get {MINUTES:.0f} minutes on this machine: the number of epochs follows from a few batches timed "
    "beforehand and is fixed then; the rate falls from 0.001 to zero along a cosine over them. A faster machine trains longer. "
    "The rate is the lab's for all of them, and best for none perhaps.",
    "Flips are left to right, of half of the images; crops are of 32 × 32 pixels from the image with four pixels of zeros around "
    "it. '+ batch normalisation' has the flips and crops too. ResNet-20 is that of He et al. (2016) for CIFAR.",
    "A network of the hundred classes has the superclass right where its predicted class belongs to it: one that takes a "
    "maple for an oak knows that it is a tree. 'Trained on the 20' is the same network with 20 units at the end.",
    "10,000 test images give an accuracy of 42 % a standard error of 0.5. One seed each: the differences between seeds come "
    "on top.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Train every variant."""
    if quick:
        return study(Data.load(1_000), Kept(), budget=1.0, most=2, progress=progress)
    return study(Data.load(), Kept.of("cifar100", MODULES), 60 * MINUTES, EPOCHS * 100, progress)


def study(
    data: Data,
    kept: Kept,
    budget: float,
    most: int,
    progress: bool,
    variants: Sequence[Variant] = VARIANTS,
) -> Findings:
    """The findings on any images: every variant that has no number of epochs gets ``budget`` seconds."""
    fits = [train(data, variant, budget, most, kept) for variant in tracked(variants, "networks", progress)]
    return Findings(tuple(_rows(data, fits)), REMARKS, picture=partial(_picture, fits, data))


def _rows(data: Data, fits: Sequence[Trained]) -> Iterator[Row]:
    size = f"{len(data.test):,} test images"
    for fit in fits:
        if not fit.variant.coarse:
            published = PUBLISHED if fit.variant.key == CHAPTER.key else None
            values = (fit.accuracy(data.test),)
            yield Row(
                f"Accuracy in %, 100 classes, {size}", fit.variant.name, values, published, note=_note(fit)
            )
    for fit in fits:
        note = _note(fit) if fit.variant.coarse else ""
        section = f"Accuracy in %, 20 superclasses, that of the predicted class, {size}"
        yield Row(section, fit.variant.name, (fit.coarse_accuracy(data),), note=note)
    for fit in fits:
        published = PUBLISHED_PARAMETERS if fit.variant.key == CHAPTER.key else None
        yield Row("Parameters", fit.variant.name, (float(fit.parameters),), published, ",.0f")


def _note(fit: Trained) -> str:
    """How long it trained."""
    return f"best of {counted(len(fit.loss), 'epoch')}: {fit.best_epoch}; {fit.seconds / 60:.1f} min"


def _picture(fits: Sequence[Trained], data: Data, path: object) -> None:
    from lamina.experiments.cifar100_picture import draw

    draw(path, fits, data)
