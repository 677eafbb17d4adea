"""Every initialiser draws with the mean and variance that its paper states."""

import numpy as np
import pytest

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers import ACTIVATIONS, Constant, He, LeCun, Normal, Uniform, Xavier, Zeros
from lamina.layers.initializers import INITIALIZERS, Initializer, default_initializer, resolve_initializer

FAN_IN, FAN_OUT = 300, 100
VARIANCES = {
    "zeros": 0.0,
    "normal": 0.05**2,
    "xavier": 2 / 400,
    "xavier_uniform": 2 / 400,
    "xavier_normal": 2 / 400,
    "he": 2 / 300,
    "he_uniform": 2 / 300,
    "he_normal": 2 / 300,
    "lecun": 1 / 300,
    "lecun_uniform": 1 / 300,
    "lecun_normal": 1 / 300,
    "orthogonal": 1 / 300,  # columns of length one, of 300 entries each
}


def draw(initializer: Initializer) -> np.ndarray:
    return initializer.draw(np.random.default_rng(0), (FAN_IN, FAN_OUT), FAN_IN, FAN_OUT)


def test_every_initialiser_has_its_variance_here() -> None:
    assert VARIANCES.keys() == INITIALIZERS.keys()


@pytest.mark.parametrize("name", INITIALIZERS)
def test_mean_and_variance(name: str) -> None:
    drawn = draw(INITIALIZERS[name])
    sd = VARIANCES[name] ** 0.5
    assert abs(drawn.mean()) <= 4 * sd / drawn.size**0.5
    assert drawn.var() == pytest.approx(VARIANCES[name], rel=0.03)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("uniform")])
def test_uniform_draws_stay_within_root_three_standard_deviations(name: str) -> None:
    bound = (3 * VARIANCES[name]) ** 0.5
    drawn = draw(INITIALIZERS[name])
    assert 0.999 * bound < np.abs(drawn).max() <= bound


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("normal")])
def test_normal_draws_have_normal_tails(name: str) -> None:
    drawn = draw(INITIALIZERS[name])
    assert np.mean(np.abs(drawn) > 1.96 * VARIANCES[name] ** 0.5) == pytest.approx(0.05, abs=0.005)


def test_fixed_ones() -> None:
    assert (draw(Constant(0.3)) == 0.3).all()
    assert (draw(Zeros()) == 0).all()
    assert np.abs(draw(Uniform(0.2))).max() == pytest.approx(0.2, rel=1e-3)


def test_default_follows_the_activation() -> None:
    relu_like = {"relu", "leaky_relu", "elu", "gelu", "softplus", "swish", "mish"}
    for name in ACTIVATIONS:
        expected = He() if name in relu_like else LeCun() if name == "selu" else Xavier()
        assert default_initializer(name) == expected
    assert default_initializer(np.tanh) == Xavier()


def test_bad_ones_are_refused() -> None:
    with pytest.raises(SpecificationError, match="initialiser 'xaver' is unknown: did you mean 'xavier'"):
        resolve_initializer("xaver")
    with pytest.raises(ArgumentTypeError, match="neither a name nor an Initializer"):
        resolve_initializer(0.1)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="take 'normal' or 'uniform'"):
        He("gaussian")
    with pytest.raises(SpecificationError, match="finite number, zero or more"):
        Normal(-1.0)
