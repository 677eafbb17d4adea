r"""Learning curves: error by number of training rows, extrapolated with its uncertainty, and when it could be told.

Each model is fitted on nested shares of the training rows of every split and tested on the split's test rows. The difference of
two models at n rows is taken as

.. math:: \delta(n) = a + b / \sqrt n

fitted to the means at the sizes by least squares. Its uncertainty is that of the corrected resampled t: the covariance of the
splits' own lines, times 1/J + n_test/n_train. The error of one model is extrapolated in the same way by

.. math:: e(n) = a + b / n^c, \qquad c \in \{1/2, 1\}

with weights n, since the law of large samples is wrong first where there are few, and with the c of the smaller weighted sum of
squares: 1 for models of fixed size, whose excess error falls as 1/n, 1/2 for those that grow with the data.

References
----------
Cortes, Jackel, Solla, Vapnik, Denker (1994), *Learning curves: asymptotic values and rate of convergence*; Viering, Loog (2023),
*The shape of learning curves: a review*, IEEE TPAMI 45.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError, SpecificationError, nearest_name
from lamina.evaluation.contenders import Contender
from lamina.evaluation.estimate import t_quantile
from lamina.evaluation.fits import Problem
from lamina.evaluation.subsamples import Subsamples

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SHARES = (0.25, 0.5)
FINE_SHARES = (0.125, 0.25, 0.5, 0.75)
EXPONENTS = (0.5, 1.0)
FURTHEST = 10.0
"""Times the rows there are, up to which errors are extrapolated."""

Errors = dict[str, NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class LearningCurve:
    """Errors of models by number of training rows.

    Attributes
    ----------
    sizes
        Training rows, shape (S,), the last being all of them.
    errors
        By model, shape (S, J) for J splits.
    correction
        1/J + n_test/n_train, by which the variance between splits is multiplied.
    title
        What the error is.
    """

    sizes: NDArray[np.float64]
    errors: Errors
    correction: float
    title: str
    percent: bool = False

    @property
    def table(self) -> pd.DataFrame:
        """By model and number of rows: the error, its standard error and 95 % interval, and whether it is extrapolated.

        One split says nothing of the uncertainty: there standard errors and intervals are NaN. No error is below zero.
        """
        import pandas as pd

        rows = []
        for name in self.errors:
            for size, values in zip(self.sizes, self.errors[name], strict=True):
                known = len(values) > 1
                se = float(np.sqrt(self.correction * np.var(values, ddof=1))) if known else np.nan
                rows.append((name, round(size), float(values.mean()), se, False))
            for times in (2.0, 5.0, FURTHEST):
                mean, se = self.at(name, times * self.sizes[-1])
                rows.append((name, round(times * self.sizes[-1]), mean, se, True))
        table = pd.DataFrame(rows, columns=["model", "rows", "error", "se", "extrapolated"])
        splits = next(iter(self.errors.values())).shape[1]
        reach = t_quantile(max(1, splits - 1)) * table["se"]
        table.insert(4, "low", (table["error"] - reach).clip(lower=0.0))
        table.insert(5, "high", table["error"] + reach)
        return table.set_index(["model", "rows"])

    def at(self, model: str, rows: float) -> tuple[float, float]:
        """Expected error of a model with so many training rows, and its standard error; never below zero."""
        mean, se = at(fit_curve(self.sizes, self.errors[model], self.correction), rows)
        return max(0.0, mean), se

    def line(self, values: NDArray[np.float64]) -> Line:
        """a and b of differences of shape (S, J), with their covariance."""
        return fit_line(self.sizes, values, self.correction)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the curves with their intervals, dashed where they are extrapolated; with ``path``, into a file."""
        from lamina.evaluation.curve_picture import draw

        return draw(self, path)

    def __str__(self) -> str:
        return str(self.table.round(4))


@dataclass(frozen=True, eq=False)
class Line:
    """a + b/n^c: the coefficients a and b, shape (2,), their covariance, shape (2, 2), and c."""

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    exponent: float = 0.5


