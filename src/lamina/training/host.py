"""What the host does between chunks beside waiting: draws orders, where asked to, and tells how the fit goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lamina.training.history import History
from lamina.training.program import HISTORY, Program, Rows, order_length

MOST_ENTRIES = 1 << 22
"""Size of the table of orders, 16 MB."""


class HostOrders:
    """A table of the coming epochs' orders, refilled as the fit goes on; epoch e stands in row e modulo its length.

    For a fit that follows another library's random numbers.

    Parameters
    ----------
    draw
        Gives the order of the next epoch, shape (n,).
    length
        Entries of a row; those beyond n stay zero and are never used.
    most_epochs
        Epochs that the table holds at most.

    >>> orders = HostOrders(lambda: np.array([1, 0]), length=3, most_epochs=4)
    >>> orders.supply(0, 100), orders.table[0].tolist()
    (4, [1, 0, 0])
    """

    def __init__(self, draw: Callable[[], np.ndarray], length: int, most_epochs: int) -> None:
        # A power of two, so that fits of different lengths share a program.
        fitting = max(1, min(most_epochs, MOST_ENTRIES // max(length, 1)))
        self.table = np.zeros((1 << (fitting.bit_length() - 1), length), np.int32)
        self._draw = draw
        self._drawn: int | None = None

    def supply(self, epoch: int, end: int) -> int:
        """Fill the table from ``epoch``, which it may hold already, to before ``end``; returns how far it reaches."""
        end = min(end, epoch + len(self.table))
        for coming in range(epoch if self._drawn is None else self._drawn, end):
            order = self._draw()
            self.table[coming % len(self.table), : len(order)] = order
            self._drawn = coming + 1
        return end


@dataclass(frozen=True)
class Host:
    """The caller's wishes: progress bar, who draws the order of an epoch, and whom to tell."""

    verbose: bool | None = False
    draw_order: Callable[[], np.ndarray] | None = None
    watch: Callable[[History], None] | None = None

    def orders(self, program: Program, rows: Rows) -> HostOrders | None:
        """The table of orders, where the host draws them and mini-batches follow them."""
        if self.draw_order is None or program.batch is None or not program.shuffles:
            return None
        return HostOrders(self.draw_order, order_length(program, rows), HISTORY)
