"""Names, options, targets and models: what is allowed, and what is said where it is not."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tests.explain.attribution.conftest import Known

from lamina import NeuralClassifier, NeuralRegressor, SequenceToSequence, SeriesForecaster
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import (
    GradientXInput,
    IntegratedGradients,
    LayerwiseRelevance,
    Occlusion,
    Shapley,
    SmoothGrad,
    attribute,
)
from lamina.explain.attribution import network_input
from lamina.explain.attribution.attributing import METHODS, method_of
from lamina.layers import Dense, Embedding, Flatten, SimpleRNN
from lamina.model_selection import EnsembleRegressor
from lamina.training import Quantile

DIFFERENTIATE = ["gradient", "gradient_x_input", "integrated_gradients", "layerwise_relevance", "smoothgrad"]


@pytest.mark.parametrize("name", METHODS)
def test_every_method_by_name_gives_the_shape_of_x(name: str, regression: Known, classes: Known) -> None:
    assert method_of(name, {}).name == name
    for known in (regression, classes):
        found = attribute(known.model, known.X, name)
        assert found.attributions.shape == known.X.shape
        assert np.isfinite(found.attributions).all()
        assert len(found) == len(known.X)
        assert found.names == tuple(f"x{place}" for place in range(known.X.shape[1]))
        assert str(found)
        assert repr(found).startswith(f"<Attribution of {len(known.X)} rows by")


def test_methods_are_values() -> None:
    assert IntegratedGradients() == IntegratedGradients(64)
    assert IntegratedGradients(baseline=np.zeros(3)) == IntegratedGradients(baseline=np.zeros(3))
    assert IntegratedGradients(baseline=np.zeros(3)) != IntegratedGradients(baseline=np.ones(3))
    assert SmoothGrad() != SmoothGrad(noise=0.2)
    assert SmoothGrad() != IntegratedGradients()
    assert len({Shapley(4), Shapley(4), Shapley(6)}) == 2
    assert repr(Shapley(samples=4)) == "Shapley(samples=4)"
    assert repr(GradientXInput(baseline=np.zeros((5, 4)))) == "GradientXInput(baseline=<ndarray 5×4>)"
    assert pickle.loads(pickle.dumps(Occlusion(3))) == Occlusion(3)


@pytest.mark.parametrize(
    ("method", "options", "error", "words"),
    [
        ("integrated_gradient", {}, SpecificationError, "did you mean 'integrated_gradients'"),
        ("shap", {}, SpecificationError, "did you mean 'shapley'"),
        ("lrp", {}, SpecificationError, "did you mean 'layerwise_relevance'"),
        (None, {}, ArgumentTypeError, r"method=None \(NoneType\)"),
        (IntegratedGradients, {}, ArgumentTypeError, r"did you mean IntegratedGradients\(64\)"),
        (
            "integrated_gradients",
            {"step": 3},
            SpecificationError,
            "no option 'step'; its options: did you mean 'steps'",
        ),
        ("gradient", {"steps": 3}, SpecificationError, "no option 'steps'; it has none"),
        (IntegratedGradients(8), {"steps": 3}, SpecificationError, "put the options inside"),
        ("integrated_gradients", {"steps": 0}, SpecificationError, "steps must be a whole number"),
        ("integrated_gradients", {"steps": True}, SpecificationError, "steps must be a whole number"),
        (
            "integrated_gradients",
            {"baseline": "median"},
            SpecificationError,
            "None for the network's own zero",
        ),
        ("smoothgrad", {"samples": 0}, SpecificationError, "samples must be a whole number"),
        ("smoothgrad", {"noise": -1}, SpecificationError, "noise must be a finite number"),
        ("smoothgrad", {"noise": float("inf")}, SpecificationError, "noise must be a finite number"),
    ],
)
def test_methods_and_options_that_are_none(
    method: Any, options: dict[str, Any], error: type[Exception], words: str, regression: Known
) -> None:
    with pytest.raises(error, match=words):
        attribute(regression.model, regression.X, method, **options)


@pytest.mark.parametrize("name", METHODS)
def test_a_model_must_be_fitted(name: str) -> None:
    for model in (NeuralRegressor(), LinearRegression()):
        if name in DIFFERENTIATE and isinstance(model, LinearRegression):
            continue
        with pytest.raises(NotFittedError):
            attribute(model, np.zeros((3, 2)), name)


@pytest.mark.parametrize("name", DIFFERENTIATE)
def test_only_networks_can_be_differentiated(name: str) -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    with pytest.raises(
        ArgumentTypeError, match="LinearRegression is none: take method='shapley' or 'occlusion'"
    ):
        attribute(LinearRegression().fit(X, X[:, 0]), X, name)
    pipeline = make_pipeline(StandardScaler(), NeuralRegressor([], epochs=1)).fit(X, X[:, 0])
    with pytest.raises(ArgumentTypeError, match="the model is a pipeline"):
        attribute(pipeline, X, name)
    with pytest.raises(ArgumentTypeError, match="EnsembleRegressor is none"):
        attribute(EnsembleRegressor(n_members=2, random_state=0).fit(X, X[:, 0]), X, name)
    with pytest.raises(ArgumentTypeError, match="is none"):
        attribute(NeuralRegressor, X, name)


@pytest.mark.parametrize("name", METHODS)
def test_what_predicts_no_number_of_a_row_is_refused_by_name(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match="cannot explain SequenceToSequence: it writes a text"):
        attribute(SequenceToSequence(), ["a"], name)
    with pytest.raises(ArgumentTypeError, match="cannot explain SeriesForecaster: it predicts what follows"):
        attribute(SeriesForecaster(), ["a"], name)


def test_targets(classes: Known) -> None:
    model, X = classes
    z = model.decision_function(X)
    found = attribute(model, X)
    assert found.target.tolist() == model.predict(X).tolist()
    np.testing.assert_allclose(found.output, z.max(axis=1))
    assert found.scale == "linear predictor of the class (before the softmax)"
    np.testing.assert_allclose(attribute(model, X, target="middle").output, z[:, 1])
    each = ["low", "top", "middle", "low", "top", "middle", "low"]
    np.testing.assert_allclose(attribute(model, X, target=each).output, z[range(7), [0, 2, 1, 0, 2, 1, 0]])
    with pytest.raises(
        DataError, match="target='high': the model has no such class; known are 'low', 'middle', 'top'"
    ):
        attribute(model, X, target="high")
    with pytest.raises(DataError, match=r"target has shape \(2,\) for 7 rows"):
        attribute(model, X, target=["low", "top"])
    with pytest.raises(DataError, match=r"target has shape \(7, 1\)"):
        attribute(model, X, target=np.array(each)[:, None])


def test_several_outcomes_need_a_target() -> None:
    X = np.random.default_rng(0).normal(size=(40, 3))
    model = NeuralRegressor([Dense(4, "tanh")], epochs=5, random_state=0).fit(X, X[:, :2] * [1, 100])
    with pytest.raises(DataError, match="the model has 2 outcomes and one must be explained"):
        attribute(model, X)
    found = attribute(model, X, target=1)
    np.testing.assert_allclose(found.output, model.predict(X)[:, 1])
    np.testing.assert_allclose(found.residual, 0, atol=1e-6)
    with pytest.raises(DataError, match="target=True"):
        attribute(model, X, target=True)
    labels = NeuralClassifier([], epochs=3, random_state=0).fit(X, X[:, :2] > 0)
    with pytest.raises(DataError, match="the model has 2 labels"):
        attribute(labels, X)
    np.testing.assert_allclose(attribute(labels, X, target=0).output, labels.decision_function(X)[:, 0])
    forest = LinearRegression().fit(X, X[:, :2])
    with pytest.raises(DataError, match="2 outcomes"):
        attribute(forest, X, "shapley")
    np.testing.assert_allclose(attribute(forest, X, "shapley", target=1).output, X[:, 1], atol=1e-9)


def test_scales_of_other_losses() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    counts = NeuralRegressor([Dense(3, "tanh")], loss="poisson", epochs=5, random_state=0)
    counts.fit(X, np.random.default_rng(0).poisson(3, 60))
    found = attribute(counts, X[:4])
    assert found.scale == "linear predictor of the outcome (before the exponential)"
    np.testing.assert_allclose(np.exp(found.output), counts.predict(X[:4]), rtol=1e-6)
    quantiles = NeuralRegressor([Dense(3, "tanh")], loss=Quantile((0.1, 0.5, 0.9)), epochs=30, random_state=0)
    quantiles.fit(X, X[:, 0])
    found = attribute(quantiles, X[:4])
    assert found.scale == "quantile 0.5 of the outcome, in its units"
    np.testing.assert_allclose(found.output, quantiles.predict(X[:4]), atol=0.5)


def test_rows_of_the_wrong_shape(regression: Known, pictures: Known, table: Known, bag: Known) -> None:
    for name in METHODS:
        with pytest.raises(
            DataError, match=r"X has shape \(4, 7, 7, 1\) and the model was fitted on rows of shape"
        ):
            attribute(pictures.model, np.zeros((4, 7, 7, 1)), name)
        with pytest.raises(ValueError, match="features"):
            attribute(regression.model, np.zeros((4, 3)), name)
        with pytest.raises(DataError, match="no rows"):
            attribute(regression.model, np.zeros((0, 4)), name)
        with pytest.raises(ValueError, match="NaN"):
            attribute(regression.model, np.full((2, 4), np.nan), name)
        with pytest.raises(DataError, match="lack"):
            attribute(table.model, table.X.drop(columns="size"), name)
        with pytest.raises(ArgumentTypeError, match="list of strings"):
            attribute(bag.model, "a fine film", name)


def test_baselines_that_do_not_fit(regression: Known, sequences: Known, pictures: Known) -> None:
    with pytest.raises(DataError, match="baseline has 2 rows for 9 rows of X"):
        attribute(regression.model, regression.X, baseline=np.zeros((2, 4)))
    with pytest.raises(ValueError, match="features"):
        attribute(regression.model, regression.X, baseline=np.zeros((1, 3)))
    with pytest.raises(DataError, match="holds no numbers"):
        attribute(regression.model, regression.X, baseline=object())
    with pytest.raises(DataError, match="background='x' is no row"):
        attribute(regression.model, regression.X, "shapley", background="x")
    with pytest.raises(SpecificationError, match="words have vectors"):
        attribute(sequences.model, sequences.X, baseline="mean")
    with pytest.raises(DataError, match="baseline"):
        attribute(pictures.model, pictures.X, baseline=np.zeros((3, 8, 8, 1)))
    grey = attribute(pictures.model, pictures.X, baseline=0.5)
    same = attribute(pictures.model, pictures.X, baseline=np.full((8, 8, 1), 0.5))
    np.testing.assert_allclose(grey.attributions, same.attributions)


def test_one_image_is_a_batch_of_one(pictures: Known) -> None:
    one = attribute(pictures.model, pictures.X[0])
    np.testing.assert_allclose(
        one.attributions, attribute(pictures.model, pictures.X).attributions[:1], atol=1e-12
    )


def test_images_of_eight_bits_and_single_precision() -> None:
    images = np.random.default_rng(0).integers(0, 255, (30, 5, 5), dtype=np.uint8)
    model = NeuralClassifier([Flatten(), Dense(4, "relu")], epochs=2, random_state=0).fit(
        images, [0, 1, 2] * 5 * 2
    )
    found = attribute(model, images)
    assert found.attributions.shape == images.shape
    np.testing.assert_allclose(found.residual, 0, atol=0.02)
    np.testing.assert_allclose(
        found.attributions, attribute(model, (images / 255).astype(np.float32)).attributions, atol=1e-5
    )
    with pytest.raises(DataError, match="are no table"):
        found.frame()


def test_sparse_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    X = sparse.random_array((40, 30), density=0.1, rng=np.random.default_rng(0), format="csr")
    model = NeuralClassifier([Dense(3, "relu")], epochs=3, random_state=0).fit(X, [0, 1] * 20)
    found = attribute(model, X[:5])
    np.testing.assert_allclose(found.attributions[X[:5].toarray() == 0], 0)
    np.testing.assert_allclose(found.residual, 0, atol=1e-3)
    for name in ("shapley", "occlusion"):
        assert attribute(model, X[:5], name).attributions.shape == (5, 30)
    monkeypatch.setattr(network_input, "MOST_NUMBERS", 100)
    with pytest.raises(DataError, match="give at most 3 rows at a time"):
        attribute(model, X[:5])


def test_codes_and_recurrence() -> None:
    codes = np.random.default_rng(0).integers(0, 6, (40, 5))
    model = NeuralClassifier([Embedding(3, 6), SimpleRNN(3)], epochs=3, random_state=0).fit(
        codes, [0, 1] * 20
    )
    for name in ("integrated_gradients", "gradient", "smoothgrad", "shapley", "occlusion"):
        found = attribute(model, codes[:4], name)
        assert found.attributions.shape == (4, 5)
        np.testing.assert_allclose(found.attributions[codes[:4] == 0], 0, atol=1e-12)


def test_a_data_frame_of_numbers_and_polars() -> None:
    pl = pytest.importorskip("polars")
    X = pd.DataFrame(
        np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"], index=[f"r{i}" for i in range(40)]
    )
    model = NeuralRegressor([], epochs=5, random_state=0).fit(X, X["a"])
    found = attribute(model, X.head(3))
    assert found.frame().index.tolist() == ["r0", "r1", "r2"]
    assert found.names == ("a", "b")
    for name in ("integrated_gradients", "shapley"):
        ours = attribute(model, X[["b", "a"]].head(9), name).attributions
        polars = attribute(model, pl.from_pandas(X.head(9)), name).attributions
        np.testing.assert_allclose(ours, polars)
    linear = LinearRegression().fit(X, X["a"])
    assert attribute(linear, pl.from_pandas(X.head(9)), Shapley()).names == ("a", "b")


def test_layerwise_relevance_has_the_biases_as_its_base(classes: Known) -> None:
    found = attribute(classes.model, classes.X, LayerwiseRelevance())
    assert found.base_value is not None
    assert not np.allclose(found.base_value, 0)
