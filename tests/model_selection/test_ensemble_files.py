"""An ensemble that was saved and loaded is the ensemble."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from small_fits import linear_data

from lamina import NeuralClassifier, NeuralRegressor, load
from lamina.errors import FileFormatError, SpecificationError
from lamina.files.container import Content
from lamina.files.models import from_content, to_content
from lamina.layers import Dense
from lamina.model_selection import EnsembleClassifier, EnsembleRegressor

X, Y = linear_data()
FRAME = pd.DataFrame(X, columns=list("abc")).assign(town=["Ulm", "Bonn", "Kiel"] * 20)
CLASSES = np.where(Y > 0, "high", "low")
REGRESSOR = NeuralRegressor([Dense(4, "tanh")], epochs=1)
CLASSIFIER = NeuralClassifier([Dense(4, "tanh")], epochs=1)
DRAWS = ["seed", "bootstrap", "fold"]
# Two or three members leave some rows to none, and few rows make trees that agree.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.* rows were learnt from or watched:lamina.errors.DataWarning"),
    pytest.mark.filterwarnings("ignore:all 2 members predict the same:UserWarning"),
]


def there_and_back(fitted: Any, path: Path) -> Any:
    fitted.save(path)
    return load(path)


@pytest.mark.parametrize(
    ("draw", "x", "classes"),
    [("seed", X, False), ("bootstrap", FRAME, True), ("fold", FRAME, False)],
    ids=DRAWS,
)
def test_the_round_trip_is_exact(draw: str, x: Any, classes: bool, tmp_path: Path) -> None:
    kind, model, y = (
        (EnsembleClassifier, CLASSIFIER, CLASSES) if classes else (EnsembleRegressor, REGRESSOR, Y)
    )
    fitted = kind(model, 3, draw=draw, random_state=0).fit(x, y)
    again = there_and_back(fitted, tmp_path / "ensemble.lamina")
    assert repr(again) == repr(fitted)
    assert vars(again).keys() == vars(fitted).keys()
    np.testing.assert_array_equal(again.predict_members(x), fitted.predict_members(x))
    assert [one.history_ for one in again.estimators_] == [one.history_ for one in fitted.estimators_]
    shared = {len({id(member.features_) for member in each.estimators_}) for each in (fitted, again)}
    assert shared == {3 if draw == "fold" else 1}, "rows are encoded once where that is enough"
    if draw != "seed":
        np.testing.assert_array_equal(getattr(again, again.left_out), getattr(fitted, fitted.left_out))
        np.testing.assert_equal(again.oob_score_, fitted.oob_score_)
        np.testing.assert_equal(again.estimators_samples_, fitted.estimators_samples_)


def test_the_default_model_and_a_splitter(tmp_path: Path) -> None:
    fitted = EnsembleRegressor(REGRESSOR, draw="fold", cv=KFold(2), random_state=0).fit(X, Y)
    with pytest.warns(UserWarning, match="cv=KFold.*is not held by a file"):
        again = there_and_back(fitted, tmp_path / "ensemble.lamina")
    assert again.cv is None
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X))


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    trees = EnsembleRegressor(DecisionTreeRegressor(), 2).fit(X, Y)
    with pytest.raises(SpecificationError, match="cannot save model=DecisionTreeRegressor"):
        trees.save(tmp_path / "trees.lamina")
    nested = EnsembleRegressor(EnsembleRegressor(DecisionTreeRegressor(), 2), 2).fit(X, Y)
    with pytest.raises(SpecificationError, match="cannot save"):
        nested.save(tmp_path / "trees.lamina")
    for model in (make_pipeline(StandardScaler(), REGRESSOR), make_pipeline(REGRESSOR)):
        fitted = EnsembleRegressor(model, 2, draw="bootstrap", random_state=0).fit(X, Y)
        with pytest.raises(SpecificationError) as told:
            fitted.save(tmp_path / "pipeline.lamina")
        assert str(told.value) == (
            "cannot save model=Pipeline: a .lamina file holds Lamina's own models alone. Use joblib.dump, and load such a file "
            "only where you trust its source."
        )
    assert not list(tmp_path.iterdir())


def test_a_file_that_no_lamina_wrote_is_refused() -> None:
    content = to_content(EnsembleRegressor(REGRESSOR, 2, random_state=0).fit(X, Y))
    about = content.specification
    model, [first, second] = about["parameters"]["model"], about["members"]
    changes: list[dict[str, Any]] = [
        {"members": []},
        {"members": [first]},
        {"members": [first, second, second]},
        {"members": [first, {**second, "seed": "one"}]},
        {"members": [first, {**second, "shared": None}]},
        {"members": ["first"]},
        {"oob_score": "much"},
        {"parameters": {"model": {**model, "name": "os.system"}}},
        {"parameters": {"model": {**model, "parameters": {"layres": []}}}},
        {"estimator": "EnsembleClassifier"},
    ]
    for change in changes:
        with pytest.raises(FileFormatError):
            from_content(Content({**about, **change}, content.arrays))
