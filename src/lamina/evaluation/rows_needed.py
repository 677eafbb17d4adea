"""At how many rows the question could be answered, from the learning curve of the network and of its reference.

At n rows the difference is expected to be δ(n) = a + b/√n (see `curve`), and the standard error of its estimate to be that of
today times √(n_0/n). It could be told where

    |δ(n) - boundary| > (t + z) · se(n),

t being the quantile of the verdict's interval and z that of the power, 80 %: then four repetitions of the study in five would
tell. Draws of (a, b) from their joint normal distribution give the numbers of rows at which that would be so, and how often it
would not be so within a hundred times the rows there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lamina.errors import LaminaError
from lamina.evaluation.curve import SHARES, LearningCurve, Line, measure_curve, named
from lamina.evaluation.estimate import t_quantile
from lamina.evaluation.fits import Problem
from lamina.evaluation.running import Run
from lamina.evaluation.verdict import Verdict

POWER = 0.8
MOST_TIMES = 100.0
DRAWS = 2_000
CENTRAL = 0.8
"""Share of the draws inside the range that is told."""
GRID = 400

Side = Literal["network", "reference"]


@dataclass(frozen=True, eq=False)
class RowsNeeded:
    """When it could be told, and in whose favour.

    Attributes
    ----------
    rows
        Rows of the whole table at which it could be told in four of five studies; None if not within ``most``.
    low, high
        Where 80 % of the draws of the curve lie; None beyond ``most``.
    most
        The rows up to which was looked.
    favours
        Whom the answer would favour at ``rows``, or at ``most``.
    curve
        The learning curve behind it.
    """

    rows: int | None
    low: int | None
    high: int | None
    most: int
    favours: Side
    curve: LearningCurve

    def __str__(self) -> str:
        whom = "the network" if self.favours == "network" else "the simple model"
        if self.rows is None:
            return f"By the learning curve it could not be told with {self.most:,} rows either: the two are too much alike."
        upper = f"{self.high:,}" if self.high is not None else f"more than {self.most:,}"
        lower = f"{self.low:,}" if self.low is not None else f"more than {self.most:,}"
        return (
            f"By the learning curve it could be told, in favour of {whom}, with about {self.rows:,} rows "
            f"(80% range {lower} to {upper})."
        )


def rows_needed(problem: Problem, found: Run, verdict: Verdict) -> RowsNeeded | None:
    """When the verdict's question could be told; None where no curve can be measured."""
    if verdict.network is None or verdict.reference is None or verdict.interval is None:
        return None
    if len(problem.splits) < 2:
        return None
    pair = named(found.contenders, [verdict.network, verdict.reference])
    known = {model.name: model.errors for model in found.models}
    try:
        curve = measure_curve(problem, pair, known, SHARES)
    except LaminaError:
        return None  # too few rows for a curve
    network, reference = (curve.errors[each.name] for each in pair)
    line = curve.line(network - reference)
    se = (verdict.interval[1] - verdict.interval[0]) / 2 / t_quantile(len(problem.splits) - 1)
    return when(line, se, len(problem.table), curve, verdict.margin, len(problem.splits))


def when(
    line: Line, se: float, rows: int, curve: LearningCurve, margin: float, splits: int, seed: int = 0
) -> RowsNeeded:
    """The number of rows at which a difference on a line could be told, ``se`` being its standard error at ``rows``."""
    from scipy.special import ndtri

    most = round(MOST_TIMES * rows)
    sizes = np.geomspace(rows, most, GRID)
    # Of n rows a split trains on a share; the line is in training rows.
    share = curve.sizes[-1] / rows
    place = np.column_stack([np.ones(GRID), 1 / np.sqrt(share * sizes)])
    needed = (t_quantile(splits - 1) + float(ndtri(POWER))) * se * np.sqrt(rows / sizes)

    def first(coefficients: NDArray[np.float64]) -> NDArray[np.float64]:
        """The first size that tells by each line, shape (K,), infinite where none does."""
        difference = coefficients @ place.T
        tells = np.abs(difference + margin) > needed
        return np.where(tells.any(axis=1), sizes[tells.argmax(axis=1)], np.inf)

    draws = np.random.default_rng(seed).multivariate_normal(
        line.coefficients, np.nan_to_num(line.covariance), DRAWS, method="svd"
    )
    (best,), spread = first(line.coefficients[None]), first(draws)
    low, high = np.quantile(spread, [(1 - CENTRAL) / 2, (1 + CENTRAL) / 2], method="inverted_cdf")
    expected = float(place[-1 if np.isinf(best) else int(np.argmax(sizes >= best))] @ line.coefficients)
    favours: Side = "network" if expected + margin < 0 else "reference"
    return RowsNeeded(_rounded(best), _rounded(low), _rounded(high), most, favours, curve)


def _rounded(rows: float) -> int | None:
    """Two digits: more would pretend to know.

    >>> _rounded(1234.0), _rounded(np.inf)
    (1200, None)
    """
    if not np.isfinite(rows):
        return None
    unit = 10 ** max(0, len(str(int(rows))) - 2)
    return int(round(rows / unit) * unit)
