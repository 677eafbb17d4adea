"""A small network and rows that the tests of model selection share, and the comparison with scikit-learn's results."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.estimators.many import Result
from lamina.layers import Dense
from lamina.model_selection import fitting

X, Y = linear_data()
LABELS = np.array(["low", "mid", "high"])[np.digitize(Y, np.quantile(Y, [1 / 3, 2 / 3]))]
REGRESSOR = NeuralRegressor([Dense(3, "tanh")], epochs=2, random_state=0)
CLASSIFIER = NeuralClassifier([Dense(3, "tanh")], epochs=2, random_state=0)
RATES = {"optimizer__learning_rate": [0.1, 0.01]}


def assert_same_results(ours: Any, theirs: Any, rtol: float = 1e-4) -> None:
    """The results of two searches have the same keys, and the same values but for times."""
    assert ours.cv_results_.keys() == theirs.cv_results_.keys()
    for name, wanted in theirs.cv_results_.items():
        found = ours.cv_results_[name]
        assert type(found) is type(wanted)
        if name.endswith("_time"):
            assert np.shape(found) == np.shape(wanted)
        elif name.startswith("param"):
            assert list(map(str, found)) == list(map(str, wanted))
        else:
            np.testing.assert_allclose(found, wanted, rtol=rtol, err_msg=name)
    for name in ("best_index_", "best_params_", "multimetric_", "n_splits_"):
        assert str(getattr(ours, name, None)) == str(getattr(theirs, name, None))
    assert hasattr(ours, "best_score_") == hasattr(theirs, "best_score_")


def press_after(monkeypatch: pytest.MonkeyPatch, fits: int) -> None:
    """Let a population be interrupted once so many of its fits are done."""

    def fit_many(tasks: Sequence[Any], **options: Any) -> Any:
        done = original(tasks[:fits], **options) if fits else []
        signal.raise_signal(signal.SIGINT)
        return [*done, *[Result()] * (len(tasks) - fits)]

    original = fitting.fit_many
    monkeypatch.setattr(fitting, "fit_many", fit_many)
