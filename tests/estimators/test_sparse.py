"""Sparse rows: every estimator takes them, and what it learns is what it learns from the same rows written out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import sparse

from lamina import NeuralClassifier, NeuralRegressor, load
from lamina.errors import DataError, SpecificationError
from lamina.layers import Dense, Dropout
from lamina.model_selection import EnsembleClassifier

rng = np.random.default_rng(0)
DENSE = np.where(rng.random((120, 40)) < 0.15, rng.normal(size=(120, 40)), 0).astype(np.float32)
X = sparse.csr_array(DENSE)
Y = (DENSE[:, 0] + DENSE[:, 1] + DENSE[:, 2] > 0).astype(int)


@pytest.mark.parametrize("kind", [sparse.csr_array, sparse.csc_matrix, sparse.coo_array, sparse.lil_matrix])
def test_a_fit_is_that_on_the_dense_rows(kind: Any) -> None:
    model = NeuralClassifier([Dense(4, "relu")], epochs=3, batch_size=32, scale=False, random_state=0)
    dense = model.fit(DENSE, Y).predict_proba(DENSE)
    np.testing.assert_allclose(model.fit(kind(X), Y).predict_proba(kind(X)), dense, atol=1e-5)


def test_validation_rows_weights_and_float64() -> None:
    model = NeuralRegressor([Dense(4, "relu")], epochs=3, batch_size=32, scale=False, random_state=0)
    wide, weights = DENSE.astype(np.float64), np.arange(120) % 3
    given = {"sample_weight": weights, "y_val": Y[:30]}
    dense = model.fit(wide, Y, X_val=wide[:30], **given).history_.validation_loss
    rows = sparse.csr_array(wide)
    np.testing.assert_allclose(
        model.fit(rows, Y, X_val=rows[:30], **given).history_.validation_loss, dense, atol=1e-8
    )
    assert model.predict(rows).dtype == np.float64


def test_the_default_network_saved_and_loaded(tmp_path: Path) -> None:
    model = NeuralClassifier(random_state=0, epochs=5).fit(X, Y)
    assert [layer.units for layer in model.network_.layers] == [16, 16, 1]
    model.save(tmp_path / "words.lamina")
    again = load(tmp_path / "words.lamina")
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    np.testing.assert_array_equal(again.predict_proba(DENSE), model.predict_proba(X))


@pytest.mark.parametrize("draw", ["seed", "bootstrap"])
def test_an_ensemble(draw: str) -> None:
    made = EnsembleClassifier(
        NeuralClassifier([Dense(4, "relu")], epochs=2, scale=False), 12, draw=draw, random_state=0
    )
    with_zeros = made.fit(DENSE, Y).predict_proba(DENSE)
    np.testing.assert_allclose(made.fit(X, Y).predict_proba(X), with_zeros, atol=1e-5)


def test_what_cannot_be_sparse_is_refused() -> None:
    with pytest.raises(SpecificationError, match=r"let a Dense layer come first"):
        NeuralClassifier([Dropout(0.1), Dense(4)]).fit(X, Y)
    model = NeuralClassifier([Dense(4)], epochs=1).fit(DENSE, Y)
    with pytest.raises(DataError, match=r"give X.toarray\(\)"):
        model.predict(X)
    broken = X.copy()
    broken.data[3] = np.nan
    with pytest.raises(DataError, match=r"X contains NaN: 1 of the \d+ values .* put numbers there"):
        NeuralClassifier([Dense(4)]).fit(broken, Y)


def test_a_fit_remembers_its_rows() -> None:
    model = NeuralClassifier([Dense(4)], epochs=1, random_state=0).fit(X.copy(), Y)
    assert model.predict_set(X, method="split").shape == (120, 2)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (X * np.inf, "infinity"),
        (X[:, :0], r"0 feature\(s\)"),
        (X[:0], r"0 sample\(s\)"),
        (X * 1j, "Complex data not supported"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value encountered")
def test_rows_that_cannot_be_used_are_refused_by_a_class_of_ours(rows: Any, said: str) -> None:
    with pytest.raises(DataError, match=said):
        NeuralRegressor(epochs=1).fit(rows, Y[: rows.shape[0]])


def test_further_rows_of_another_width_are_refused_by_a_class_of_ours() -> None:
    model = NeuralRegressor(epochs=1, random_state=0).fit(X, Y)
    with pytest.raises(DataError, match="X has 3 features"):
        model.predict(X[:, :3])
