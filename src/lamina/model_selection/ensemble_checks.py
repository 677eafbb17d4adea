"""What a user should hear of a fitted ensemble: members that are all the same, and rows that no member left out."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import _num_samples

from lamina.errors import DataWarning
from lamina.estimators.base import NeuralEstimator, final_step

TRIED = 50
"""Rows at which members are compared."""
ROUNDING = 1e-12
"""Relative difference that the order of sums alone can make, as where rows lie differently in memory."""


def warn_if_alike(members: Sequence[Any], X: Any) -> None:
    """Say that members which differ by their seeds alone do not differ.

    They are compared by what they give for some rows of X, and for those rows with each column shuffled, since deep trees agree
    at the rows that they learnt whatever their seeds. Networks start from weights drawn by their seeds, and are not asked.
    """
    if len(members) < 2 or isinstance(members[0], NeuralEstimator) or not _alike(members, X):
        return
    name = type(final_step(members[0])).__name__
    warnings.warn(
        f"all {len(members)} members predict the same, so that their spread is zero: with these rows and parameters "
        f"{name} does not depend on its random_state, which is all that draw='seed' changes. Use draw='bootstrap'.",
        UserWarning,
        stacklevel=4,
    )


def warn_if_never_left_out(out: np.ndarray, draw: str, prediction: str) -> None:
    """Say how many rows no member left out, given whether each did, shape (members, n)."""
    n, missing = out.shape[1], int((~out.any(axis=0)).sum())
    if not missing:
        return
    had = "the only member" if len(out) == 1 else f"each of the {len(out)} members"
    score = f"oob_score_ is over the other {n - missing}" if missing < n else "oob_score_ is NaN"
    remedy = "Take more members" if draw == "bootstrap" else "Give a cv that leaves out each row"
    warnings.warn(
        f"{missing} of {n} rows were learnt from or watched by {had}: {prediction} is NaN there, and {score}. {remedy}.",
        DataWarning,
        stacklevel=4,
    )


def _alike(members: Sequence[Any], X: Any) -> bool:
    n = _num_samples(X)
    rows = _safe_indexing(X, np.unique(np.linspace(0, n - 1, TRIED).astype(int)))
    return _agree(members, rows) and _agree(members, _shuffled(rows))


def _agree(members: Sequence[Any], X: Any) -> bool:
    first = _answer(members[0], X)
    return all(_same(first, _answer(member, X)) for member in members[1:])


def _answer(member: Any, X: Any) -> Any:
    """The most telling that a model gives: of a classifier what its classes are chosen by, where it has that."""
    ways = ("decision_function", "predict_proba", "predict")
    return next(getattr(member, way) for way in ways if hasattr(member, way))(X)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list):  # of several labels some of scikit-learn's give a list
        return all(map(_same, one, other))
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape or one.dtype.kind not in "fc":
        return bool(np.array_equal(one, other))
    return bool(np.allclose(one, other, rtol=ROUNDING, atol=0))


def _shuffled(rows: Any) -> Any:
    """The same rows with each column in an order of its own, so that every value is one that its column has.

    >>> _shuffled(np.arange(6).reshape(3, 2)).sum(axis=0).tolist()
    [6, 9]
    """
    rng = np.random.default_rng(0)
    if hasattr(rows, "iter_columns"):  # of polars
        return type(rows)([column.shuffle(seed=k) for k, column in enumerate(rows.iter_columns())])
    if hasattr(rows, "isetitem"):  # of pandas
        mixed = rows.copy()
        for place in range(rows.shape[1]):
            mixed.isetitem(place, rows.iloc[rng.permutation(len(rows)), place].array)
        return mixed
    return rng.permuted(rows, axis=0) if isinstance(rows, np.ndarray) and rows.ndim == 2 else rows
