"""What the classical machines are given, checked at the edge."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lamina.errors import DataError, SpecificationError, nearest_name


def checked_bits(x: ArrayLike, n_inputs: int) -> NDArray[np.int64]:
    """Zeros and ones whose last axis has as many places as there are inputs."""
    bits = np.asarray(x)
    if bits.ndim not in (1, 2) or bits.shape[-1] != n_inputs:
        raise DataError(
            f"the inputs have shape {bits.shape}: {n_inputs} are needed, in one row ({n_inputs},) or in several (n, {n_inputs})."
        )
    if bits.dtype.kind not in "biuf" or not np.isin(bits, (0, 1)).all():
        raise DataError(
            "the inputs of a neuron that fires or does not are 0 and 1, and something else was given."
        )
    return bits.astype(np.int64)


def checked_array(name: str, values: Any) -> NDArray[np.float64]:
    """An array of finite numbers."""
    try:
        found = np.asarray(values, np.float64)
    except (TypeError, ValueError):
        raise DataError(f"{name} must hold numbers, in rows of equal length.") from None
    if not np.isfinite(found).all():
        raise DataError(f"{name} has a missing or infinite value: leave such rows out.")
    return found


def checked_count(owner: str, n: Any) -> int:
    """A whole number of at least 1."""
    if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
        raise SpecificationError(f"{owner}: {n!r} was given where a whole number of at least 1 is needed.")
    return int(n)


def checked_number(
    name: str, value: Any, low: float, high: float = np.inf, *, low_too: bool = False
) -> float:
    """A finite number above low (or equal to it) and below high."""
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not (low <= value < high) or (value == low and not low_too):
        upper = "" if high == np.inf else f" and below {high:g}"
        lower = f"at least {low:g}" if low_too else f"above {low:g}"
        raise SpecificationError(f"{name}={value!r}: it must be a number {lower}{upper}.")
    return float(value)


def checked_word(name: str, value: Any, known: Any) -> str:
    """One of the known words."""
    if not isinstance(value, str) or value not in known:
        raise SpecificationError(f"{name}={value!r} is unknown: {nearest_name(value, known)}")
    return value


def two_or_more(classes: NDArray[Any]) -> None:
    """Refuse an outcome of one class."""
    if len(classes) < 2:
        raise DataError(
            f"y has one class, {classes.tolist()[0]!r}, and a classifier needs at least two: there is nothing to be told apart."
        )
