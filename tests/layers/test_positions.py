"""Places: the waves of the paper, and that padding is not counted."""

import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import Context, LearnedPositions, PositionalEncoding
from lamina.layers.positions import sinusoids

RNG = np.random.default_rng(0)


def test_the_waves_are_those_of_the_paper() -> None:
    table = sinusoids(50, 8)
    for place, pair in ((0, 0), (7, 1), (49, 3)):
        angle = place / 10_000 ** (2 * pair / 8)
        np.testing.assert_allclose(table[place, 2 * pair : 2 * pair + 2], [np.sin(angle), np.cos(angle)])


def test_a_step_further_is_a_rotation_whatever_the_place() -> None:
    """Why waves were chosen: a fixed distance is one linear map."""
    table = sinusoids(40, 6)
    steps = np.linalg.lstsq(table[:-3], table[3:], rcond=None)[0]
    np.testing.assert_allclose(table[:-3] @ steps, table[3:], atol=1e-8)


@pytest.mark.parametrize("layer", [PositionalEncoding(), LearnedPositions()])
def test_padding_is_not_counted(layer: PositionalEncoding | LearnedPositions) -> None:
    x = RNG.normal(size=(1, 5, 4))
    mask = np.array([[False, True, False, True, True]])
    parameters = layer.init(np.random.default_rng(0), (5, 4))[0]
    padded = apply_layer(layer, x, parameters, mask=mask)
    np.testing.assert_allclose(padded[0, mask[0]], apply_layer(layer, x[:, mask[0]], parameters)[0])


def test_learned_places_are_added_and_learnt() -> None:
    layer, x = LearnedPositions(), RNG.normal(size=(2, 3, 4))
    parameters = layer.init(RNG, (3, 4))[0]
    np.testing.assert_allclose(apply_layer(layer, x, parameters), x + parameters["weights"])
    mask = np.array([[True, False, True], [True, True, True]])
    assert_gradient(lambda p: layer.apply(p, {}, x, Context(mask=mask))[0], parameters)


def test_what_has_no_places_is_refused() -> None:
    for layer in (PositionalEncoding(), LearnedPositions()):
        with pytest.raises(SpecificationError, match="put an Embedding before it"):
            layer.output_shape((4,))
