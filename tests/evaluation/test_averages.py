"""An ensemble in a comparison is, member for member, the ensemble that a user fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lamina import NeuralClassifier, NeuralRegressor, compare
from lamina.layers import Dense
from lamina.model_selection import EnsembleClassifier, EnsembleRegressor

rng = np.random.default_rng(0)
X = pd.DataFrame(rng.normal(size=(60, 3)), columns=["a", "b", "c"])
Y = X["a"] ** 2 + 0.1 * rng.normal(size=60)
SMALL = {"layers": [Dense(4, "tanh")], "epochs": 5}


@pytest.mark.parametrize(
    ("ensemble", "network", "y", "metric"),
    [
        (EnsembleRegressor, NeuralRegressor, Y, "mae"),
        (EnsembleClassifier, NeuralClassifier, np.where(Y > 1, "high", "low"), "log_loss"),
    ],
    ids=["regression", "classification"],
)
def test_its_errors_are_those_of_the_ensemble_fitted_by_itself(ensemble, network, y, metric) -> None:
    model = ensemble(network(**SMALL), 3, random_state=0)
    simple = "linear" if metric == "mae" else "logistic"
    result = compare(X, y, models={"ours": model}, include=[simple], cv=2, metric=metric)
    assert result.networks == ("ours",)
    for split, (train, test) in enumerate(result.problem.splits, start=1):
        alone = ensemble(network(**SMALL), 3, random_state=0).fit(X.iloc[train], np.asarray(y)[train])
        if metric == "mae":
            error = np.abs(alone.predict(X.iloc[test]) - y.iloc[test]).mean()
        else:
            chances = alone.predict_proba(X.iloc[test])
            error = -np.log(chances[np.arange(30), np.searchsorted(alone.classes_, y[test])]).mean()
        assert result.scores.loc["ours", split] == pytest.approx(error, rel=1e-4)
    assert result.table.loc["ours", "parameters"] == 3 * alone.estimators_[0].n_parameters_


def test_the_seeds_of_the_members_are_those_of_a_fit() -> None:
    model = EnsembleRegressor(NeuralRegressor(**SMALL), 3, random_state=5)
    fitted = model.fit(X, Y).estimators_
    unfitted = model.seeded_members()
    assert [each.random_state for each in unfitted] == [each.random_state for each in fitted]
    bagged = EnsembleRegressor(NeuralRegressor(**SMALL), 3, draw="bootstrap")
    assert bagged.seeded_members() == [bagged]
