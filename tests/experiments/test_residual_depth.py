"""Gradients are those of the loss; normalised filters have none along themselves; a run gives the table's rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments.kept import Kept
from lamina.experiments.residual_depth import study
from lamina.experiments.residual_depth_data import Sample, firsts
from lamina.experiments.residual_depth_networks import Kind, gradient_norms, network_of, without_batch_norm
from lamina.layers import BatchNorm, Conv2D, Dense, Flatten
from lamina.layers.base import Layer, children
from lamina.layers.containers import Sequential
from lamina.networks import count_parameters
from lamina.training.plan import initial

SIDE = 8
RNG = np.random.default_rng(0)
SAMPLE = Sample(RNG.integers(0, 256, (40, SIDE, SIDE, 3), np.uint8), np.arange(40) % 10)


def leaves(layer: Layer) -> list[Layer]:
    inner = children(layer)
    return [leaf for _, each in inner for leaf in leaves(each)] if inner else [layer]


@pytest.mark.parametrize("kind", Kind)
def test_a_network_has_as_many_layers_with_weights_as_its_depth(kind: Kind) -> None:
    found = leaves(network_of(kind, 14, 10))
    assert sum(isinstance(layer, (Conv2D, Dense)) for layer in found) == 14
    assert any(isinstance(layer, BatchNorm) for layer in found) == kind.normalised


def test_plain_and_residual_networks_have_the_same_parameters() -> None:
    counts = {kind: count_parameters(network_of(kind, 14, 10), (32, 32, 3)) for kind in Kind}
    assert counts[Kind.PLAIN] == counts[Kind.RESIDUAL]
    assert counts[Kind.PLAIN_BARE] == counts[Kind.RESIDUAL_BARE]


def test_the_norms_are_those_of_the_gradient_of_the_mean_cross_entropy() -> None:
    """By hand for softmax regression: the gradient is x'(p - y) / n."""
    x, y = SAMPLE.x[:, :2, :2, :1], SAMPLE.y
    network = Sequential([Flatten(), Dense(10, "softmax")])
    parameters, state = initial(network, (2, 2, 1), 0, np.float32)
    norms = gradient_norms(network, parameters, state, x, y)
    rows = x.reshape(len(x), -1) / 255
    z = rows @ parameters["dense_1"]["weights"]
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    by_hand = rows.T @ (p - np.eye(10)[y]) / len(x)
    assert norms == pytest.approx([np.linalg.norm(by_hand)], rel=1e-4)


def test_filters_before_a_batch_norm_have_a_gradient_that_falls_as_they_grow() -> None:
    """Their size makes no difference to the loss, so that the gradient of twice the filters is half as large."""
    network = Sequential([Conv2D(4, 3, use_bias=False), BatchNorm(0.9, 0.0), Flatten(), Dense(10, "softmax")])
    parameters, state = initial(network, (SIDE, SIDE, 3), 0, np.float32)
    first, last = gradient_norms(network, parameters, state, SAMPLE.x, SAMPLE.y)
    parameters["conv2d_1"]["weights"] = 2 * parameters["conv2d_1"]["weights"]
    larger, same = gradient_norms(network, parameters, state, SAMPLE.x, SAMPLE.y)
    assert larger == pytest.approx(first / 2, rel=1e-3)
    assert same == pytest.approx(last, rel=1e-3)


def test_without_batch_norm_there_is_none_and_every_convolution_has_biases() -> None:
    found = leaves(Sequential(without_batch_norm([Conv2D(4, 3, use_bias=False), BatchNorm()])))
    assert found == [Conv2D(4, 3)]


def test_the_first_images_of_each_class_are_taken() -> None:
    labels = np.array([0, 3, 1, 0, 1, 2, 0])
    assert firsts(labels, classes=2, each=2).tolist() == [0, 2, 3, 4]


def test_a_study_reports_errors_differences_and_gradients_and_goes_on_where_it_was_left(
    tmp_path: Path,
) -> None:
    depths = (8,)
    findings = study(SAMPLE, Kept(tmp_path), depths, epochs=1, seeds=1, progress=False)
    quantities = [row.quantity for row in findings.rows]
    assert quantities == [
        "plain, 8 layers",
        "residual, 8 layers",
        "plain",
        "residual",
    ]
    start, after = findings.tables
    assert [len(table.rows) for table in (start, after)] == [8, 4]
    assert len(list(tmp_path.iterdir())) == 4
    again = study(SAMPLE, Kept(tmp_path), depths, epochs=1, seeds=1, progress=False)
    assert again.rows == findings.rows
    assert findings.picture is not None
    findings.picture(tmp_path / "depth.png")
    assert (tmp_path / "depth.png").stat().st_size > 10_000
