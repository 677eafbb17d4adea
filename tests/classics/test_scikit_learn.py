"""The classical machines are estimators to scikit-learn's letter."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from lamina.classics import Hebbian, MultiLayerPerceptron, Perceptron

OUTPUTS = ("softmax", "logistic", "logistic_squares", "linear")


@pytest.mark.filterwarnings("ignore::lamina.errors.NotSeparableWarning")
@parametrize_with_checks(
    [
        Perceptron(),
        Perceptron(updating="batch"),
        Hebbian(),
        *(MultiLayerPerceptron(output=output) for output in OUTPUTS),
        MultiLayerPerceptron([5, 4], updating=16, learning_rate=0.02, epochs=200, early_stopping=True),
        MultiLayerPerceptron(output="linear", updating="sequential", learning_rate=0.002, epochs=20),
    ]
)
def test_check_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


def test_the_output_decides_what_the_network_is() -> None:
    for output in OUTPUTS:
        model = MultiLayerPerceptron(output=output)
        assert is_regressor(model) == (output == "linear")
        assert is_classifier(model) == (output != "linear")
        assert hasattr(model, "predict_proba") == (output != "linear")


def test_in_a_search_and_a_pipeline() -> None:
    X, y = load_iris(return_X_y=True)
    model = make_pipeline(
        StandardScaler(), MultiLayerPerceptron(4, epochs=200, learning_rate=0.3, random_state=0)
    )
    search = GridSearchCV(model, {"multilayerperceptron__hidden": [1, [4, 3]]}, cv=3, error_score="raise")
    assert search.fit(X, y).best_score_ > 0.9
    again = pickle.loads(pickle.dumps(search.best_estimator_))
    np.testing.assert_array_equal(again.predict_proba(X), search.best_estimator_.predict_proba(X))


@pytest.mark.filterwarnings("ignore::lamina.errors.NotSeparableWarning")
@pytest.mark.parametrize(
    "model", [Perceptron(random_state=3), MultiLayerPerceptron(3, epochs=50, random_state=3)]
)
def test_names_of_classes_and_the_order_of_rows(model: Any) -> None:
    """Texts come back, and the same seed gives the same bits."""
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    first, second = clone(model).fit(X, names), clone(model).fit(X, names)
    assert set(first.predict(X)) <= set(names)
    np.testing.assert_array_equal(first.predict(X), second.predict(X))


def test_nothing_of_the_other_stages_is_loaded() -> None:
    ask = "import lamina.classics, sys; print([n for n in sys.modules if n == 'jax' or n.startswith('lamina.')])"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    loaded = eval(run.stdout)
    assert all(name == "lamina.errors" or name.startswith("lamina.classics") for name in loaded)
