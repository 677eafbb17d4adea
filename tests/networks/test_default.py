"""The defaults are stated numbers, and none leaves a network or a batch larger than its rows deserve."""

import pytest

from lamina.layers import Dense, Sequential
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


def test_the_default_network_for_the_hitters_is_the_book_s() -> None:
    network = Sequential([*default_hidden_layers(175), Dense(1)])
    assert count_parameters(network, (19,)) == 1345


def test_larger_tables_take_two_layers() -> None:
    assert [layer.units for layer in default_hidden_layers(1999)] == [64]  # type: ignore[attr-defined]
    assert [layer.units for layer in default_hidden_layers(2000)] == [128, 64]  # type: ignore[attr-defined]
