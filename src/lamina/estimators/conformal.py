r"""Conformal prediction in plain NumPy: intervals and sets from how far off networks were on rows that they had not seen.

Row i has a score, how ill its outcome agrees with network k(i), which was fitted without it. With K networks, and alpha = 1 -
coverage, an outcome y belongs to the interval or set at x if fewer than (1 - alpha)(n + 1) rows have a score below that of y
under their own network. One network (K = 1) is split conformal prediction, which covers with probability 1 - alpha at least
whatever the network and the distribution of rows; several are CV+, which uses every row both to learn and to score, and covers
with probability 1 - 2 alpha - sqrt(2 / n) at least, and 1 - alpha where networks are stable, which is what one measures.

References
----------
Barber, Candès, Ramdas, Tibshirani (2021), *Predictive inference with the jackknife+*, Annals of Statistics 49, 486-507.
Romano, Patterson, Candès (2019), *Conformalized quantile regression*, NeurIPS.
Romano, Sesia, Candès (2020), *Classification with valid and adaptive coverage*, NeurIPS.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, DataWarning, SpecificationError

Array = NDArray[np.floating]
ENTRIES = 1 << 22
"""Numbers that are sorted at a time."""


def check_coverage(coverage: object) -> float:
    """The coverage as a number inside (0, 1).

    >>> check_coverage(90)
    Traceback (most recent call last):
    lamina.errors.SpecificationError: coverage=90: it is a probability inside (0, 1), for example 0.9.
    """
    if isinstance(coverage, bool) or not isinstance(coverage, (int, float, np.integer, np.floating)):
        raise ArgumentTypeError(f"coverage={coverage!r}: give a number inside (0, 1), for example 0.9.")
    if not 0 < coverage < 1:
        raise SpecificationError(
            f"coverage={coverage!r}: it is a probability inside (0, 1), for example 0.9."
        )
    return float(coverage)


def rank(coverage: float, n: int) -> int:
    r"""Which of n ordered scores bounds a new one with the given probability: :math:`\lceil (1 - \alpha)(n + 1) \rceil`.

    Above n there is none: too few rows were scored for any finite bound.

    >>> rank(0.9, 9), rank(0.9, 100), rank(0.95, 9)
    (9, 91, 10)
    """
    return math.ceil(coverage * (n + 1) - 1e-9)  # 0.07 · 100 is 7.000000000000001


def warn_if_few(coverage: float, n: int, consequence: str) -> None:
    """Say that n scored rows cannot give this coverage, and how many could."""
    if rank(coverage, n) <= n:
        return
    needed = math.ceil(coverage / (1 - coverage) - 1e-9)
    warnings.warn(
        f"coverage={coverage:g} needs at least {needed} rows whose outcome is compared with a prediction, and there are {n}: "
        f"{consequence}. Give more rows, or a smaller coverage.",
        DataWarning,
        stacklevel=3,
    )


def interval_scores(y: Array, low: Array, high: Array) -> Array:
    r"""How far y lies outside [low, high], below zero inside: :math:`\max(l(x) - y, y - h(x))`.

    With low = high, a prediction, it is the absolute residual.

    >>> interval_scores(np.array([3.0, 1.5]), np.array([1.0, 1.0]), np.array([2.0, 2.0])).tolist()
    [1.0, -0.5]
    """
    scores: Array = np.maximum(low - y, y - high)
    return scores


def interval_bounds(
    low: Array, high: Array, scores: Array, folds: NDArray[np.intp], coverage: float
) -> Array:
    r"""Bounds that a new outcome lies between.

    .. math:: L(x) = \text{the } (n + 1 - k)\text{-th smallest of } l_{f(i)}(x) - s_i, \qquad
        U(x) = \text{the } k\text{-th smallest of } h_{f(i)}(x) + s_i, \qquad k = \lceil (1 - \alpha)(n + 1) \rceil

    Parameters
    ----------
    low, high
        What each of K networks gives for the new rows, shape (K, m, outputs).
    scores
        Of the n rows, by :func:`interval_scores`, shape (n, outputs).
    folds
        Which network scored each row, shape (n,).

    Returns
    -------
    Shape (m, outputs, 2). Infinite where k > n; where the bounds cross, both are their mean.

    Source: Barber et al. (2021), equation 11; with two quantiles and K = 1, Romano et al. (2019), equation 7.

    One network, nine residuals, coverage 0.8: the eighth of them, 0.8, on both sides.

    >>> residuals, folds = np.arange(1, 10)[:, None] / 10, np.zeros(9, int)
    >>> interval_bounds(np.full((1, 1, 1), 5.0), np.full((1, 1, 1), 5.0), residuals, folds, 0.8).tolist()
    [[[4.2, 5.8]]]
    """
    n, m = len(scores), low.shape[1]
    k = rank(coverage, n)
    bounds = np.empty((*low.shape[1:], 2), np.result_type(low, scores))
    if k > n:
        bounds[..., 0], bounds[..., 1] = -np.inf, np.inf
        return bounds
    block = max(1, ENTRIES // (n * max(1, low.shape[2])))
    for first in range(0, m, block):
        rows = slice(first, first + block)
        below = low[folds, rows] - scores[:, None]
        above = high[folds, rows] + scores[:, None]
        bounds[rows, :, 0] = np.partition(below, n - k, axis=0)[n - k]
        bounds[rows, :, 1] = np.partition(above, k - 1, axis=0)[k - 1]
    crossed = bounds[..., 0] > bounds[..., 1]
    bounds[crossed] = bounds[crossed].mean(axis=-1, keepdims=True)
    return bounds


def mass_before(p: Array) -> Array:
    """Probability of the classes that rank above each class, of probabilities p of shape (..., classes).

    Equal probabilities rank in the order of the classes.

    >>> mass_before(np.array([0.2, 0.5, 0.3])).tolist()
    [0.8, 0.0, 0.5]
    """
    order = np.argsort(-p, axis=-1, kind="stable")
    ranked = np.take_along_axis(p, order, axis=-1)
    before = np.zeros_like(p)
    before[..., 1:] = np.cumsum(ranked[..., :-1], axis=-1)
    placed = np.empty_like(p)
    np.put_along_axis(placed, order, before, axis=-1)
    return placed


def class_scores(p: Array, u: Array | float = 0.0) -> Array:
    r"""Score of every class: the probability of the classes above it, and a share u of its own.

    .. math:: E(x, c, u) = \sum_{c' : p_{c'} > p_c} p_{c'} + u\, p_c

    With u drawn uniformly, the sets cover exactly; with u = 0 they are no random ones, never leave out the likeliest class, and
    cover more where that class alone would be enough.

    Parameters
    ----------
    p
        Probabilities, shape (..., classes).
    u
        Zero, or numbers of shape (...,).

    Source: Romano, Sesia, Candès (2020), equations 5 and 7, with u for 1 - u.
    """
    scores: Array = mass_before(p) + np.asarray(u, p.dtype)[..., None] * p
    return scores


def set_members(classes: Array, scores: Array, folds: NDArray[np.intp], coverage: float) -> NDArray[np.bool_]:
    r"""Which classes belong to the set of each new row.

    .. math:: C(x) = \{c : \#\{i : E_i < E_{f(i)}(x, c)\} < (1 - \alpha)(n + 1)\}

    Parameters
    ----------
    classes
        Scores of every class under each of K networks, shape (K, m, classes).
    scores
        Of the n rows' own classes under the network that had not seen them, shape (n,).
    folds
        Which network that was, shape (n,).

    Returns
    -------
    Shape (m, classes). All classes where n is too small for the coverage.

    Source: Romano, Sesia, Candès (2020), equations 8 (K = 1) and 10.

    >>> scores = np.arange(9) / 10
    >>> set_members(np.array([[[0.0, 0.6, 0.75]]]), scores, np.zeros(9, int), 0.7).tolist()
    [[True, True, False]]
    """
    below = np.zeros(classes.shape[1:], np.intp)
    for fold, of_fold in enumerate(classes):
        below += np.searchsorted(np.sort(scores[folds == fold]), of_fold, side="left")
    return below < rank(coverage, len(scores))
