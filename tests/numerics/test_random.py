"""Masks are Bernoulli draws, independent between entries, units, rows, steps and layers."""

import jax
import numpy as np
import pytest
import scipy.stats

from lamina.numerics.random import keep_mask

SHAPE = (512, 64)
LEAST = 1e-5
"""Smallest probability at which an equally or more extreme count is believed; the seeds are fixed."""


def masks(keep: float, steps: int = 64) -> np.ndarray:
    """Masks of consecutive steps, keyed as training keys them."""
    key = jax.random.key(3)
    draw = jax.jit(jax.vmap(lambda step: keep_mask(jax.random.fold_in(key, step), keep, SHAPE)))
    return np.asarray(draw(np.arange(steps)))


def chi_square(counts: np.ndarray, probabilities: np.ndarray) -> float:
    return float(scipy.stats.chisquare(counts, counts.sum() * probabilities).pvalue)


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.5, 0.6, 0.9, 0.999])
def test_share_kept(keep: float) -> None:
    drawn = masks(keep)
    assert chi_square(np.array([drawn.sum(), (~drawn).sum()]), np.array([keep, 1 - keep])) > LEAST


@pytest.mark.parametrize("keep", [0.3, 0.6])
@pytest.mark.parametrize(
    "shift",
    [(1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 2, 0), (0, 256, 0), (0, 0, 1), (0, 0, 2), (0, 0, 32), (1, 1, 1)],
)
def test_entries_are_independent_of_their_neighbours(keep: float, shift: tuple[int, int, int]) -> None:
    """In step, row and unit: the four joint outcomes of two entries come as often as their product says."""
    drawn = masks(keep)
    here = drawn[tuple(slice(0, size - by) for size, by in zip(drawn.shape, shift, strict=True))]
    there = drawn[tuple(slice(by, None) for by in shift)]
    counts = np.bincount((2 * here + there).ravel(), minlength=4)
    expected = np.outer([1 - keep, keep], [1 - keep, keep]).ravel()
    assert chi_square(counts, expected) > LEAST


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_sums_over_every_axis_are_binomial(axis: int) -> None:
    """The variance of the number kept would differ if draws leant on each other."""
    keep = 0.5
    drawn = masks(keep)
    sums = drawn.sum(axis=axis).ravel()
    n = drawn.shape[axis]
    z = (sums - n * keep) / (n * keep * (1 - keep)) ** 0.5
    assert np.square(z).mean() == pytest.approx(1, abs=6 * (2 / z.size) ** 0.5)


def test_runs_of_eight_bits_are_uniform() -> None:
    bits = masks(0.5).reshape(-1, 8)
    counts = np.bincount(bits @ (1 << np.arange(8)), minlength=256)
    assert chi_square(counts, np.full(256, 1 / 256)) > LEAST


def test_keys_of_a_thousand_seeds_give_unrelated_masks() -> None:
    draw = jax.jit(jax.vmap(lambda seed: keep_mask(jax.random.key(seed), 0.5, (1024,))))
    drawn = np.asarray(draw(np.arange(1000))) * 2.0 - 1.0
    correlations = (drawn @ drawn.T)[np.triu_indices(1000, 1)] / 1024**0.5
    assert correlations.std() == pytest.approx(1, abs=0.02)
    assert np.abs(correlations).max() < 6.5


def test_keep_one_keeps_all_and_keep_zero_none() -> None:
    assert np.asarray(keep_mask(jax.random.key(0), 1.0, SHAPE)).all()
    assert not np.asarray(keep_mask(jax.random.key(0), 0.0, SHAPE)).any()


def test_a_mask_depends_on_key_and_place_alone() -> None:
    small, large = (np.asarray(keep_mask(jax.random.key(0), 0.5, (n,))) for n in (100, 1000))
    np.testing.assert_array_equal(small, large[:100])
