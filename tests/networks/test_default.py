"""The defaults are stated numbers, and none leaves a network or a batch larger than its rows deserve."""

import pytest

from lamina.layers import Dense, Scale, Sequential
from lamina.networks import count_parameters, default_batch_size, default_hidden_layers


@pytest.mark.parametrize(
    ("rows", "batch"),
    [
        (2, None),
        (64, None),
        (65, 32),
        (1999, 32),
        (2000, 64),
        (9999, 64),
        (10_000, 128),
        (99_999, 128),
        (100_000, 256),
    ],
)
def test_batch_sizes(rows: int, batch: int | None) -> None:
    assert default_batch_size(rows) == batch


def test_the_default_network_for_the_hitters() -> None:
    network = Sequential([*default_hidden_layers(175), Dense(1)])
    assert count_parameters(network, (19,)) == 19 + 20 * 128 + 2 * 129 * 128 + 129


def test_larger_tables_take_wider_layers() -> None:
    for rows, width in ((9_999, 128), (10_000, 256)):
        scale, *dense = default_hidden_layers(rows)
        assert scale == Scale()
        assert [layer.units for layer in dense] == [width] * 3  # type: ignore[attr-defined]
