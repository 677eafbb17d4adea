"""The members of an ensemble as one model that answers with their mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Average:
    """Fitted networks whose predictions are averaged, as those of `EnsembleRegressor` and `EnsembleClassifier`.

    The members may hold their answers alone, without parameters.

    >>> from sklearn.linear_model import LinearRegression
    >>> members = [LinearRegression().fit([[0.0], [1.0]], [0.0, top]) for top in (1.0, 3.0)]
    >>> Average(members).predict([[1.0]]).tolist()
    [2.0]
    """

    def __init__(self, members: Sequence[Any]) -> None:
        self.members = members
        if hasattr(members[0], "classes_"):
            self.classes_ = members[0].classes_
            self.predict_proba = self._mean_probabilities

    @property
    def n_parameters_(self) -> int:
        """The parameters of all members."""
        return sum(int(member.n_parameters_) for member in self.members)

    def predict(self, X: Any) -> NDArray[Any]:
        """The mean of the members' predictions, or the class of largest mean probability, shape (n,)."""
        if hasattr(self, "classes_"):
            chosen: NDArray[Any] = self.classes_[self._mean_probabilities(X).argmax(axis=1)]
            return chosen
        mean: NDArray[Any] = np.mean([member.predict(X) for member in self.members], axis=0)
        return mean

    def _mean_probabilities(self, X: Any) -> NDArray[Any]:
        """Mean class probabilities, shape (n, C) in the order of ``classes_``."""
        mean: NDArray[Any] = np.mean([member.predict_proba(X) for member in self.members], axis=0)
        return mean
