"""Multinomial logistic regression with a ridge penalty chosen on folds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold

from lamina.evaluation.simple.paths import best_on_path, some_rows

FOLDS = 4
TUNING_STEPS = 300
FINAL_STEPS = 3_000
# Rows times columns times classes of one step that a tuning may cost.
MOST_WORK = 1_000_000
LEAST_TUNING_ROWS = 500
EVERY_OTHER = 2


def fit_multinomial(
    X: NDArray[Any], codes: NDArray[Any], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coefficients (C, p) and intercepts (C,) for class numbers of shape (n,) with three classes or more.

    >>> X = np.array([[-1.0], [-2.0], [0.0], [0.1], [1.0], [2.0]])
    >>> coefficients, _ = fit_multinomial(X, np.array([0, 0, 1, 1, 2, 2]), 1.0)
    >>> [str(np.sign(each)) for each in np.round(coefficients[:, 0], 1)]
    ['-1.0', '0.0', '1.0']
    """
    model = _fitted(LogisticRegression(C=1.0 / penalty, max_iter=FINAL_STEPS), X, codes)
    return model.coef_, model.intercept_


def choose_multinomial_penalty(
    X: NDArray[Any], codes: NDArray[Any], penalties: NDArray[np.float64], cv: Any = None
) -> tuple[float, float]:
    """The penalty of every other one given with the lowest log-loss on folds, and that log-loss a row.

    Large tables try their penalties on a part of their rows, unless the folds are given.
    """
    if cv is None:
        rows = some_rows(len(codes), max(LEAST_TUNING_ROWS, MOST_WORK // (X.shape[1] * (codes.max() + 1))))
        X, codes = X[rows], codes[rows]
        cv = _folds(codes)
    penalties = penalties[::EVERY_OTHER]
    return best_on_path(penalties, _losses(X, codes, penalties, cv))


def _folds(codes: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
    most = int(np.unique(codes, return_counts=True)[1].max())
    plan = {"n_splits": min(FOLDS, len(codes)), "shuffle": True, "random_state": 0}
    splitter = StratifiedKFold(**plan) if most >= plan["n_splits"] else KFold(**plan)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        return list(splitter.split(np.empty((len(codes), 0)), codes))


def _losses(X: NDArray[Any], codes: NDArray[Any], penalties: NDArray[np.float64], cv: Any) -> Iterator[float]:
    from lamina.evaluation.simple.lasso_logistic import log_loss_sum

    models = [LogisticRegression(max_iter=TUNING_STEPS, tol=1e-3, warm_start=True) for _ in cv]
    rows = sum(len(test) for _, test in cv)
    for penalty in penalties:
        total = 0.0
        for model, (train, test) in zip(models, cv, strict=True):
            _fitted(model.set_params(C=1.0 / penalty), X[train], codes[train])
            total += log_loss_sum(model, X[test], codes[test])
        yield total / rows


def _fitted(model: Any, X: NDArray[Any], codes: NDArray[Any]) -> Any:
    """Fitted; a weak penalty may end before the optimum, which the error on other rows judges."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, codes)
