"""Estimators fitted as one population: each as its own fit would, whatever is wrong with another."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from lamina import NeuralRegressor
from lamina.errors import DataWarning
from lamina.estimators.many import Source, Task, fit_many
from lamina.layers import Dense, Residual

X = np.random.default_rng(0).standard_normal((30, 3)).astype(np.float32)
Y = X[:, 0] - X[:, 1]
MODEL = NeuralRegressor([Dense(3, "tanh")], epochs=2, batch_size=16, random_state=0)


@pytest.mark.parametrize("bad", [[Dense(8, "step")], [Residual([Dense(7)])], "nonsense"], ids=str)
def test_bad_layers_fail_alone_even_where_they_come_first(bad: Any) -> None:
    source = Source(X, Y, queries=(X[:4],))
    tasks = [Task(clone(MODEL).set_params(layers=layers), source) for layers in (bad, MODEL.layers)]
    failed, fine = fit_many(tasks)
    assert failed.estimator is None
    assert isinstance(failed.error, (ValueError, TypeError))
    assert fine.estimator is not None
    expected = clone(MODEL).fit(X, Y).predict(X[:4])
    np.testing.assert_allclose(fine.estimator.predict(source.queries[0]), expected, rtol=1e-5, atol=1e-6)


def test_a_generator_moves_once_a_fit() -> None:
    """As in a fit of its own: the same weights, and the generator where it would be."""
    alone, here = np.random.RandomState(3), np.random.RandomState(3)
    fitted = copy.copy(MODEL).set_params(random_state=alone).fit(X, Y)
    (result,) = fit_many([Task(copy.copy(MODEL).set_params(random_state=here), Source(X, Y))])
    assert result.estimator is not None
    np.testing.assert_allclose(result.estimator.predict(X), fitted.predict(X), rtol=1e-5, atol=1e-6)
    assert alone.randint(1000) == here.randint(1000)


def test_gaps_in_new_rows_alone_take_the_training_mean() -> None:
    frame = pd.DataFrame(X.astype(float), columns=list("abc"))
    model = clone(MODEL).fit(frame, Y)
    gap, mean = frame[:3].copy(), frame[:3].copy()
    gap.loc[1, "b"] = np.nan
    mean.loc[1, "b"] = frame["b"].mean()
    with pytest.warns(DataWarning, match="missing values in 'b', which had none in training"):
        predicted = model.predict(gap)
    np.testing.assert_allclose(predicted, model.predict(mean), rtol=1e-5)
