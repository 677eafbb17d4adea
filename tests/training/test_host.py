"""The table of orders that the host draws."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamina.training.host import HostOrders


def counting() -> Callable[[], np.ndarray]:
    """Orders that say which epoch they are for."""
    epochs = iter(range(10_000))
    return lambda: np.full(2, next(epochs))


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(1, 9))
def test_every_epoch_finds_its_own_order_however_the_fit_is_cut(chunks: list[int], most: int) -> None:
    orders, epoch = HostOrders(counting(), 3, most), 0
    for chunk in chunks:
        end = orders.supply(epoch, epoch + chunk)
        assert epoch < end <= epoch + min(chunk, len(orders.table))
        for coming in range(epoch, end):
            assert orders.table[coming % len(orders.table)].tolist() == [coming, coming, 0]
        # The last epoch may be under way still: the next chunk asks for it again.
        epoch = end - 1


def test_a_large_table_holds_fewer_epochs() -> None:
    assert len(HostOrders(counting(), 1 << 20, 256).table) == 4
    assert len(HostOrders(counting(), 1 << 24, 256).table) == 1
