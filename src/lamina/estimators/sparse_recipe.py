"""How the default network of sparse rows is trained, where the user names neither layers nor an optimizer.

Such rows, counts of words for example, have many more columns than matter, and a network learns them by heart within a few
epochs: the best epoch on a fifth of the rows counts, and there are few.
"""

from __future__ import annotations

from lamina.layers.containers import Sequential
from lamina.training import Adam, EarlyStopping

RATE = 0.001
EPOCHS = 20
LEAST_STEPS = 1_000
"""Steps of a fit at least, whatever its epochs."""
LARGEST_BATCH = 512
ALL = 64
"""Rows up to which every step takes all."""
STEPS = 40
"""Steps of an epoch, where the rows are fewer than fill so many of the largest batches."""
LEAST_ROWS = 50
"""Rows from which on some are held back to find the best epoch."""
PENALTY = None
BEST_SPARSE_EPOCH = EarlyStopping(patience=None, validation_fraction=0.2)


def sparse_optimizer(_: Sequential, __: tuple[int, ...]) -> Adam:
    """Adam with a constant rate.

    >>> sparse_optimizer(Sequential([]), (10_000,))
    Adam()
    """
    return Adam(RATE)


def sparse_epochs(steps: int) -> int:
    """Epochs where an epoch has ``steps`` steps: 20, and at least 1,000 steps.

    >>> [sparse_epochs(steps) for steps in (10, 49, 100)]
    [100, 21, 20]
    """
    return max(EPOCHS, -(-LEAST_STEPS // steps))


def sparse_batch(n_rows: int) -> int:
    """Rows of a step: all up to 64, from there on a fortieth, a power of two from 16 to 512.

    >>> [sparse_batch(rows) for rows in (60, 100, 2_000, 25_000)]
    [60, 16, 64, 512]
    """
    if n_rows <= ALL:
        return n_rows
    wanted = max(n_rows // STEPS, 1)
    return int(min(max(16, 1 << (wanted - 1).bit_length()), LARGEST_BATCH))
