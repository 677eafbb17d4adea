"""Forecasts of several steps from many origins at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lamina.data.series.panel import Array
from lamina.data.series.windows import Windows

Step = Callable[[Windows], Array]
"""Standardised windows of horizon H to standardised targets, shape (n, H)."""


def direct(step: Step, windows: Windows, horizon: int, steps: int) -> Array:
    """The first ``steps`` of a model with an output for each of ``horizon`` steps."""
    lags = windows.past.shape[1]
    return step(_ahead(windows, windows.past, windows.known[:, : lags + horizon - 1], horizon))[:, :steps]


def recursive(step: Step, carry: Step | None, windows: Windows, steps: int, given: Array | None) -> Array:
    r"""One step at a time, each forecast taking its place among the lags of the next.

    .. math:: \hat y_{o + h} = f(\hat x_{o + h - 1}, \ldots, \hat x_{o + h - L}), \qquad \hat x_s = x_s \text{ for } s \le o

    Parameters
    ----------
    step
        One step ahead.
    carry
        One step ahead of the other lagged columns, shape (n, p - 1); None where there are none.
    windows
        What is ahead of the origins is not looked at. Where what is known in advance ends, forecasts are NaN.
    given
        Standardised target and lagged columns ahead, shape (n, steps, p); used for the lagged columns where it is not NaN.
    """
    past, lags = windows.past, windows.past.shape[1]
    unknown = np.asarray(np.isnan(windows.known).any(axis=2))
    windows = replace(windows, known=np.nan_to_num(windows.known))
    found = np.empty((len(windows), steps))
    for h in range(steps):
        here = _ahead(windows, past, windows.known[:, h : h + lags], 1)
        found[:, h] = step(here)[:, 0]
        if h + 1 < steps:
            following = _next_row(found[:, h], carry, here, None if given is None else given[:, h])
            past = np.concatenate([past[:, 1:], following[:, None]], axis=1)
        found[unknown[:, h : h + lags].any(axis=1), h] = np.nan
    return found


def _next_row(target: Array, carry: Step | None, here: Windows, given: Array | None) -> Array:
    following = np.empty((len(here), here.past.shape[2]))
    following[:, 0] = target
    if carry is not None:
        following[:, 1:] = carry(here)
        if given is not None:
            told = ~np.isnan(given[:, 1:])
            following[:, 1:][told] = given[:, 1:][told]
    return following


def _ahead(windows: Windows, past: Array, known: Array, horizon: int) -> Windows:
    """Windows at which nothing is there yet that is to be forecast."""
    unknown = np.full((len(past), horizon, past.shape[2]), np.nan)
    return Windows(past, known, unknown, windows.series, windows.origins)
