"""Images are parted by class; variants differ as they say; a run on made-up images gives a table and is kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.cifar100 import study
from lamina.experiments.cifar100_data import Data, Part
from lamina.experiments.cifar100_fits import epochs_within, seconds_an_epoch, train
from lamina.experiments.cifar100_variants import BOOK, CHAPTER, COARSE, VARIANTS, Variant, with_batch_norm
from lamina.experiments.kept import Kept
from lamina.layers import BatchNorm, Conv2D, Flatten, HorizontalFlip, MaxPool2D
from lamina.networks import count_parameters, with_output

SIDE = 8
RNG = np.random.default_rng(0)


def made_up(n: int) -> Part:
    """Four classes in two superclasses, told by the brightness of the upper and lower half, which flips leave alone."""
    fine = np.arange(n) % 4
    x = RNG.integers(0, 100, (n, SIDE, SIDE, 3), np.uint8)
    x[fine % 2 == 1, : SIDE // 2] += 150
    x[fine >= 2, SIDE // 2 :] += 150
    return Part(x, fine, fine // 2)


DATA = Data.parted(made_up(800), made_up(80))
SMALL = (Conv2D(4, 3, "relu", padding="same"), MaxPool2D(2), Flatten())
VARIANTS_HERE = (
    dataclasses.replace(CHAPTER, hidden=SMALL, epochs=20),
    dataclasses.replace(COARSE, hidden=SMALL, epochs=20),
    Variant("augmented", "+ flips", SMALL, (HorizontalFlip(),)),
)


def test_a_fifth_of_every_class_is_held_and_no_image_is_in_two_parts() -> None:
    assert np.bincount(DATA.held.fine).tolist() == [40] * 4
    assert np.bincount(DATA.train.fine).tolist() == [160] * 4
    seen = {part.tobytes() for part in DATA.train.x} & {part.tobytes() for part in DATA.held.x}
    assert not seen


def test_every_class_has_its_superclass() -> None:
    assert DATA.superclass_of().tolist() == [0, 0, 1, 1]


def test_the_books_network_has_the_parameters_of_its_shapes() -> None:
    """By hand: 3·3·in + 1 for each filter; 1,024 inputs to 512 units, 512 to 100."""
    by_hand = 32 * 28 + 64 * 289 + 128 * 577 + 256 * 1153 + 512 * 1025 + 100 * 513
    assert count_parameters(with_output(BOOK, 100, "softmax"), (32, 32, 3)) == by_hand == 964_516


def test_batch_norm_stands_between_each_convolution_and_its_activation() -> None:
    layers = with_batch_norm(BOOK)
    places = [place for place, layer in enumerate(layers) if isinstance(layer, Conv2D)]
    assert len(places) == 4
    for place in places:
        assert isinstance(layers[place + 1], BatchNorm)
        assert layers[place].activation == "linear"  # type: ignore[attr-defined]
        assert layers[place + 2].activation == "relu"  # type: ignore[attr-defined]


def test_variants_have_files_of_their_own() -> None:
    assert len({variant.key for variant in VARIANTS}) == len(VARIANTS)


def test_a_budget_buys_whole_epochs() -> None:
    assert [epochs_within(budget, 2.0) for budget in (0.1, 5.0, 6.0)] == [1, 2, 3]
    assert seconds_an_epoch(DATA, VARIANTS_HERE[0]) > 0


def test_a_study_learns_reports_and_goes_on_where_it_was_left(tmp_path: Path) -> None:
    findings = study(DATA, Kept(tmp_path), 1.0, most=20, progress=False, variants=VARIANTS_HERE)
    fine = [row for row in findings.rows if "100 classes" in row.section]
    coarse = [row for row in findings.rows if "superclasses" in row.section]
    assert [len(fine), len(coarse)] == [2, 3]
    assert fine[0].published == 42.0
    assert fine[0].mean > 50
    assert coarse[0].mean >= fine[0].mean
    assert fine[0].note.startswith("best of ")
    kept = train(DATA, VARIANTS_HERE[0], 1.0, 20, Kept(tmp_path))
    assert kept.accuracy(DATA.test) == pytest.approx(fine[0].mean)
    assert kept.held_loss[kept.best_epoch - 1] == kept.held_loss.min()
    assert findings.picture is not None
    findings.picture(tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 10_000
