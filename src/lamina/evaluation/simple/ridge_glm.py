r"""Generalised linear models with a ridge penalty, by Newton's method along a path of penalties.

The minimum of :math:`\sum_i l(y_i, b + x_i^T\beta) + \frac\lambda2 \lVert\beta\rVert^2` is found for each
:math:`\lambda` from the last one's solution on. Its leave-one-out error follows without another fit from one
Newton step towards the minimum of the other rows, which is exact for squared errors.

References
----------
Rad, Maleki (2020), *A scalable estimate of the out-of-sample prediction error via approximate leave-one-out
cross-validation*, Journal of the Royal Statistical Society B 82, equation (8).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from lamina.evaluation.simple.families import Family
from lamina.evaluation.simple.paths import best_on_path, some_rows

Array = NDArray[np.float64]
Pairs = Sequence[tuple[NDArray[Any], NDArray[Any]]]

# Each penalty is a few quick steps from the last: a long look past a bump costs little.
PATIENCE = 4
NEWTON_STEPS = 50
HALVINGS = 30
TOLERANCE = 1e-9
# Rows times squared columns of one Newton step that a tuning may cost.
MOST_WORK = 5e7
LEAST_TUNING_ROWS = 1_000


@dataclass(frozen=True)
class Solution:
    """The minimum for one penalty: intercept and coefficients of shape (1 + p,), and its effective parameters.

    ``left_out`` is, for each row, the linear predictor of a fit without it, approximately; shape (n,).
    """

    beta: Array
    left_out: Array
    effective: float


def solve(X: Array, y: Array, family: Family, penalty: float, start: Array | None = None) -> Solution:
    """The minimum for one penalty.

    Parameters
    ----------
    X, y
        Columns of shape (n, p), and the outcome of shape (n,).
    start
        Where to begin, shape (1 + p,); else at coefficients of zero.

    >>> from lamina.evaluation.simple.families import POISSON
    >>> X, y = np.array([[0.0], [0.0], [1.0], [1.0]]), np.array([1.0, 3.0, 5.0, 3.0])
    >>> np.exp(np.cumsum(solve(X, y, POISSON, 0.0).beta)).round(6)
    array([2., 4.])
    """
    design = np.column_stack([np.ones(len(y)), X])
    ridge = np.full(design.shape[1], float(penalty))
    ridge[0] = 0.0
    beta = np.zeros(design.shape[1]) if start is None else start.copy()
    if start is None:
        beta[0] = family.start(y)
    value = _objective(design, y, family, ridge, beta)
    for _ in range(NEWTON_STEPS):
        gradient, factor = _newton(design, y, family, ridge, beta)
        step = cho_solve(factor, gradient)
        beta, value, moved = _line_search(design, y, family, ridge, beta, step, value)
        # The step that was this short squares the distance that was left.
        if not moved or gradient @ step <= TOLERANCE * (1.0 + abs(value)):
            break
    return _solution(design, y, family, ridge, beta)


def choose_penalty(
    X: Array, y: Array, family: Family, penalties: Array, cv: Pairs | None = None
) -> tuple[float, float]:
    """The penalty with the lowest leave-one-out loss, or loss on given folds, and that loss a row.

    Parameters
    ----------
    penalties
        From the largest on; the path is left where the loss rises.
    cv
        Pairs of row numbers, for rows that come in groups. Without them the rows are tried by leaving each out,
        many-columned tables on a part of their rows.
    """
    if cv is not None:
        return best_on_path(penalties, _fold_losses(X, y, family, penalties, cv), PATIENCE)
    rows = some_rows(len(y), max(LEAST_TUNING_ROWS, int(MOST_WORK / (1 + X.shape[1]) ** 2)))
    return best_on_path(penalties, _left_out_losses(_rotated(X[rows]), y[rows], family, penalties), PATIENCE)


def shrunk(X: Array, y: Array, family: Family, penalty: float) -> Solution:
    """`solve`, with no more unknowns than rows: coefficients of a ridge lie in the span of the rows."""
    if X.shape[1] <= len(y) or penalty == 0:
        return solve(X, y, family, penalty)
    directions = np.linalg.svd(X, full_matrices=False)[2]
    inside = solve(X @ directions.T, y, family, penalty)
    beta = np.concatenate([inside.beta[:1], directions.T @ inside.beta[1:]])
    return Solution(beta, inside.left_out, inside.effective)


def _rotated(X: Array) -> Array:
    """Rows in the coordinates of their own span, where there are fewer of those than columns."""
    if X.shape[1] <= len(X):
        return X
    left, singular, _ = np.linalg.svd(X, full_matrices=False)
    return np.asarray(left * singular)


def _left_out_losses(X: Array, y: Array, family: Family, penalties: Array) -> Iterator[float]:
    beta = None
    for penalty in penalties:
        found = solve(X, y, family, penalty, beta)
        beta = found.beta
        yield float(np.mean(family.losses(y, found.left_out)))


def _fold_losses(X: Array, y: Array, family: Family, penalties: Array, cv: Pairs) -> Iterator[float]:
    rotations = [np.eye(X.shape[1]) if X.shape[1] <= len(t) else _directions(X[t]) for t, _ in cv]
    betas: list[Array | None] = [None] * len(cv)
    for penalty in penalties:
        total, rows = 0.0, 0
        for number, (train, test) in enumerate(cv):
            turn = rotations[number].T
            found = solve(X[train] @ turn, y[train], family, penalty, betas[number])
            betas[number] = found.beta
            eta = found.beta[0] + X[test] @ turn @ found.beta[1:]
            total, rows = total + float(family.losses(y[test], eta).sum()), rows + len(test)
        yield total / rows


def _directions(X: Array) -> Array:
    return np.asarray(np.linalg.svd(X, full_matrices=False)[2])


def _objective(design: Array, y: Array, family: Family, ridge: Array, beta: Array) -> float:
    return float(family.losses(y, design @ beta).sum() + 0.5 * ridge @ beta**2)


def _newton(design: Array, y: Array, family: Family, ridge: Array, beta: Array) -> tuple[Array, Any]:
    """The negative gradient and the factorised curvature."""
    eta = design @ beta
    gradient = design.T @ (y - family.mean(eta)) - ridge * beta
    curvature = (design * family.curvature(eta)[:, None]).T @ design
    curvature[np.diag_indices_from(curvature)] += ridge
    # Collinear columns without a penalty: a ridge far below rounding in the fit makes the step well defined.
    curvature[np.diag_indices_from(curvature)] += 1e-10 * max(1e-6, float(curvature.diagonal().max()))
    return gradient, cho_factor(curvature, check_finite=False)


def _line_search(
    design: Array, y: Array, family: Family, ridge: Array, beta: Array, step: Array, value: float
) -> tuple[Array, float, bool]:
    """The step, halved until the objective falls."""
    share = 1.0
    for _ in range(HALVINGS):
        proposal = beta + share * step
        found = _objective(design, y, family, ridge, proposal)
        if found < value:
            return proposal, found, True
        share /= 2
    return beta, value, False


def _solution(design: Array, y: Array, family: Family, ridge: Array, beta: Array) -> Solution:
    _, factor = _newton(design, y, family, ridge, beta)
    leverage = np.einsum("ij,ji->i", design, cho_solve(factor, design.T, check_finite=False))
    eta = design @ beta
    weighted = np.minimum(family.curvature(eta) * leverage, 1.0 - 1e-6)
    left_out = eta - leverage * (y - family.mean(eta)) / (1.0 - weighted)
    return Solution(beta, left_out, float(weighted.sum()))
