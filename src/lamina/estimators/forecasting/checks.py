"""Settings of a forecaster, and the steps ahead that are asked of it."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.layers.base import check_positive_integer

STRATEGIES = ("recursive", "direct")


def check_parameters(forecaster: Any) -> None:
    """Refuse lags, horizons and strategies that mean nothing."""
    name = type(forecaster).__name__
    # What looks back one season has as many lags, and the user knows them by that name.
    looks_back = "season" if "season" in forecaster.get_params() else "lags"
    check_positive_integer(name, looks_back, getattr(forecaster, looks_back))
    check_positive_integer(name, "horizon", forecaster.horizon)
    if forecaster.strategy not in STRATEGIES:
        raise SpecificationError(
            f"strategy={forecaster.strategy!r}: 'recursive' forecasts one step and goes on from it, 'direct' has an output for "
            "each step up to horizon"
        )


def checked_steps(horizon: Any, outputs: int) -> list[int]:
    """The steps ahead that a horizon stands for, a number or a list; ``outputs`` above one is what a direct forecaster has.

    >>> checked_steps(3, 1), checked_steps([1, 5], 1)
    ([1, 2, 3], [1, 5])
    """
    if isinstance(horizon, (int, np.integer)) and not isinstance(horizon, bool):
        steps = list(range(1, int(horizon) + 1))
    else:
        try:
            steps = [operator.index(step) for step in horizon]
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"horizon={horizon!r}: give a number of steps, or a list of them, whole numbers."
            ) from None
    if not steps or min(steps) < 1:
        raise SpecificationError(
            f"horizon={horizon!r}: steps are counted from 1, the first after the last row."
        )
    if outputs > 1 and max(steps) > outputs:
        raise SpecificationError(
            f"horizon={max(steps)} is beyond the {outputs} steps that strategy='direct' was fitted for: fit with "
            f"horizon={max(steps)}, or use strategy='recursive'"
        )
    return steps
