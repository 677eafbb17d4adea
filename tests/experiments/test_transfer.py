"""The halves share no class; draws have as many images of each; features are what the output layer sees; a run gives a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.estimators import NeuralClassifier
from lamina.experiments import transfer_fits
from lamina.experiments.kept import Kept
from lamina.experiments.transfer import study
from lamina.experiments.transfer_data import halves
from lamina.experiments.transfer_fits import ON_FEATURES, SCRATCH, features_of
from lamina.layers import Conv2D, Dense, Flatten

SIDE = 8
RNG = np.random.default_rng(0)
PLACES = RNG.permutation(SIDE * SIDE)[:8]


def made_up(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Eight classes, each with a bright pixel of its own."""
    y = np.arange(n) % 8
    x = RNG.integers(0, 80, (n, SIDE, SIDE, 3), np.uint8)
    x.reshape(n, -1, 3)[np.arange(n), PLACES[y]] = 255
    return x, y


SOURCE, TARGET = halves(*made_up(320), *made_up(160))


def test_the_halves_share_no_class_and_no_image() -> None:
    assert SOURCE.classes == TARGET.classes == 4
    assert len(SOURCE.y) == len(TARGET.y) == 160
    assert not {image.tobytes() for image in SOURCE.x} & {image.tobytes() for image in TARGET.x}


def test_a_draw_has_as_many_images_of_every_class_and_none_twice() -> None:
    rows = TARGET.draw(7, seed=1)
    assert np.bincount(TARGET.y[rows]).tolist() == [7] * 4
    assert len(set(rows.tolist())) == 28
    assert not np.array_equal(rows, TARGET.draw(7, seed=2))


def test_a_tenth_of_every_class_chooses_the_epoch() -> None:
    assert np.bincount(SOURCE.y[SOURCE.held()]).tolist() == [4] * 4


def test_features_are_what_the_output_layer_is_given() -> None:
    model = NeuralClassifier([Flatten(), Dense(6, "relu")], epochs=1, random_state=0).fit(SOURCE.x, SOURCE.y)
    found = features_of(model, SOURCE.x[:5])
    last = model.parameters_["dense_2"]
    assert found.shape == (5, 6)
    assert found @ last["weights"] + last["bias"] == pytest.approx(
        model.decision_function(SOURCE.x[:5]), abs=1e-5
    )


def test_a_study_compares_every_way_to_learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = [Conv2D(8, 3, "relu", padding="same"), Flatten(), Dense(16, "relu")]
    monkeypatch.setattr(transfer_fits, "BODY", tuple(small))
    monkeypatch.setattr(
        transfer_fits, "FLIPS_AND_CROPS", ()
    )  # the place of a bright pixel is what tells the classes
    monkeypatch.setattr(transfer_fits, "HEAD_EPOCHS", 5)
    findings = study((SOURCE, TARGET), Kept(tmp_path), {4: 20}, draws=2, source_epochs=60, progress=False)
    (table,) = findings.tables
    assert [label for label, _ in table.rows] == [*ON_FEATURES, SCRATCH]
    assert findings.rows[0].mean > 40
    assert findings.rows[1].n == 2
    assert len(list(tmp_path.iterdir())) == 3
    again = study((SOURCE, TARGET), Kept(tmp_path), {4: 20}, draws=2, source_epochs=60, progress=False)
    assert again.tables == findings.tables
    assert findings.picture is not None
    findings.picture(tmp_path / "transfer.png")
    assert (tmp_path / "transfer.png").stat().st_size > 10_000
