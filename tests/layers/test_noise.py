"""Dropout and noise keep the mean, act in training alone, and differ between layers and steps."""

import jax
import numpy as np
import pytest
from small_fits import apply_layer

from lamina.errors import SpecificationError
from lamina.layers import Context, Dropout, GaussianNoise, Residual, Sequential

ONES = np.ones((400, 50))


def training(seed: int = 0, **values: float) -> dict:
    return {"root": jax.random.key(seed), "training": True, "hyperparameters": values}


@pytest.mark.parametrize("rate", [0.1, 0.5, 0.9])
def test_dropout_zeroes_its_share_and_divides_the_rest(rate: float) -> None:
    y = apply_layer(Dropout(rate), ONES, **training())
    assert set(np.unique(y)) == {0.0, np.unique(y)[-1]}
    assert y.max() == pytest.approx(1 / (1 - rate), rel=1e-6)
    assert (y == 0).mean() == pytest.approx(rate, abs=5 * (rate * (1 - rate) / y.size) ** 0.5)


@pytest.mark.parametrize("layer", [Dropout(0.3), GaussianNoise(0.5)])
def test_the_mean_over_draws_is_the_input(layer: Dropout | GaussianNoise) -> None:
    x = np.linspace(-2, 2, 5)[None].repeat(20_000, axis=0)
    y = apply_layer(layer, x, **training())
    np.testing.assert_allclose(y.mean(axis=0), x[0], atol=5 * y.std(axis=0).max() / 20_000**0.5)


def test_noise_has_its_standard_deviation() -> None:
    y = apply_layer(GaussianNoise(0.5), ONES, **training())
    assert (y - 1).std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("layer", [Dropout(0.7), GaussianNoise(2.0)])
def test_nothing_happens_at_prediction(layer: Dropout | GaussianNoise) -> None:
    np.testing.assert_array_equal(apply_layer(layer, ONES), ONES)
    np.testing.assert_array_equal(apply_layer(layer, ONES, root=jax.random.key(0)), ONES)


def test_rate_zero_drops_nothing() -> None:
    np.testing.assert_array_equal(apply_layer(Dropout(0.0), ONES, **training()), ONES)


def test_a_traced_rate_replaces_the_layers_own() -> None:
    travelling = apply_layer(Dropout(0.5), ONES, **training(rate=0.2))
    np.testing.assert_array_equal(travelling, apply_layer(Dropout(0.2), ONES, **training()))


def test_each_layer_has_a_mask_of_its_own() -> None:
    """Two layers of rate 1/2 in a row keep a quarter; with a common mask they would keep half."""
    twice = apply_layer(Sequential([Dropout(0.5), Dropout(0.5)]), ONES, **training())
    assert (twice != 0).mean() == pytest.approx(0.25, abs=0.02)
    inside = apply_layer(Sequential([Dropout(0.5), Residual([Dropout(0.5)])]), ONES, **training())
    shares = [np.mean(inside == value) for value in (0.0, 2.0, 6.0)]
    np.testing.assert_allclose(shares, [0.5, 0.25, 0.25], atol=0.02)


def test_the_same_key_gives_the_same_mask_and_another_another() -> None:
    masks = [apply_layer(Dropout(0.5), ONES, **training(seed)) != 0 for seed in (0, 0, 1)]
    assert (masks[0] == masks[1]).all()
    assert (masks[0] == masks[2]).mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 1.2, float("nan"), "0.4", None, True])
def test_rate_must_lie_in_the_half_open_interval(rate: object) -> None:
    with pytest.raises(SpecificationError, match=r"Dropout\(rate=.*in \[0, 1\), for example 0.4"):
        Dropout(rate)  # type: ignore[arg-type]


@pytest.mark.parametrize("sd", [-0.1, float("inf"), float("nan"), "1"])
def test_sd_must_be_a_finite_number(sd: object) -> None:
    with pytest.raises(SpecificationError, match=r"GaussianNoise\(sd=.*finite number, zero or more"):
        GaussianNoise(sd)  # type: ignore[arg-type]


def test_dropout_is_a_shape_of_any_rank() -> None:
    assert Dropout(0.2).output_shape((3, 4)) == (3, 4)
    assert apply_layer(Dropout(0.2), np.ones((2, 3, 4)), **training()).shape == (2, 3, 4)
    assert Dropout(0.2).apply({}, {}, ONES, Context())[1] == {}
