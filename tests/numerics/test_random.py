"""Masks are Bernoulli draws, independent between entries, units, rows, steps and layers."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from lamina.layers import Context
from lamina.numerics.random import derive, keep_mask, random_order, random_words

SHAPE = (512, 64)
LEAST = 1e-5
"""Smallest probability at which an equally or more extreme count is believed; the seeds are fixed."""


def masks(keep: float, steps: int = 64) -> np.ndarray:
    """Masks of one layer over consecutive steps, keyed as training keys them."""
    epoch = derive(jax.random.key(3), 5)

    def draw(step: Any) -> Any:
        key = Context(derive(epoch, step)).child("dropout_1").key
        return keep_mask(key, keep, SHAPE)

    return np.asarray(jax.jit(jax.vmap(draw))(np.arange(steps)))


def largest_correlation(rows: np.ndarray) -> float:
    """Largest correlation between two rows of signs, in standard errors."""
    signs = rows * 2.0 - 1.0
    correlations = (signs @ signs.T)[np.triu_indices(len(signs), 1)] / signs.shape[1] ** 0.5
    assert correlations.std() == pytest.approx(1, abs=0.05)
    return float(np.abs(correlations).max())


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


@pytest.mark.parametrize("n", [1000])
@pytest.mark.parametrize(
    "key_of",
    [
        lambda i: derive(jax.random.key(0), i),
        lambda i: derive(derive(jax.random.key(0), i), 0),
        lambda i: derive(derive(derive(jax.random.key(0), i // 30), i % 30), 12345),
        lambda seed: derive(
            derive(jax.random.wrap_key_data(jnp.stack([jnp.uint32(7), seed.astype("uint32")])), 1), 0
        ),
    ],
    ids=["steps", "epochs", "steps of epochs", "seeds"],
)
def test_related_keys_give_unrelated_masks(key_of: Any, n: int) -> None:
    draw = jax.jit(jax.vmap(lambda i: keep_mask(key_of(i), 0.5, (2048,))))
    assert largest_correlation(np.asarray(draw(np.arange(n)))) < 6.5


def test_a_mask_is_unrelated_to_itself_at_every_distance() -> None:
    signs = np.asarray(keep_mask(derive(jax.random.key(1), 2), 0.5, (1 << 16,))) * 2.0 - 1.0
    spectrum = np.abs(np.fft.fft(signs)) ** 2
    correlations = np.fft.ifft(spectrum).real[1 : 1 << 15] / signs.size**0.5
    assert correlations.std() == pytest.approx(1, abs=0.02)
    assert np.abs(correlations).max() < 6.5


@pytest.mark.parametrize("bit", range(0, 32, 5))
def test_every_bit_of_a_word_is_a_fair_coin(bit: int) -> None:
    words = np.asarray(random_words(derive(jax.random.key(0), 1), 1 << 16))
    ones = int(((words >> bit) & 1).sum())
    assert chi_square(np.array([ones, words.size - ones]), np.array([0.5, 0.5])) > LEAST


def test_orders_put_every_row_in_every_place_equally_often() -> None:
    """As the fit draws them: the ranks of 31 random bits."""
    draw = jax.jit(
        jax.vmap(lambda epoch: jnp.argsort(random_words(derive(jax.random.key(0), epoch), 8) >> 1))
    )
    orders = np.asarray(draw(np.arange(8000)))
    for place in range(8):
        counts = np.bincount(orders[:, place], minlength=8)
        assert chi_square(counts, np.full(8, 1 / 8)) > LEAST
    pairs = np.bincount(orders[:, 0] * 8 + orders[:, 1], minlength=64).reshape(8, 8)
    assert chi_square(pairs[~np.eye(8, dtype=bool)], np.full(56, 1 / 56)) > LEAST


def test_streams_do_not_meet() -> None:
    """Among a million keys of steps and epochs no two are equal."""
    draw = jax.jit(
        jax.vmap(lambda i: jax.random.key_data(derive(derive(jax.random.key(0), i >> 10), i & 1023)))
    )
    keys = np.asarray(draw(np.arange(1 << 20))).astype(np.uint64)
    assert len(np.unique(keys[:, 0] << np.uint64(32) | keys[:, 1])) == 1 << 20


def test_keep_one_keeps_all_and_keep_zero_none() -> None:
    assert np.asarray(keep_mask(jax.random.key(0), 1.0, SHAPE)).all()
    assert not np.asarray(keep_mask(jax.random.key(0), 0.0, SHAPE)).any()


def test_a_mask_depends_on_key_and_place_alone() -> None:
    small, large = (np.asarray(keep_mask(jax.random.key(0), 0.5, (n,))) for n in (100, 1000))
    np.testing.assert_array_equal(small, large[:100])


@pytest.mark.parametrize(
    ("n", "size"), [(1, 8), (175, 192), (1000, 1024), (48_000, 49_152), (70_000, 70_000)]
)
def test_an_order_is_the_argsort_of_the_words_whatever_the_padding(n: int, size: int) -> None:
    key = jax.random.key(n)
    order = np.asarray(random_order(key, size, np.int32(n)))
    words = np.asarray(random_words(key, n)) >> 1
    np.testing.assert_array_equal(order[:n], np.argsort(words, kind="stable"))
    np.testing.assert_array_equal(order[n:], np.arange(n, size))


def test_every_row_comes_first_as_often() -> None:
    orders = jax.vmap(lambda step: random_order(derive(jax.random.key(0), step), 8, 6))(np.arange(6000))
    firsts = np.bincount(np.asarray(orders)[:, 0], minlength=6)
    assert scipy.stats.chisquare(firsts).pvalue > LEAST
