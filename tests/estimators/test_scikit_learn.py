"""The estimators are scikit-learn's to the letter, alone and inside its tools."""

import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor
from lamina.estimators import EarlyStopping, is_network
from lamina.layers import L1, L2, Dense, Dropout
from lamina.training import SGD, Adam
from lamina.training.schedules import Cosine

X, Y = linear_data()
CLASSES = np.where(Y > 0.5, "high", "low")
SMALL = [Dense(4, "tanh")]

EVERYTHING: dict[str, Any] = {
    "layers": [Dense(4, "relu", penalty=L1(0.01)), Dropout(0.1)],
    "optimizer": SGD(Cosine(0.1), momentum=0.5),
    "penalty": L1(0.01) + L2(0.02),
    "early_stopping": EarlyStopping(3),
    "random_state": 0,
    "epochs": 5,
}


@parametrize_with_checks(
    [
        NeuralRegressor(),
        NeuralClassifier(),
        NeuralRegressor([Dense(4)], optimizer="lbfgs", scale=False),
    ]
)
def test_check_estimator(estimator: Any, check: Any) -> None:
    check(estimator)


@pytest.mark.parametrize(("kind", "y"), [(NeuralRegressor, Y), (NeuralClassifier, CLASSES)])
def test_a_pickled_model_predicts_the_same_bits(kind: type, y: np.ndarray, tmp_path: Path) -> None:
    model = kind(**EVERYTHING).fit(X, y)
    joblib.dump(model, tmp_path / "model.joblib")
    for again in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")):
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        assert again.get_params() == model.get_params()
        assert again.history_ == model.history_


@pytest.mark.parametrize("kind", [NeuralRegressor, NeuralClassifier])
def test_clones_are_equal_and_unfitted(kind: type) -> None:
    model = kind(**EVERYTHING)
    copy = clone(model)
    assert copy.get_params() == model.get_params()
    assert copy is not model
    y = Y if kind is NeuralRegressor else CLASSES
    np.testing.assert_array_equal(copy.fit(X, y).predict(X), model.fit(X, y).predict(X))


def test_the_constructor_stores_what_it_is_given() -> None:
    model = NeuralRegressor(**EVERYTHING)
    assert all(getattr(model, name) is value for name, value in EVERYTHING.items())
    fitted = NeuralRegressor(**EVERYTHING).fit(X, Y)
    assert fitted.get_params(deep=False) == model.get_params(deep=False)


def test_repr_is_the_code_that_makes_it() -> None:
    names = {"NeuralRegressor": NeuralRegressor, "Dense": Dense, "Dropout": Dropout, "Adam": Adam}
    model = NeuralRegressor([Dense(8, "relu"), Dropout(0.4)], optimizer=Adam(0.01), epochs=20)
    assert eval(repr(model), names).get_params() == model.get_params()


def test_in_a_pipeline() -> None:
    model = NeuralRegressor(SMALL, scale=False, epochs=5, random_state=0)
    pipeline = make_pipeline(StandardScaler(), model).fit(X, Y)
    assert is_network(pipeline)
    assert not is_network(make_pipeline(StandardScaler()))
    scaled = StandardScaler().fit_transform(X)
    np.testing.assert_array_equal(pipeline.predict(X), clone(model).fit(scaled, Y).predict(scaled))


def test_behind_a_column_transformer() -> None:
    import pandas as pd

    frame = pd.DataFrame(X, columns=["a", "b", "c"]).assign(group=np.where(X[:, 0] > 0, "u", "v"))
    encode = ColumnTransformer([("groups", OneHotEncoder(), ["group"])], remainder="passthrough")
    pipeline = make_pipeline(encode, NeuralRegressor([], optimizer="lbfgs")).fit(frame, Y)
    assert pipeline[-1].n_features_in_ == 5
    assert pipeline.score(frame, Y) > 0.8


def test_grid_search_reaches_inside() -> None:
    grid = {
        "optimizer__learning_rate": [1e-9, 0.05],
        "layers__dropout_1__rate": [0.0, 0.9],
        "penalty": [0.0],
    }
    model = NeuralRegressor([Dense(4, "tanh"), Dropout(0.5)], epochs=20, random_state=0)
    search = GridSearchCV(model, grid, cv=2, error_score="raise").fit(X, Y)
    assert search.best_params_ == {
        "optimizer__learning_rate": 0.05,
        "layers__dropout_1__rate": 0.0,
        "penalty": 0.0,
    }
    best = search.best_estimator_
    assert (best.optimizer, best.layers) == (Adam(0.05), [Dense(4, "tanh"), Dropout(0.0)])
    assert model.layers == [Dense(4, "tanh"), Dropout(0.5)]


def test_cross_validation_scores_any_task() -> None:
    regressor = NeuralRegressor([], optimizer="lbfgs")
    assert cross_val_score(regressor, X, Y, cv=3).min() > 0.7
    classifier = NeuralClassifier([], optimizer="lbfgs", penalty=0.01)
    for scoring in ("accuracy", "roc_auc", "neg_log_loss"):
        assert np.isfinite(cross_val_score(classifier, X, CLASSES, cv=3, scoring=scoring)).all()
    softmax = NeuralClassifier(
        [], loss="categorical_crossentropy", optimizer="lbfgs", penalty=0.01, random_state=0
    )
    assert cross_val_score(softmax, X, CLASSES, cv=3, scoring="roc_auc").mean() > 0.7
