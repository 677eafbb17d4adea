"""Freezing by path, and factors for the body."""

from __future__ import annotations

import numpy as np
import pytest

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import Conv2D, Dense, Dropout, Residual, Sequential
from lamina.layers.base import frozen_paths
from lamina.networks import body_factors, freeze, resnet18
from lamina.training.factors import factor_of_each


def paths(layers: list) -> tuple[str, ...]:
    network = Sequential(layers)
    return frozen_paths(network, network.init(np.random.default_rng(0), (8, 8, 3))[0])


BLOCK = Residual([Conv2D(3, 3, padding=1), Conv2D(3, 3, padding=1)], Conv2D(3, 1), "relu")


def test_paths_freeze_what_they_name_and_no_more() -> None:
    layers = [Conv2D(3, 3, padding=1), BLOCK, BLOCK]
    assert paths(freeze(layers, "residual_1")) == ("residual_1",)
    assert paths(freeze(layers, "residual_2/conv2d_2", "conv2d_1")) == ("conv2d_1", "residual_2/conv2d_2")
    assert paths(freeze(layers, "residual_2/projection")) == ("residual_2/projection",)
    assert paths(layers) == ()


def test_without_paths_all_is_frozen() -> None:
    frozen = freeze(resnet18())
    assert not any(layer.trainable for layer in frozen)
    assert len(frozen) == len(resnet18())


def test_a_frozen_list_is_as_it_was_but_for_that() -> None:
    once = freeze([BLOCK, Dense(3)], "residual_1/conv2d_1")
    assert isinstance(once[0], Residual)
    assert (once[0].projection, once[0].activation, once[0].layers[1]) == (
        BLOCK.projection,
        "relu",
        BLOCK.layers[1],
    )
    assert freeze(once, "residual_1/conv2d_1") == once


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("residual_3", "there is no layer 'residual_3' to freeze: did you mean 'residual_1'"),
        ("residual_1/conv2d_3", "'residual_1' has no layer 'conv2d_3'"),
        ("conv2d_1/weights", "'conv2d_1' has no layer 'weights' to freeze: it has none inside"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(path: str, words: str) -> None:
    with pytest.raises(SpecificationError, match=words):
        freeze([Conv2D(3, 3), BLOCK], path)


def test_anything_but_a_path_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="paths such as"):
        freeze([BLOCK], 3)  # type: ignore[arg-type]


def test_factors_of_the_body_reach_all_but_the_output() -> None:
    hidden = [Conv2D(2, 3), BLOCK, Dropout(0.5)]
    parameters = {
        "conv2d_1": {"bias": 0.0},
        "residual_1": {"conv2d_1": {"weights": 0.0}},
        "dense_1": {"bias": 0.0},
    }
    factors = factor_of_each(parameters, tuple(body_factors(hidden, 0.2).items()))
    assert factors == {
        "conv2d_1": {"bias": 0.2},
        "residual_1": {"conv2d_1": {"weights": 0.2}},
        "dense_1": {"bias": 1.0},
    }
