"""Sparse rows: their product and its gradient beside the dense ones."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.numerics.sparse import BLOCK, SparseRows, chunked, dense, sparse_product


def sparse(matrix: np.ndarray | scipy.sparse.csr_array) -> SparseRows:
    csr = scipy.sparse.csr_array(matrix)
    return chunked(csr.indptr, csr.indices, csr.data, csr.shape[1])


@given(n=st.integers(1, 20), p=st.integers(1, 40), density=st.floats(0, 1), seed=st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_the_rows_with_their_zeros_are_the_matrix(n: int, p: int, density: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = np.where(rng.random((n, p)) < density, rng.normal(size=(n, p)), 0).astype(np.float32)
    np.testing.assert_array_equal(dense(sparse(matrix)), matrix)


@pytest.mark.parametrize("average", [2, 30, 150])  # chunks of three widths
def test_product_and_gradient_are_those_of_the_dense_matrix(average: int) -> None:
    rng = np.random.default_rng(average)
    n, p, k = 300, 500, 5
    matrix = (rng.random((n, p)) < average / p) * rng.normal(size=(n, p))
    matrix[7] = 0  # a row of nothing
    weights, slope = rng.normal(size=(p, k)), rng.normal(size=(n, k))
    with jax.enable_x64(True):
        x = sparse(matrix)
        assert int(x.count.sum()) * x.places.shape[1] > BLOCK or average < 100
        value, pullback = jax.vjp(lambda w: sparse_product(x, w), jnp.asarray(weights))
        np.testing.assert_allclose(value, matrix @ weights, atol=1e-12)
        np.testing.assert_allclose(pullback(jnp.asarray(slope))[0], matrix.T @ slope, atol=1e-12)


def test_rows_are_chosen_repeated_and_mapped_over_members() -> None:
    rng = np.random.default_rng(0)
    matrix = np.where(rng.random((30, 50)) < 0.2, rng.normal(size=(30, 50)), 0).astype(np.float32)
    picks = np.array([3, 3, 29, 0])
    weights = rng.normal(size=(2, 50, 4)).astype(np.float32)
    x = jax.device_put(sparse(matrix))

    def total(weights: jax.Array, picks: jax.Array) -> jax.Array:
        return jnp.sum(jnp.sin(sparse_product(x[picks], weights)))

    gradient = jax.jit(jax.vmap(jax.grad(total), in_axes=(0, None)))(weights, picks)
    chosen = matrix[picks]
    for place in range(2):
        expected = chosen.T @ np.cos(chosen @ weights[place])
        np.testing.assert_allclose(gradient[place], expected, rtol=1e-4, atol=1e-5)
