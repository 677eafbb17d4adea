"""A table of estimates by two factors, each with its standard error: what too many rows would hide."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

HUGE = 1e6
"""Means from which on only the power of ten matters."""


@dataclass(frozen=True)
class Estimate:
    """A mean over independent draws, its standard error, and whether it stands out among those of its table."""

    mean: float
    error: float | None = None
    starred: bool = False

    @classmethod
    def of(cls, values: ArrayLike) -> Estimate:
        """Mean and standard error of independent values.

        >>> Estimate.of([1.0, 3.0])
        Estimate(mean=2.0, error=1.0, starred=False)
        """
        array = np.asarray(values, np.float64)
        n = len(array)
        return cls(float(array.mean()), float(array.std(ddof=1)) / math.sqrt(n) if n > 1 else None)

    def text(self, form: str) -> str:
        """As it stands in a table: a positive mean that would be zero as below the last digit, a huge one by its power of ten.

        >>> Estimate(-0.1234, 0.0567, True).text("+.2f"), Estimate(0.0012, 0.0002).text(".2f")
        ('-0.12±0.06*', '<0.01')
        """
        star = "*" if self.starred else ""
        if abs(self.mean) >= HUGE:
            form = ("+" if form.startswith("+") else "") + ".0e"
        if self.mean > 0 and float(format(self.mean, form)) == 0:
            digits = format(0, form)
            return f"<{digits[:-1]}1{star}"
        spread = "" if self.error is None else f"±{format(self.error, form.lstrip('+'))}"
        return format(self.mean, form) + spread + star


@dataclass(frozen=True)
class CrossTable:
    """Estimates by row and column; None where there is none.

    Attributes
    ----------
    title
        What is estimated, and what the draws are.
    columns
        The headings.
    rows
        A label and its estimates, one a column.
    form
        How numbers are written: a format specification.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Estimate | None, ...]], ...]
    form: str = ".3f"

    def estimate(self, row: str, column: str) -> Estimate | None:
        """The estimate under a row's label and a column's heading."""
        return dict(self.rows)[row][self.columns.index(column)]


def starred(rows: Sequence[Sequence[ArrayLike | None]]) -> list[tuple[Estimate | None, ...]]:
    """Estimates of independent values, starred where they differ from zero at 5 %, Bonferroni over all of them.

    >>> rng = np.random.default_rng(0)
    >>> [[clear, noise]] = starred([[rng.normal(5, 1, 20), rng.normal(0, 1, 20)]])
    >>> clear.starred, noise.starred
    (True, False)
    """
    from scipy.stats import t

    n_compared = sum(values is not None for row in rows for values in row)

    def one(values: ArrayLike | None) -> Estimate | None:
        if values is None:
            return None
        estimate, n = Estimate.of(values), len(np.asarray(values))
        if not estimate.error:
            return estimate
        bound = t.isf(0.025 / n_compared, n - 1) * estimate.error
        return Estimate(estimate.mean, estimate.error, bool(abs(estimate.mean) > bound))

    return [tuple(one(values) for values in row) for row in rows]
