"""Parameter counts are those of the literature and of the arrays; the table shows them."""

import numpy as np
import pytest

from lamina.layers import CategoryEmbedding, Dense, Dropout, Flatten, Residual, Sequential
from lamina.networks import count_parameters, summarise

MNIST = Sequential(
    [Flatten(), Dense(256, "relu"), Dropout(0.4), Dense(128, "relu"), Dropout(0.3), Dense(10, "softmax")]
)


def test_mnist_network_of_the_book() -> None:
    summary = summarise(MNIST, (28, 28))
    assert [row.parameters for row in summary.rows] == [0, 200_960, 0, 32_896, 0, 1_290]
    assert summary.total == 235_146
    assert "235,146" in str(summary)


@pytest.mark.parametrize(
    ("network", "shape", "total"),
    [
        (Sequential([Dense(64, "relu"), Dropout(0.4), Dense(1)]), (19,), 1345),
        (Sequential([Dense(1)]), (19,), 20),
        (Sequential([Dense(2, connections=[[1, 0], [0, 1], [1, 1]]), Dense(1)]), (3,), 4 + 2 + 3),
        (Sequential([Residual([Dense(8), Dense(4)]), Dense(1, use_bias=False)]), (4,), 40 + 36 + 4),
        (Sequential([CategoryEmbedding((10, 5), dimension=2), Dense(1)]), (3,), 30 + 6),
    ],
)
def test_totals(network: Sequential, shape: tuple[int, ...], total: int) -> None:
    assert count_parameters(network, shape) == summarise(network, shape).total == total


def test_counts_the_arrays_where_nothing_is_cut() -> None:
    network = Sequential([Dense(7), Residual([Dense(7, "relu")]), Dense(2)])
    parameters = network.init(np.random.default_rng(0), (3,))[0]

    def size(tree: dict) -> int:
        return sum(size(item) if isinstance(item, dict) else item.size for item in tree.values())

    assert count_parameters(network, (3,)) == size(parameters)


def test_layers_inside_a_container_stand_indented_below_it() -> None:
    rows = summarise(Sequential([Residual([Dense(4, "relu")])]), (4,)).rows
    assert [(row.name, row.layer) for row in rows] == [
        ("residual_1", "residual_1"),
        ("residual_1/dense_1", "  dense_1 (4, relu)"),
    ]


def test_partial_connections_are_named() -> None:
    text = str(summarise(Sequential([Dense(1, connections=[[1], [0]])]), (2,)))
    assert "dense_1 (1, linear, partially connected)" in text
