"""What scikit-learn's own tests do not reach."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import neural_network
from sklearn.datasets import load_iris

from lamina import drop_in
from lamina.drop_in import base
from lamina.errors import LaminaError

X, Y = load_iris(return_X_y=True)


def fitted(module: Any = drop_in, **parameters: Any) -> Any:
    given = {"hidden_layer_sizes": (3,), "solver": "sgd", "random_state": 0, "max_iter": 5, **parameters}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return module.MLPClassifier(**given).fit(X, Y)


def test_a_sparse_matrix_is_predicted_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    model = fitted()
    monkeypatch.setattr(base, "BLOCK", 64)
    np.testing.assert_allclose(model.predict_proba(csr_matrix(X)), model.predict_proba(X), rtol=1e-12)


def test_where_no_later_score_is_better_a_warm_start_keeps_the_weights() -> None:
    """scikit-learn means to as well, but moves them, since there the best weights are those being trained."""
    model = fitted(early_stopping=True, warm_start=True, learning_rate_init=0.05, max_iter=40)
    before = model.coefs_[0].copy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.set_params(learning_rate_init=1e-9, max_iter=2).fit(X, Y)
    np.testing.assert_array_equal(model.coefs_[0], before)


def test_an_error_is_one_of_laminas_and_of_scikit_learns_kind() -> None:
    huge = X * 1e200
    model = drop_in.MLPRegressor(solver="sgd", learning_rate_init=1e3, max_iter=20, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ValueError, match="non-finite parameter weights") as caught:
            model.fit(huge, Y)
    assert isinstance(caught.value, LaminaError)


def test_the_classifier_has_every_public_attribute_of_scikit_learns() -> None:
    theirs = fitted(neural_network)
    assert {name for name in vars(theirs) if not name.startswith("_")} <= set(dir(fitted()))
    assert drop_in.MLPClassifier().loss == theirs.loss


def test_the_classifier_shows_its_constructor_and_the_regressor_adds_the_loss() -> None:
    classifier, regressor = drop_in.MLPClassifier().get_params(), drop_in.MLPRegressor().get_params()
    assert classifier == neural_network.MLPClassifier().get_params()
    assert regressor == {**classifier, "loss": "squared_error"}
