"""Small models that misbehave in one known way, for the tests of the comparison."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.pipeline import Pipeline


class Constant(RegressorMixin, BaseEstimator):
    """Predict one number, whatever the data; the base of what follows."""

    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def fit(self, X: Any, y: Any) -> Self:
        self.n_features_in_ = np.shape(X)[1]
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.full(len(X), self.value)


class Failing(Constant):
    """Fail where the first training row's outcome is above a value."""

    def fit(self, X: Any, y: Any) -> Self:
        if np.max(y) >= self.value:
            raise RuntimeError("no luck today\nand a second line")
        return super().fit(X, y)


class Interrupting(Constant):
    """As if the user had pressed Ctrl-C."""

    def fit(self, X: Any, y: Any) -> Self:
        raise KeyboardInterrupt


class Interrupted(Constant):
    """As Lamina's networks do on Ctrl-C: keep what there is, and say so."""

    interrupted_ = True


class Warner(Constant):
    """Warn in every fit, with another number each time."""

    def fit(self, X: Any, y: Any) -> Self:
        warnings.warn(f"the gap is {np.mean(y):.6f}", UserWarning, stacklevel=2)
        return super().fit(X, y)


class Recording(Constant):
    """Write down the rows of every fit and prediction, told by the column ``row``."""

    def __init__(self, value: float = 0.0, log: list[Any] | None = None) -> None:
        super().__init__(value)
        self.log = log

    def __sklearn_clone__(self) -> Recording:
        return Recording(self.value, self.log)

    def fit(self, X: Any, y: Any) -> Self:
        assert self.log is not None
        self.log.append(("fit", list(X["row"]), list(y)))
        return super().fit(X, y)

    def predict(self, X: Any) -> np.ndarray:
        assert self.log is not None
        self.log.append(("predict", list(X["row"])))
        return super().predict(X)


def raw(model: Any) -> Pipeline:
    """In a pipeline, so that it is given the table as it is."""
    return Pipeline([("model", model)])
