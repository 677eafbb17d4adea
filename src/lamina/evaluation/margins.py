"""By how much a network must be better to be worth it: in the units of the error, or as a share of it."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation.metrics import Metric

IN_UNITS_OF_Y = ("mae", "rmse")
"""Metrics in which a bare number means something: it has the units of the outcome."""
SHARES = ("misclassification", "auc", "r2")
"""Metrics of which people speak in percentage points."""

_TEXT = re.compile(r"\s*(?P<number>[-+]?[\d.]+(?:e[-+]?\d+)?)\s*(?P<unit>%|[a-z]*)\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Margin:
    """An amount of error, or a share of the reference's error; ``at`` turns either into an amount.

    >>> Margin(0.05, "share").at(reference_error=240.0), Margin(5.0).at(reference_error=240.0)
    (12.0, 5.0)
    """

    amount: float = 0.0
    kind: Literal["absolute", "share"] = "absolute"

    def at(self, reference_error: float) -> float:
        """The margin in the units of the error."""
        return self.amount * abs(reference_error) if self.kind == "share" else self.amount


def read_margin(given: Any, metric: Metric) -> Margin:
    """What the user gave as ``margin``.

    Parameters
    ----------
    given
        A number in the units of the outcome, for metrics that have them (mae, rmse); "5%", a share of the
        reference's error, for every metric; "0.02 absolute", an amount of any metric; "2 points", percentage points of
        misclassification, 1 - AUC and 1 - R².
    metric
        The error that is compared.

    Raises
    ------
    SpecificationError
        If it is negative, not finite, no amount at all, or a bare number of a metric without units.
    ArgumentTypeError
        If it is neither a number nor text.

    >>> from lamina.evaluation.metrics import find_metric
    >>> read_margin(10, find_metric("mae", "regression"))
    Margin(amount=10.0, kind='absolute')
    >>> read_margin("5%", find_metric("log_loss", "classification"))
    Margin(amount=0.05, kind='share')
    >>> read_margin("2 points", find_metric("misclassification", "classification"))
    Margin(amount=0.02, kind='absolute')
    """
    number, unit = _number_and_unit(given, metric)
    if not math.isfinite(number):
        raise SpecificationError(f"margin={given!r} is no finite number: {_help(metric)}")
    if number < 0:
        raise SpecificationError(
            f"margin={given!r} is negative: give by how much the network must be better, 0 or more"
        )
    if number == 0:
        return Margin()
    if unit == "" and metric.name not in IN_UNITS_OF_Y:
        raise SpecificationError(
            f"margin={given!r} has no unit, and metric={metric.name!r} has none of its own: {_help(metric)}"
        )
    if unit == "%":
        return Margin(number / 100.0, "share")
    return Margin(number / 100.0 if unit == "points" else number)


def _number_and_unit(given: Any, metric: Metric) -> tuple[float, str]:
    if isinstance(given, Real) and not isinstance(given, bool):
        return float(given), ""
    if not isinstance(given, str):
        raise ArgumentTypeError(f"margin is of type {type(given).__name__}: {_help(metric)}")
    found = _TEXT.fullmatch(given)
    unit = found["unit"].lower().removesuffix("s") if found else None
    known = {"": "", "%": "%", "absolute": "absolute"} | (
        {"point": "points"} if metric.name in SHARES else {}
    )
    try:
        return float(found["number"] if found else given), known[unit or ""]
    except (ValueError, KeyError):
        raise SpecificationError(f"margin={given!r} means nothing here: {_help(metric)}") from None


def _help(metric: Metric) -> str:
    share = '"2%" for a share of the reference\'s error'
    if metric.name in IN_UNITS_OF_Y:
        return f"give a number in the units of y, or {share}"
    points = ', or "2 points" for percentage points' if metric.name in SHARES else ""
    return f'give {share}, "0.02 absolute" for an amount of {metric.title}{points}'
