"""The lecture's network has its parameters; filtered digits are what the layer gives; a run on made-up digits gives a table."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.mnist_cnn import FITS, PUBLISHED, fit_network, network, study
from lamina.experiments.mnist_cnn_data import Data
from lamina.experiments.mnist_cnn_filters import SHOWN, filtered
from lamina.layers.containers import Sequential
from lamina.networks import count_parameters, with_output
from lamina.training import predict

RNG = np.random.default_rng(0)
LABELS = np.arange(120) % 10


def made_up(labels: np.ndarray) -> np.ndarray:
    """A bright square whose place is the digit's, on noise."""
    images = RNG.integers(0, 60, (len(labels), 28, 28), np.uint8)
    for image, label in zip(images, labels, strict=True):
        row, column = divmod(int(label), 4)
        image[2 + 8 * row : 8 + 8 * row, 1 + 7 * column : 7 + 7 * column] = 255
    return images


DATA = Data(made_up(LABELS), LABELS, made_up(LABELS[:50]), LABELS[:50])


def test_the_network_has_the_published_number_of_parameters() -> None:
    assert [
        count_parameters(with_output(network(activation), 10, "softmax"), (28, 28))
        for activation in ("linear", "relu")
    ] == [7_430, 7_430]


def test_filtered_digits_are_the_output_of_the_fitted_convolution() -> None:
    model = fit_network(DATA, FITS[0], epochs=1, seed=0)
    found = filtered(model, DATA)
    assert found.digits.shape == (SHOWN, 28, 28)
    first = Sequential(model.network_.layers[:1])
    wanted = predict(first, model.fitted_.parameters, {}, found.digits.astype(np.float32))
    assert found.images == pytest.approx(wanted, abs=1e-4)


def test_a_study_reports_every_network_beside_the_published_value(tmp_path: Path) -> None:
    findings = study(DATA, seeds=2, epochs=25, progress=False)
    accuracy = findings.rows[: len(FITS)]
    assert [row.published for row in accuracy] == [PUBLISHED, PUBLISHED, None, None]
    assert all(row.n == 2 and row.mean > 60 for row in accuracy)
    (confusion,) = findings.confusions
    assert confusion.array.sum() == len(DATA.y_test)
    assert 100 * np.trace(confusion.array) / len(DATA.y_test) == pytest.approx(accuracy[0].values[0])
    assert findings.picture is not None
    findings.picture(tmp_path / "filters.png")
    assert (tmp_path / "filters.png").stat().st_size > 10_000