def fit_line(
    sizes: NDArray[np.float64],
    values: NDArray[np.float64],
    correction: float,
    exponent: float = 0.5,
    weights: NDArray[np.float64] | None = None,
) -> Line:
    """The line of the means of ``values``, shape (S, J), at ``sizes``, shape (S,), by least squares with ``weights``.

    >>> sizes = np.array([100.0, 400.0])
    >>> line = fit_line(sizes, np.array([[1.1, 1.3], [0.6, 0.8]]), 0.5)
    >>> line.coefficients.round(6).tolist()
    [0.2, 10.0]
    """
    root = np.ones((len(sizes), 1)) if weights is None else np.sqrt(weights)[:, None]
    design = np.column_stack([np.ones(len(sizes)), sizes**-exponent])
    lines = np.linalg.lstsq(root * design, root * values, rcond=None)[0]
    spread = np.cov(lines) if values.shape[1] > 1 else np.full((2, 2), np.nan)
    return Line(lines.mean(axis=1), correction * np.atleast_2d(spread), exponent)


def fit_curve(sizes: NDArray[np.float64], values: NDArray[np.float64], correction: float) -> Line:
    """The line of a model's errors, with the power of n that fits their means better.

    >>> sizes = np.array([12.0, 25.0, 50.0, 100.0])
    >>> line = fit_curve(sizes, (0.4 + 8 / sizes)[:, None] + [[0.0, 0.1]], 0.5)
    >>> line.exponent, line.coefficients.round(6).tolist()
    (1.0, [0.45, 8.0])
    """
    means = values.mean(axis=1)

    def lost(line: Line) -> float:
        return float(sizes @ (means - [at(line, size)[0] for size in sizes]) ** 2)

    return min((fit_line(sizes, values, correction, c, sizes) for c in EXPONENTS), key=lost)


def at(line: Line, rows: float) -> tuple[float, float]:
    """What a line says at a number of rows, and the standard error of that."""
    place = np.array([1.0, rows**-line.exponent])
    variance = np.maximum(0.0, place @ line.covariance @ place)  # NaN stays
    return float(place @ line.coefficients), float(np.sqrt(variance))


def measure_curve(
    problem: Problem, contenders: Sequence[Contender], known: Errors, shares: Sequence[float] | None = None
) -> LearningCurve:
    """Fit contenders on shares of the training rows.

    Parameters
    ----------
    problem
        The problem whose splits are used.
    contenders
        The models.
    known
        Their errors on all training rows, shape (J,).
    shares
        In (0, 1); by default an eighth, a quarter, half and three quarters.

    Raises
    ------
    DataError
        If no share leaves rows enough, or a model fails on one.
    """
    from lamina.evaluation.running import run

    shares = FINE_SHARES if shares is None else shares
    _check_shares(shares)
    samples = Subsamples.of(problem, sorted(set(shares)))
    if not samples.shares:
        raise DataError(
            f"shares={tuple(shares)} of {len(problem.splits.pairs[0][0])} training rows leave too few rows, or rows of too few "
            "classes: give more rows, or larger shares."
        )
    found = run(samples.problem, tuple(contenders), lambda name, fold, folds: None)
    errors = {}
    for model in found.models:
        if model.failure is not None:
            raise DataError(f"the learning curve of {model.name} ends early: {model.failure}")
        errors[model.name] = np.vstack([samples.errors(model), known[model.name]])
    whole = np.mean([len(train) for train, _ in problem.splits])
    correction = 1 / len(problem.splits) + problem.splits.test_to_train
    sizes = np.append(samples.sizes, whole)
    return LearningCurve(sizes, errors, correction, problem.metric.title, problem.metric.percent)


def named(contenders: Sequence[Contender], names: Sequence[str]) -> list[Contender]:
    """The contenders of these names.

    Raises
    ------
    SpecificationError
        If there is none of a name.
    """
    known = {contender.name: contender for contender in contenders}
    for name in names:
        if name not in known:
            raise SpecificationError(
                f"models has {name!r}, which was not compared: {nearest_name(name, known)}."
            )
    return [known[name] for name in dict.fromkeys(names)]


def _check_shares(shares: Sequence[float]) -> None:
    wrong = [share for share in shares if not 0 < share < 1]
    if wrong or not len(shares):
        raise SpecificationError(f"shares={tuple(shares)}: give shares of the training rows inside (0, 1).")
