"""SmoothGrad: the gradient averaged over noisy copies of the row."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from lamina.explain.attribution.method import Method, check_number, check_whole_number
from lamina.explain.attribution.network_input import NetworkInput
from lamina.explain.attribution.path import Path, through
from lamina.explain.attribution.result import Attribution
from lamina.explain.attribution.running import asked
from lamina.explain.attribution.slopes import in_units
from lamina.layers.base import Array, Parameters, State
from lamina.training.cache import keep_few_programs


@dataclass(frozen=True, eq=False, repr=False)
class SmoothGrad(Method):
    r"""The mean gradient at copies of the row with normal noise: what remains of a gradient that jumps from place to place.

    .. math:: a_j = \frac1S \sum_{s=1}^{S} \frac{\partial f}{\partial x_j}(x + \sigma \varepsilon_s),
        \qquad \varepsilon_s \sim N(0, I)

    Units are those of :class:`Gradient`, and columns that are no numbers have none. Only numbers get noise.

    Parameters
    ----------
    samples
        S.
    noise
        Sigma, as a share of the range of a row's pixels (or of the numbers of its words' vectors); in standard deviations of a
        column of a table.
    random_state
        Seed of the noise.

    Raises
    ------
    SpecificationError
        For fewer samples than one, or a negative noise.

    Source: Smilkov et al., "SmoothGrad: removing noise by adding noise", 2017.

    >>> SmoothGrad(samples=20)
    SmoothGrad(samples=20)
    """

    name: ClassVar[str] = "smoothgrad"

    samples: int = 50
    noise: float = 0.15
    random_state: int = 0

    def __post_init__(self) -> None:
        check_whole_number("SmoothGrad", "samples", self.samples, 1, 50)
        check_number("SmoothGrad", "noise", self.noise, 0.15)
        check_whole_number("SmoothGrad", "random_state", self.random_state, 0, 0)

    def explain(self, model: Any, X: Any, target: Any) -> Attribution:
        question = asked(model, X, target, self.name)
        given = question.given
        spread = (self.noise * spreads(given)).astype(given.values.dtype)
        numbers = np.arange(len(given.values), dtype=np.uint32)
        program = functools.partial(_of_copies, given.path, self.samples, np.uint32(self.random_state))
        (slopes,) = question.in_blocks(program, given.values, spread, given.mask, question.seeds, numbers)
        return question.result(self, in_units(given, slopes))


def spreads(given: NetworkInput) -> np.ndarray:
    """What noise of 1 is for each number: the range of a row's pixels or vectors, a standard deviation of a column; (n, ...)."""
    values = given.values
    if values.ndim > 2:
        axes = tuple(range(1, values.ndim))
        wide = np.ptp(values, axis=axes, keepdims=True)
        return np.asarray(np.broadcast_to(wide, values.shape))
    scaled = (
        np.ones(values.shape[1]) if given.model.features_.standardizer is not None else values.std(axis=0)
    )
    encoder = given.model.features_.encoder
    if encoder is not None:
        mask = np.zeros(values.shape[1])
        numeric = np.asarray(encoder.numeric_mask_)[: values.shape[1]]
        mask[: len(numeric)] = numeric
        scaled = scaled * mask
    return np.asarray(np.broadcast_to(scaled, values.shape))


def _of_copies(path: Any, samples: int, seed: Any, *arrays: Any) -> tuple[Any, ...]:
    keep_few_programs(_mean_slope)
    return (_mean_slope(path, samples, seed, *arrays),)


@functools.partial(jax.jit, static_argnums=(0, 1))
def _mean_slope(
    path: Path,
    samples: int,
    seed: Array,
    parameters: Parameters,
    state: State,
    hyperparameters: Any,
    x: Array,
    spread: Array,
    mask: Array | None,
    seeds: Array,
    numbers: Array,
) -> Array:
    """The mean over the copies; a row's noise depends on its number alone, not on the block that it is in."""

    def f(x: Array) -> Array:
        z, _ = through(path.layers, parameters, state, x, mask, hyperparameters)
        return jnp.sum(z * seeds)

    keys = jax.vmap(lambda number: jax.random.fold_in(jax.random.key(seed), number))(numbers)

    def add(total: Array, sample: Array) -> tuple[Array, None]:
        noise = jax.vmap(
            lambda key: jax.random.normal(jax.random.fold_in(key, sample), x.shape[1:], x.dtype)
        )(keys)
        return total + jax.grad(f)(x + spread * noise), None

    total, _ = lax.scan(add, jnp.zeros_like(x), jnp.arange(samples))
    return total / samples
