"""Predictions for the rows of each fold by a network that was fitted without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from sklearn.model_selection._validation import _check_is_permutation, _enforce_prediction_order
from sklearn.preprocessing import LabelEncoder
from sklearn.utils.validation import _num_samples

from lamina.errors import DataError
from lamina.model_selection.candidates import make_candidates
from lamina.model_selection.fitting import Fit, fit_networks
from lamina.model_selection.folds import part_folds
from lamina.model_selection.wording import Ways
from lamina.training.interrupt import InterruptFlag

Method = Literal["predict", "predict_proba", "predict_log_proba", "decision_function"]
BY_CLASS = ("predict_proba", "predict_log_proba", "decision_function")
"""What has a column a class, whose order must be that of all rows' classes."""

Splits = Sequence[tuple[Any, Any]]


def predict_folds(
    estimator: Any, X: Any, y: Any, splits: Splits, fit_params: Mapping[str, Any], method: Method
) -> tuple[list[np.ndarray], str]:
    """What a model answers for the test rows of each split once it is fitted on the training rows, and how that ran.

    Raises
    ------
    DataError
        If the test rows of all splits are not each row once.
    """
    n = _num_samples(X)
    if not _check_is_permutation(np.concatenate([test for _, test in splits]), n):
        raise DataError(
            f"cross_val_predict only works for partitions: each of the {n} rows must be in one test fold, and only one. "
            "Use cross_validate for other splits."
        )
    y, n_classes = _encoded(y) if method in BY_CLASS else (y, None)
    candidates = make_candidates(estimator, [{}])
    folds = part_folds(estimator, X, y, splits, fit_params, {})
    found: dict[int, np.ndarray] = {}
    failed: list[Exception] = []

    def receive(fits: Sequence[Fit]) -> None:
        for fit in fits:
            try:
                found[fit.fold.place] = _answer(fit, method, n_classes)
            except Exception as error:  # raised below, once the threads that fit are back
                failed.append(error)

    with InterruptFlag() as interrupt:
        fit_networks(candidates, folds, receive, stop=lambda: interrupt.requested or bool(failed))
    if failed:
        raise failed[0]
    if len(found) < len(splits):
        raise KeyboardInterrupt
    return [found[place] for place in range(len(splits))], str(
        Ways.of(candidates, len(splits), supervised=True)
    )


def join_folds(predictions: Sequence[np.ndarray], splits: Splits) -> np.ndarray:
    """Predictions of the folds in the order of the rows.

    >>> join_folds([np.array([10, 30]), np.array([20])], [([1], [0, 2]), ([0, 2], [1])]).tolist()
    [10, 20, 30]
    """
    rows = np.concatenate([test for _, test in splits])
    joined: np.ndarray = np.concatenate(predictions)[np.argsort(rows)]
    return joined


def _encoded(y: Any) -> tuple[np.ndarray, int]:
    """Classes as their places among all, and how many there are; labels as they are."""
    values = np.asarray(y)
    if values.ndim > 1:
        return values, values.shape[1]
    encoder = LabelEncoder().fit(values)
    return encoder.transform(values), len(encoder.classes_)


def _answer(fit: Fit, method: str, n_classes: int | None) -> np.ndarray:
    if fit.error is not None:
        raise fit.error
    test = fit.fold.test if fit.rows is None else fit.rows.test
    model, X = (fit.model(), test.X) if test.query is None else (fit.network, test.query)
    answer = getattr(model, method)(X)
    if n_classes is None:
        return np.asarray(answer)
    return np.asarray(_enforce_prediction_order(fit.network.classes_, answer, n_classes, method))  # type: ignore[union-attr]
