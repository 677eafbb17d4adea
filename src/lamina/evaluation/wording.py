"""Numbers for people: as many decimals as the largest of them deserves, fractions as percentages where that is usual."""

from __future__ import annotations

import math


def decimals(scale: float) -> int:
    """How many decimals show four digits of a number of this size, or three of one below 1.

    >>> decimals(257.4), decimals(0.0123), decimals(125_000.0)
    (1, 4, 0)
    """
    if scale == 0 or not math.isfinite(scale):
        return 3
    digits = 4 if abs(scale) >= 1 else 3
    return max(0, digits - 1 - math.floor(math.log10(abs(scale))))


def as_decimals(value: float | None, places: int) -> str:
    """With so many decimals; what is not known is a dash.

    >>> as_decimals(0.456, 2), as_decimals(None, 2)
    ('0.46', '-')
    """
    return "-" if value is None or not math.isfinite(value) else f"{value:.{places}f}"


def as_number(value: float | None, scale: float, percent: bool = False, signed: bool = False) -> str:
    """A value beside others of the size ``scale``; what is not known is a dash.

    >>> as_number(252.34, 300.0), as_number(-5.06, 300.0, signed=True), as_number(0.0432, 1.0, percent=True)
    ('252.3', '-5.1', '4.3 %')
    """
    if value is None or not math.isfinite(value):
        return "-"
    sign = "+" if signed else ""
    if percent:
        return f"{100 * value:{sign}.1f} %"
    places = decimals(scale)
    if places > 8:
        return f"{value:{sign}.3g}"
    return f"{value:{sign},.{places}f}"


def as_amount(value: float, scale: float, percent: bool = False, signed: bool = False) -> str:
    """A difference beside errors of the size ``scale``; of shares, in percentage points.

    >>> as_amount(-5.06, 300.0, signed=True), as_amount(0.02, 1.0, percent=True)
    ('-5.1', '2.0 percentage points')
    """
    text = as_number(value, scale, percent, signed)
    return text.removesuffix(" %") + " percentage points" if percent else text


def as_interval(interval: tuple[float, float], scale: float, percent: bool = False) -> str:
    """An interval in words; of shares, in percentage points.

    >>> as_interval((-3.21, 4.0), 100.0)
    '-3.2 to +4.0'
    """
    low, high = (as_number(bound, scale, percent, signed=True).removesuffix(" %") for bound in interval)
    return f"{low} to {high}"
