"""Padding rounds row counts up to few sizes, wastes little, and never mixes padding with rows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lamina.training import pad_rows
from lamina.training.padding import padded_size


@given(st.integers(1, 10**7))
def test_a_size_holds_its_rows_is_its_own_size_and_wastes_little(n: int) -> None:
    size = padded_size(n)
    assert n <= size
    assert padded_size(size) == size
    assert padded_size(n + 1) >= size
    assert size <= max(8, 1.5 * n) if n <= 1024 else size <= 1.125 * n


def test_there_are_few_sizes() -> None:
    assert len({padded_size(n) for n in range(1, 1025)}) == 15
    assert len({padded_size(n) for n in range(1025, 2**20 + 1)}) <= 16 * 10


def test_rows_come_first_and_padding_weighs_nothing() -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)[:, None]
    rows = pad_rows(X, y, None)
    assert rows.n == 10
    assert len(rows.x) == len(rows.y) == len(rows.weights) == padded_size(10)
    np.testing.assert_array_equal(rows.x[:10], X)
    np.testing.assert_array_equal(rows.y[:10], y)
    np.testing.assert_array_equal(rows.weights, np.arange(len(rows.weights)) < 10)
    assert (rows.x[10:] == 0).all()


def test_weights_have_mean_one_and_weightless_rows_go() -> None:
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10.0)[:, None]
    weights = np.arange(10.0)
    rows = pad_rows(X, y, weights)
    assert rows.n == 9
    np.testing.assert_array_equal(rows.x[:9], X[1:])
    np.testing.assert_allclose(rows.weights[:9], weights[1:] / weights[1:].mean())


@pytest.mark.parametrize(("dtype", "expected"), [("f4", "f4"), ("f8", "f8"), ("i4", "f4")])
def test_weights_have_the_precision_of_the_rows(dtype: str, expected: str) -> None:
    assert pad_rows(np.zeros((3, 2), dtype), np.zeros((3, 1)), None).weights.dtype == np.dtype(expected)


def test_the_users_rows_are_never_changed() -> None:
    X, y = np.ones((8, 2)), np.ones((8, 1))
    pad_rows(X, y, np.arange(8.0))
    assert (X == 1).all()
    assert (y == 1).all()
