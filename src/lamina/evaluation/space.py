"""Which networks a search for a table draws: depth, width, dropout, penalty, learning rate, batch size and epochs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lamina.layers.base import Layer

DEPTHS = (1, 2, 3)
"""Hidden layers."""
WIDTHS = (8, 16, 32, 64)
"""Units of each of them."""
MANY_ROWS = 2_000
"""Rows from which on layers are twice as wide."""
DROPOUTS = (0.0, 0.1, 0.2, 0.4)
"""Rate of dropout after each of them."""
PENALTIES = (1e-5, 1e-1)
"""Range of λ in λ Σ w², drawn on the scale of its logarithm."""
LEARNING_RATES = (3e-4, 3e-2)
"""Range of Adam's learning rate, drawn on the scale of its logarithm."""
FEWEST_BATCH = 16
"""Rows of a batch where the table has too few for larger ones."""


@dataclass(frozen=True)
class HiddenLayers:
    """A distribution of hidden layers: ReLU of one width, with one rate of dropout.

    >>> HiddenLayers().rvs(random_state=0)
    [Dense(64, 'relu'), Dropout(0.1)]
    """

    depths: tuple[int, ...] = DEPTHS
    widths: tuple[int, ...] = WIDTHS
    dropouts: tuple[float, ...] = DROPOUTS

    def rvs(self, random_state: Any = None) -> list[Layer]:
        """One draw."""
        from sklearn.utils import check_random_state

        from lamina.layers import Dense, Dropout

        rng = check_random_state(random_state)
        depth, width, rate = (
            values[rng.randint(len(values))] for values in (self.depths, self.widths, self.dropouts)
        )
        # Dropout of rate 0 changes nothing, and lets all networks run in one program.
        return [Dense(width, "relu"), Dropout(rate)] * depth


def table_space(n_rows: int) -> dict[str, Any]:
    """Distributions of the parameters of a network, for a table of ``n_rows`` training rows.

    Batches are once and twice the default; epochs a quarter, half and all of it.

    >>> space = table_space(200)
    >>> list(space), space["batch_size"], space["epochs"]
    (['layers', 'penalty', 'optimizer__learning_rate', 'batch_size', 'epochs'], [32, 64], [36, 72, 143])
    """
    from scipy.stats import loguniform

    from lamina.networks.default import default_batch_size, default_epochs

    batch = default_batch_size(n_rows) or FEWEST_BATCH
    widths = WIDTHS if n_rows < MANY_ROWS else tuple(2 * width for width in WIDTHS)
    epochs = default_epochs(-(-n_rows // batch))
    return {
        "layers": HiddenLayers(widths=widths),
        "penalty": loguniform(*PENALTIES),
        "optimizer__learning_rate": loguniform(*LEARNING_RATES),
        "batch_size": [size for size in (batch, 2 * batch) if size <= n_rows // 2] or [batch],
        "epochs": [-(-epochs // 4), -(-epochs // 2), epochs],
    }


def in_words(setting: Mapping[str, Any]) -> dict[str, float]:
    """A drawn setting by the names of what was searched over.

    >>> drawn = {"layers": HiddenLayers().rvs(0), "penalty": 0.01, "optimizer__learning_rate": 0.001}
    >>> in_words(drawn | {"batch_size": 32, "epochs": 100})
    {'depth': 1, 'width': 64, 'dropout': 0.1, 'penalty': 0.01, 'learning_rate': 0.001, 'batch_size': 32, 'epochs': 100}
    """
    from lamina.layers import Dense, Dropout

    layers = setting["layers"]
    (width,) = {layer.units for layer in layers if isinstance(layer, Dense)}
    (rate,) = {layer.rate for layer in layers if isinstance(layer, Dropout)}
    return {
        "depth": len(layers) // 2,
        "width": width,
        "dropout": rate,
        "penalty": float(setting["penalty"]),
        "learning_rate": float(setting["optimizer__learning_rate"]),
        "batch_size": int(setting["batch_size"]),
        "epochs": int(setting["epochs"]),
    }


def significant(value: float) -> str:
    """A number of a setting with two significant digits.

    >>> significant(0.00012345), significant(64), significant(0.4)
    ('0.00012', '64', '0.4')
    """
    return (
        f"{value:g}" if value == round(value, 1) else np.format_float_positional(value, 2, fractional=False)
    )
