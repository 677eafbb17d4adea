"""Searches and ensembles of networks for images: augmentation and precision as parameters among others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn import model_selection
from sklearn.base import clone

from lamina import NeuralClassifier, load
from lamina.layers import Conv2D, Dense, Flatten, HorizontalFlip, Layer, MaxPool2D, Rotate, Shift
from lamina.model_selection import EnsembleClassifier, GridSearchCV

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (24, 8, 8), dtype=np.uint8)
Y = np.arange(24) % 3
X[Y == 1, :4] //= 3
X[Y == 2, :, :4] //= 3
DENSE: list[Layer] = [Flatten(), Dense(4, "relu")]
CONVOLVING: list[Layer] = [Conv2D(2, 3, "relu"), MaxPool2D(3), Flatten()]
VARIED = [HorizontalFlip(), Shift(0.1), Rotate(5)]
TOGETHER = "{} fits as one population."
ALONE = "{} fits one after the other: a network with convolutions fills the machine by itself."


def classifier(layers: list[Layer], **settings: Any) -> NeuralClassifier:
    return NeuralClassifier(layers, epochs=2, batch_size=8, random_state=0, **settings)


def by_split(search: Any) -> np.ndarray:
    return np.array([search.cv_results_[f"split{split}_test_score"] for split in range(2)])


@pytest.mark.parametrize(
    ("layers", "how"), [(DENSE, TOGETHER), (CONVOLVING, ALONE)], ids=["dense", "convolving"]
)
@pytest.mark.parametrize(
    "grid",
    [
        {"augment__shift_1__height": [0.0, 0.25], "augment__rotate_1__degrees": [0.0, 20.0]},
        {"augment__shift_1__width": [None, 0.3]},
        {"augment": [None, [HorizontalFlip()]]},
    ],
    ids=["strengths", "none-and-number", "whole"],
)
def test_each_strength_of_a_search_has_the_score_of_its_lone_fit(
    layers: list[Layer], how: str, grid: dict[str, Any]
) -> None:
    options = {"cv": 2, "scoring": "neg_log_loss", "refit": False}
    model = classifier(layers, augment=VARIED)
    ours = GridSearchCV(model, grid, **options).fit(X, Y)
    theirs = model_selection.GridSearchCV(model, grid, **options).fit(X, Y)
    np.testing.assert_allclose(by_split(ours), by_split(theirs), rtol=1e-5)
    assert (np.ptp(by_split(ours), axis=1) > 1e-6).all()
    assert ours.how_ == how.format(2 * len(by_split(ours)[0]))


def test_precision_is_searched_and_the_best_is_fitted_with_it(tmp_path: Path) -> None:
    model = classifier(DENSE, augment=[Shift(0.1)])
    grid = {"precision": [None, "bfloat16"]}
    options = {"cv": 2, "scoring": "neg_log_loss"}
    search = GridSearchCV(model, grid, refit=lambda results: 1, **options).fit(X, Y)
    lone = model_selection.GridSearchCV(model, grid, refit=False, **options).fit(X, Y)
    # Products of 16-bit numbers are summed in another order in a population.
    np.testing.assert_allclose(by_split(search), by_split(lone), rtol=1e-3)
    wide, narrow = by_split(search).T
    assert not np.array_equal(wide, narrow)
    np.testing.assert_allclose(narrow, wide, rtol=0.02)
    assert search.best_params_ == {"precision": "bfloat16"}
    best = search.best_estimator_
    assert best.network_.precision == best.precision == "bfloat16"
    best.save(tmp_path / "best.lamina")
    again = load(tmp_path / "best.lamina")
    assert again.network_.precision == again.precision == "bfloat16"
    np.testing.assert_array_equal(again.predict_proba(X), best.predict_proba(X))


def test_members_of_an_ensemble_keep_the_precision_also_in_a_file(tmp_path: Path) -> None:
    model = classifier(DENSE, precision="bfloat16")
    ensemble = EnsembleClassifier(model, 3, random_state=0).fit(X, Y)
    assert [member.network_.precision for member in ensemble.estimators_] == ["bfloat16"] * 3
    lone = clone(ensemble.estimators_[0]).fit(X, Y)
    np.testing.assert_allclose(ensemble.estimators_[0].predict_proba(X), lone.predict_proba(X), atol=0.01)
    ensemble.save(tmp_path / "many.lamina")
    again = load(tmp_path / "many.lamina")
    assert [member.network_.precision for member in again.estimators_] == ["bfloat16"] * 3
    np.testing.assert_array_equal(again.predict_members(X), ensemble.predict_members(X))


@pytest.mark.parametrize(("layers", "before"), [(DENSE, None), (DENSE, "bfloat16"), (None, None)])
def test_a_fit_does_not_go_on_in_another_precision(layers: list[Layer] | None, before: str | None) -> None:
    after = None if before else "bfloat16"
    model = NeuralClassifier(layers, epochs=1, random_state=0, warm_start=True, precision=before).fit(X, Y)
    kept = model.predict_proba(X)
    with pytest.raises(ValueError, match=r"layers, augment or precision changed since.*warm_start=False"):
        model.set_params(precision=after).fit(X, Y)
    assert model.network_.precision == before
    np.testing.assert_array_equal(model.predict_proba(X), kept)
