"""An embedding is a look-up, equal to a one-hot column times a table."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from small_fits import apply_layer, assert_gradient

from lamina.errors import SpecificationError
from lamina.layers import CategoryEmbedding, Context, EmbeddingBag

RNG = np.random.default_rng(0)


def test_codes_are_looked_up_and_the_rest_passes() -> None:
    tables = {"column_1_weights": RNG.normal(size=(4, 2)), "column_2_weights": RNG.normal(size=(3, 2))}
    codes = np.array([[0, 2], [3, 1], [1, 0]])
    numbers = RNG.normal(size=(3, 2))
    y = apply_layer(CategoryEmbedding((4, 3), dimension=2), np.hstack([numbers, codes]), tables)
    one_hot = [
        np.eye(4)[codes[:, 0]] @ tables["column_1_weights"],
        np.eye(3)[codes[:, 1]] @ tables["column_2_weights"],
    ]
    np.testing.assert_allclose(y, np.hstack([numbers, *one_hot]))


def test_default_dimension_follows_the_rule() -> None:
    layer = CategoryEmbedding((2, 100, 100_000))  # fourth roots 1.19, 3.16 and 17.8
    assert layer.output_shape((4,)) == (1 + 1 + 3 + 18,)


def test_gradient_of_the_tables() -> None:
    layer = CategoryEmbedding((5,), dimension=3)
    x = np.hstack([RNG.normal(size=(6, 1)), RNG.integers(0, 5, size=(6, 1))])
    assert_gradient(lambda tables: layer.apply(tables, {}, x, Context())[0], layer.init(RNG, (2,))[0])


def test_each_point_begins_near_the_unit_sphere() -> None:
    table = CategoryEmbedding((2000,), dimension=16).init(np.random.default_rng(0), (1,))[0][
        "column_1_weights"
    ]
    assert np.square(table).sum(axis=1).mean() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("given", [{"levels": (0,)}, {"levels": (2.5,)}, {"levels": (3,), "dimension": 0}])
def test_bad_sizes_are_refused(given: dict) -> None:
    with pytest.raises(SpecificationError, match="whole number, 1 or more"):
        CategoryEmbedding(**given)


def test_needs_as_many_columns_as_codes() -> None:
    with pytest.raises(SpecificationError, match=r"2 columns of codes and is given rows of shape \(1,\)"):
        CategoryEmbedding((2, 2)).output_shape((1,))


@pytest.mark.parametrize("mode", ["mean", "sum"])
def test_a_bag_of_embeddings_leaves_padding_out(mode: str) -> None:
    layer = EmbeddingBag(3, 5, mode=mode)
    weights = np.random.default_rng(0).normal(size=(5, 3))
    codes = jnp.array([[0, 4, 1, 4], [0, 0, 0, 0]])
    with jax.enable_x64(True):
        found, _ = layer.apply({"weights": jnp.asarray(weights)}, {}, codes, Context())
    total = 2 * weights[4] + weights[1]
    np.testing.assert_allclose(found[0], total if mode == "sum" else total / 3)
    np.testing.assert_array_equal(found[1], 0)
    with pytest.raises(SpecificationError, match="'mean' or 'sum'"):
        EmbeddingBag(3, 5, mode="max")
