"""What a network takes of a window: the sequence as it is, or its lags in one row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.data.series.windows import Windows
from lamina.errors import SpecificationError
from lamina.networks.output import with_output


def takes_sequences(layers: Sequence[Any], windows: Windows) -> bool:
    """Whether hidden layers make one row of units of a sequence of L rows; else they get the lags flattened.

    >>> from lamina.layers import Dense, Flatten
    >>> nothing = np.zeros((1, 5, 0))
    >>> windows = Windows(np.zeros((1, 5, 3)), nothing, np.zeros((1, 1, 3)), np.zeros(1, int), np.zeros(1, int))
    >>> takes_sequences([Dense(32)], windows), takes_sequences([Flatten(), Dense(32)], windows)
    (False, True)
    """
    shape = windows.sequences()[:1].shape[1:]
    try:
        return len(with_output(list(layers), 1, "linear").output_shape(shape)) == 1
    except SpecificationError:
        return False


def network_input(windows: Windows, *, sequences: bool) -> np.ndarray:
    """Windows as the network takes them, in single precision."""
    return (windows.sequences() if sequences else windows.rows()).astype(np.float32)


def latest_apart(windows: Windows, share: float) -> tuple[Windows, Windows]:
    """The earlier windows of each series, and the latest ``share`` of them to watch; what one part is to forecast is no lag of
    the earlier part."""
    later = np.zeros(len(windows), bool)
    dropped = np.zeros(len(windows), bool)
    for number in np.unique(windows.series):
        own = np.flatnonzero(windows.series == number)
        held = max(1, round(share * len(own)))
        later[own[len(own) - held :]] = True
        dropped[own[max(0, len(own) - held - windows.horizon + 1) : len(own) - held]] = True
    return windows.take(~later & ~dropped), windows.take(later)


def network_outcome(windows: Windows) -> np.ndarray:
    """Standardised targets, shape (n,) or (n, H)."""
    wanted = windows.ahead[:, :, 0].astype(np.float32)
    return wanted[:, 0] if windows.horizon == 1 else wanted
