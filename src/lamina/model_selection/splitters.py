"""The splitter behind ``cv``, or an error that says what is wrong with the outcome."""

from __future__ import annotations

from typing import Any

from sklearn.base import is_classifier
from sklearn.model_selection import check_cv

from lamina.data.validation import check_target
from lamina.estimators.base import is_network


def splitter(cv: Any, y: Any, estimator: Any) -> Any:
    """The splitter that ``cv`` means for this outcome and estimator, by scikit-learn's rules.

    scikit-learn sorts class labels to see whether they are classes, and fails where one is missing among text; a network's own
    check says so.

    >>> from lamina import NeuralClassifier
    >>> splitter(3, ["a", "b", None, "a"], NeuralClassifier())
    Traceback (most recent call last):
    lamina.errors.DataError: y contains NaN: it is missing in 1 of 4 rows ...
    """
    try:
        return check_cv(cv, y, classifier=is_classifier(estimator))
    except (TypeError, ValueError):
        if is_classifier(estimator) and is_network(estimator):
            check_target(y, "classification")
        raise
