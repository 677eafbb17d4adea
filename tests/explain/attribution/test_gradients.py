"""Gradients are those of finite differences in the user's units; integrated gradients add up and equal the plain integral."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tests.explain.attribution.conftest import Known

from lamina import NeuralRegressor
from lamina.explain import (
    Gradient,
    GradientXInput,
    IntegratedGradients,
    SmoothGrad,
    attribute,
)
from lamina.explain.attribution import differentiating, running
from lamina.explain.attribution.path import path_of
from lamina.layers import Conv2D, Dense, Embedding, EmbeddingBag, Flatten, GlobalAveragePool, Sequential


def slopes(model: NeuralRegressor, X: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Central differences of the prediction, column by column."""
    found = np.zeros(X.shape)
    for column in range(X.shape[1]):
        shift = np.eye(X.shape[1])[column] * step[column]
        found[:, column] = (model.predict(X + shift) - model.predict(X - shift)) / (2 * step[column])
    return found


@pytest.mark.parametrize("scale", ["standard", "robust", False])
def test_a_gradient_is_per_unit_of_the_users_column(scale: object, regression: Known) -> None:
    model = NeuralRegressor([Dense(5, "tanh")], epochs=20, scale=scale, random_state=0)  # type: ignore[arg-type]
    X = np.random.default_rng(5).normal(size=(60, 3)) * [1.0, 5.0, 0.2]
    model.fit(X, X[:, 0] * X[:, 1])
    found = attribute(model, X[:4], Gradient())
    expected = slopes(model, X[:4], np.array([1e-5, 5e-5, 1e-6]))
    np.testing.assert_allclose(found.attributions, expected, rtol=1e-5, atol=1e-6)
    assert found.base_value is None
    assert found.residual is None


def test_the_output_is_the_prediction_of_a_regression(regression: Known) -> None:
    found = attribute(regression.model, regression.X)
    np.testing.assert_allclose(found.output, regression.model.predict(regression.X), rtol=1e-10)
    assert found.scale == "prediction in the units of the outcome"
    assert found.target.tolist() == [0] * 9


def test_integrated_gradients_are_complete(regression: Known, classes: Known, pictures: Known) -> None:
    for known in (regression, classes, pictures):
        found = attribute(known.model, known.X, steps=512)
        assert found.attributions.shape == known.X.shape
        assert found.base_value is not None
        total = found.attributions.reshape(len(found), -1).sum(axis=1)
        np.testing.assert_allclose(total, found.output - found.base_value, atol=2e-3)
        np.testing.assert_allclose(found.residual, found.output - found.base_value - total)


def test_a_smooth_network_is_complete_to_rounding_with_64_steps(regression: Known) -> None:
    residual = attribute(regression.model, regression.X).residual
    assert residual is not None
    assert np.abs(residual).max() < 1e-9


def test_integrated_gradients_equal_the_plain_integral(regression: Known) -> None:
    model, X = regression
    baseline = np.array([0.5, 40.0, 0.0, 2.0])
    found = attribute(model, X, IntegratedGradients(steps=40, baseline=baseline))
    points = (np.arange(200) + 0.5) / 200
    step = np.array([1, 10, 0.1, 1]) * 1e-5
    mean = np.mean([slopes(model, baseline + t * (X - baseline), step) for t in points], axis=0)
    np.testing.assert_allclose(found.attributions, (X - baseline) * mean, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(found.base_value, model.predict(baseline[None]).repeat(9))


def test_all_methods_agree_on_a_straight_line() -> None:
    X = np.random.default_rng(0).normal(size=(70, 3)) * [1, 3, 9]
    model = NeuralRegressor([], optimizer="lbfgs", random_state=0).fit(X, X @ [2.0, -1.0, 0.5] + 4)
    baseline = np.zeros(3)
    expected = X[:5] * [2.0, -1.0, 0.5]
    for method in (IntegratedGradients(3, baseline), GradientXInput(baseline)):
        found = attribute(model, X[:5], method)
        np.testing.assert_allclose(found.attributions, expected, atol=1e-3)
        np.testing.assert_allclose(found.base_value, 4, atol=1e-3)
        np.testing.assert_allclose(found.residual, 0, atol=1e-8)
    np.testing.assert_allclose(
        attribute(model, X[:5], Gradient()).attributions, [[2, -1, 0.5]] * 5, atol=1e-3
    )


def test_baselines_none_is_the_training_mean_and_mean_that_of_the_rows(regression: Known) -> None:
    model, X = regression
    trained = model.features_.standardizer.mean
    same = attribute(model, X, baseline=trained)
    np.testing.assert_allclose(attribute(model, X).attributions, same.attributions, atol=1e-10)
    by_mean = attribute(model, X, baseline="mean")
    np.testing.assert_allclose(
        by_mean.attributions, attribute(model, X, baseline=X.mean(axis=0)).attributions, atol=1e-10
    )
    each = attribute(model, X, baseline=np.roll(X, 1, axis=0))
    np.testing.assert_allclose(each.base_value, model.predict(np.roll(X, 1, axis=0)))


def test_a_table_has_one_number_for_each_of_the_users_columns(table: Known) -> None:
    found = attribute(table.model, table.X, steps=256)
    assert found.names == tuple(table.X.columns)
    assert found.attributions.shape == table.X.shape
    assert found.frame().index.equals(table.X.index)
    np.testing.assert_allclose(found.residual, 0, atol=5e-3)
    np.testing.assert_allclose(found.output, table.model.predict(table.X), rtol=1e-4)
    assert (found.attributions[:, 6] == 0).all()


def test_categories_and_dates_have_no_slope(table: Known) -> None:
    for method in (Gradient(), SmoothGrad(4)):
        frame = attribute(table.model, table.X, method).frame()
        assert frame[["town", "member", "shop", "since"]].isna().all().all()
        assert frame[["size", "age", "same"]].notna().all().all()
    moved = table.X.assign(size=table.X["size"] + 0.05), table.X.assign(size=table.X["size"] - 0.05)
    up, down = map(table.model.predict, moved)
    np.testing.assert_allclose(
        attribute(table.model, table.X, Gradient()).frame()["size"], (up - down) / 0.1, rtol=0.02
    )


def test_a_data_frame_row_is_a_baseline(table: Known) -> None:
    first = table.X.iloc[0]
    found = attribute(table.model, table.X, baseline=first)
    np.testing.assert_allclose(found.attributions[0], 0, atol=1e-6)
    np.testing.assert_allclose(found.base_value, table.model.predict(table.X.head(1)).repeat(6), rtol=1e-5)


def test_smoothgrad_without_noise_is_the_gradient(classes: Known, pictures: Known) -> None:
    for known in (classes, pictures):
        plain = attribute(known.model, known.X, "gradient")
        found = attribute(known.model, known.X, SmoothGrad(3, noise=0.0))
        np.testing.assert_allclose(found.attributions, plain.attributions, atol=1e-10)


def test_smoothgrad_is_the_mean_over_its_noise(regression: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    model, X = regression
    found = attribute(model, X, SmoothGrad(4000, noise=0.5))
    z = model.features_.standardizer
    noise = np.random.default_rng(0).normal(size=(1000, *X.shape))
    noisy = (X + 0.5 * z.scale * noise).reshape(-1, X.shape[1])
    expected = attribute(model, noisy, "gradient").attributions.reshape(noise.shape).mean(axis=0)
    units = z.scale / model.outcome_.scale
    np.testing.assert_allclose(found.attributions * units, expected * units, atol=0.06)
    monkeypatch.setattr(running, "MOST_ROWS", 8)
    np.testing.assert_allclose(
        attribute(model, X, SmoothGrad(20)).attributions[:5],
        attribute(model, X[:5], SmoothGrad(20)).attributions,
        rtol=1e-9,
    )
    other = attribute(model, X, SmoothGrad(20, random_state=1))
    assert not np.allclose(attribute(model, X, SmoothGrad(20)).attributions, other.attributions)


def test_words_of_sequences_add_up(sequences: Known) -> None:
    found = attribute(sequences.model, sequences.X)
    assert found.words is not None
    assert found.words[0] == ("what", "a", "fine", "film")
    assert found.attributions.shape == (3, 4)
    np.testing.assert_allclose(found.residual, 0, atol=1e-5)
    assert found.words[2] == ("", "", "", "")
    np.testing.assert_allclose(found.attributions[2], 0)
    frame = found.frame()
    assert frame["word"].tolist() == ["what", "a", "fine", "film", "dull", "acting"]
    lengths = attribute(sequences.model, sequences.X, "gradient").attributions
    assert (lengths >= 0).all()


@pytest.mark.parametrize(
    "layers", [[Embedding(3), GlobalAveragePool()], [EmbeddingBag(3)], [EmbeddingBag(3, mode="sum")]]
)
def test_a_mean_of_vectors_gives_every_word_its_part(layers: list[object]) -> None:
    from lamina import TextClassifier

    model = TextClassifier(layers, epochs=20, random_state=0).fit(
        ["a b", "b c", "c d d", "a"] * 5, [0, 1, 1, 0] * 5
    )
    found = attribute(model, ["a c", "d"], target=1)
    text, own = model.features_.text, model.parameters_
    vectors = next(own[name]["weights"] for name in own if name.startswith("embedding"))
    weights = own["dense_1"]["weights"][:, 0]
    codes = text.transform(["a c", "d"])
    parts = vectors[codes] @ weights * (codes != 0)
    if getattr(layers[0], "mode", "mean") == "mean":
        parts = parts / (codes != 0).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.attributions, parts, atol=1e-6)


def test_the_words_of_a_bag(bag: Known) -> None:
    found = attribute(bag.model, bag.X, steps=256)
    assert found.names == tuple(bag.model.features_.text.words_)
    np.testing.assert_allclose(found.residual, 0, atol=2e-3)
    frame = found.frame()
    assert set(frame["word"]) == {"a", "fine", "film", "dull", "acting"}
    good = frame[(frame["row"] == 0) & (frame["word"] == "fine")]["attribution"].item()
    assert found.target[0] == "good"
    assert good > 0


def test_both_classes_of_two_are_opposites(bag: Known) -> None:
    one, other = (attribute(bag.model, bag.X, target=label) for label in ("good", "bad"))
    np.testing.assert_allclose(one.attributions, -other.attributions)
    np.testing.assert_allclose(one.output, -other.output)
    np.testing.assert_allclose(one.output, bag.model.decision_function(bag.X), rtol=1e-5)


def test_the_head_of_a_path_is_what_is_affine() -> None:
    network = Sequential([Conv2D(2, 3), Flatten(), Dense(3, "relu"), Dense(2, "softmax")])
    path = path_of(network)
    assert [name for name, _ in path.head] == ["conv2d_1", "flatten_1", "dense_1"]
    assert [name for name, _ in path.tail] == ["dense_1_activation", "dense_2"]


def test_blocks_and_chunks_of_steps_change_nothing(pictures: Known, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = attribute(pictures.model, pictures.X, steps=12)
    monkeypatch.setattr(running, "MOST_ROWS", 2)
    monkeypatch.setattr(differentiating, "ROWS_AT_ONCE", 8)
    differentiating.along_lines.clear_cache()
    np.testing.assert_allclose(
        attribute(pictures.model, pictures.X, steps=12).attributions, whole.attributions, atol=1e-12
    )


def test_a_thousand_rows_of_a_dense_network_are_one_program(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    X = rng.uniform(size=(1000, 6)).astype(np.float32)
    model = NeuralRegressor([Dense(5, "relu")], epochs=1, random_state=0).fit(X, X[:, 0])
    calls = []
    from lamina.explain.attribution import gradient

    inner = gradient.along_lines

    def counted(*given: Any) -> Any:
        calls.append(1)
        return inner(*given)

    counted._cache_size = inner._cache_size  # type: ignore[attr-defined]
    monkeypatch.setattr(gradient, "along_lines", counted)
    inner.clear_cache()
    before = inner._cache_size()
    attribute(model, X, steps=64)
    attribute(model, X, steps=64)
    assert len(calls) == 2
    assert inner._cache_size() - before == 1
