"""The loss around a network against a plain loop, by the paper's rules, on every kind of model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import NeuralClassifier, NeuralRegressor, SequenceToSequence, TextClassifier
from lamina.errors import ArgumentTypeError, DataError, LaminaError, SpecificationError
from lamina.explain import Landscape, loss_landscape, plot_loss_landscape
from lamina.explain.descent.directions import filter_normalised
from lamina.layers import BatchNorm, Conv2D, Dense, Flatten
from lamina.training.fitted import Fitted

X, Y = load_iris(return_X_y=True)
MODEL = NeuralClassifier([Dense(6, "tanh"), Dense(4, "relu")], epochs=30, random_state=0).fit(X, Y)


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def moved(model: Any, directions: list[Any], steps: Any) -> Any:
    """A copy of the model whose parameters are moved, by hand."""
    from copy import copy

    new = {
        layer: {
            name: values
            + sum(step * direction[layer][name] for step, direction in zip(steps, directions, strict=True))
            for name, values in own.items()
        }
        for layer, own in model.fitted_.parameters.items()
    }
    other = copy(model)
    other.fitted_ = Fitted(new, model.fitted_.state, model.history_)
    return other


def cross_entropy(model: Any) -> float:
    return float(-np.mean(np.log(model.predict_proba(X)[np.arange(len(Y)), Y])))


def test_the_grid_is_the_loss_of_networks_moved_by_hand() -> None:
    found = loss_landscape(MODEL, X, Y, points=5, reach=0.8, random_state=3)
    rng = np.random.default_rng(3)
    directions = [filter_normalised(MODEL.parameters_, rng) for _ in range(2)]
    assert found.centre == pytest.approx(cross_entropy(MODEL), rel=1e-6)
    assert found.loss[2, 2] == pytest.approx(found.centre)
    for row, column in ((0, 0), (0, 4), (3, 1)):
        other = moved(MODEL, directions, (found.x[column], found.y[row]))
        assert found.loss[row, column] == pytest.approx(cross_entropy(other), rel=1e-6)


def test_directions_have_the_filters_lengths_and_leave_biases_and_normalisations() -> None:
    rng = np.random.default_rng(0)
    parameters = {
        "conv2d_1": {"weights": rng.normal(size=(3, 3, 2, 5)), "bias": np.ones(5)},
        "batch_norm_1": {"scale": np.ones(5), "shift": np.ones(5)},
        "dense_1": {"weights": np.zeros((4, 2)), "bias": np.ones(2)},
    }
    found = filter_normalised(parameters, rng)
    lengths = [
        np.sqrt(np.square(each["conv2d_1"]["weights"]).sum(axis=(0, 1, 2))) for each in (found, parameters)
    ]
    assert lengths[0] == pytest.approx(lengths[1])
    assert not found["conv2d_1"]["bias"].any()
    assert not any(values.any() for values in found["batch_norm_1"].values())
    assert not found["dense_1"]["weights"].any()  # a unit without weights has no length


def test_the_picture_does_not_change_where_a_relu_layer_is_scaled_and_the_next_scaled_back() -> None:
    """What filter normalisation is for: the same network written with other numbers."""
    model = NeuralRegressor([Dense(8, "relu")], epochs=30, random_state=0, scale=False).fit(X, X[:, 0])
    before = loss_landscape(model, X, X[:, 0], points=7)
    parameters = model.fitted_.parameters
    for name in ("weights", "bias"):
        parameters["dense_1"][name] = 10 * parameters["dense_1"][name]
    parameters["dense_2"]["weights"] = parameters["dense_2"]["weights"] / 10
    assert loss_landscape(model, X, X[:, 0], points=7).loss == pytest.approx(before.loss, rel=1e-4)


def test_along_a_line() -> None:
    line = loss_landscape(MODEL, X, Y, dimensions=1, points=9)
    plane = loss_landscape(MODEL, X, Y, points=9)
    assert line.loss == pytest.approx(plane.loss[4])
    assert line.rise(1.0) == pytest.approx((line.loss[0] + line.loss[-1]) / 2 - line.centre)
    assert line.frame().columns.tolist() == ["x", "loss"]
    assert len(plane.frame()) == 81


def test_sharpness_by_hand_on_known_surfaces() -> None:
    x = np.linspace(-1, 1, 41)
    bowl = Landscape(x, x, x[None, :] ** 2 + 3 * x[:, None] ** 2, 0.0, (1, 1))
    assert bowl.rise(0.5) == pytest.approx(0.5, abs=2e-3)
    assert bowl.nonconvex == 0
    saddle = Landscape(x, x, x[None, :] ** 2 - x[:, None] ** 2, 0.0, (1, 1))
    assert saddle.nonconvex == 1
    assert saddle.rise(0.5) == pytest.approx(0, abs=1e-9)
    wave = Landscape(x, x[:0], np.cos(np.pi * x), 1.0, (1, 1))
    assert wave.nonconvex == pytest.approx(0.5, abs=0.05)


def image_model() -> tuple[Any, Any, Any]:
    images = np.random.default_rng(0).integers(0, 255, (40, 8, 8, 1), dtype=np.uint8)
    labels = (images[:, :4].mean(axis=(1, 2, 3)) > images[:, 4:].mean(axis=(1, 2, 3))).astype(int)
    layers = [Conv2D(3, 3, use_bias=False), BatchNorm(), Flatten()]
    return (
        NeuralClassifier(layers, epochs=2, batch_size=20, random_state=0).fit(images, labels),
        images,
        labels,
    )


def text_model() -> tuple[Any, Any, Any]:
    texts, labels = ["good film", "bad film", "very good", "very bad"] * 10, [1, 0, 1, 0] * 10
    return TextClassifier(epochs=3, random_state=0).fit(texts, labels), texts, labels


def frame_model() -> tuple[Any, Any, Any]:
    import pandas as pd

    frame = pd.DataFrame({"town": ["a", "b", "c", "d"] * 20, "size": np.arange(80.0)})
    return (
        NeuralRegressor([Dense(4)], epochs=3, random_state=0).fit(frame, frame["size"]),
        frame,
        frame["size"],
    )


def sequence_model() -> tuple[Any, Any, Any]:
    sources, targets = ["ab", "ba", "aab", "bba"] * 8, ["ba", "ab", "baa", "abb"] * 8
    model = SequenceToSequence(units=4, embedding=3, epochs=2, early_stopping=None, random_state=0)
    return model.fit(sources, targets), sources, targets


def pipeline() -> tuple[Any, Any, Any]:
    return (
        make_pipeline(StandardScaler(), NeuralClassifier([Dense(3)], epochs=3, random_state=0)).fit(X, Y),
        X,
        Y,
    )


@pytest.mark.parametrize("make", [image_model, text_model, frame_model, sequence_model, pipeline])
def test_any_fitted_network_has_one(make: Callable[[], tuple[Any, Any, Any]]) -> None:
    model, x, y = make()
    found = loss_landscape(model, x, y, points=3)
    assert np.isfinite(found.loss).all()
    assert found.loss[1, 1] == pytest.approx(found.centre, rel=1e-5)
    assert found.moved[0] <= found.moved[1]
    inner = model.steps[-1][1] if hasattr(model, "steps") else model
    if isinstance(inner, NeuralRegressor):
        assert found.centre == pytest.approx(np.mean((inner.predict(x) - y) ** 2) / np.var(y), rel=1e-3)


@pytest.mark.parametrize("binary", [True, False])
def test_scikit_learns_networks_have_one(binary: bool) -> None:
    x, y = load_breast_cancer(return_X_y=True) if binary else (X, Y)
    x = StandardScaler().fit_transform(x)
    names = np.array(["no", "si", "ja"])[y]
    model = MLPClassifier(
        hidden_layer_sizes=(8,), solver="lbfgs", max_iter=30, alpha=0, random_state=0, tol=10
    ).fit(x, names)
    codes = np.searchsorted(model.classes_, names)
    expected = -np.mean(np.log(model.predict_proba(x)[np.arange(len(y)), codes]))
    assert loss_landscape(model, x, names, points=3).centre == pytest.approx(expected)
    regression = MLPRegressor(
        hidden_layer_sizes=(5,), solver="lbfgs", max_iter=30, random_state=0, tol=10
    ).fit(x, x[:, 0])
    expected = np.mean((regression.predict(x) - x[:, 0]) ** 2)
    assert loss_landscape(regression, x, x[:, 0], points=3).centre == pytest.approx(expected)


def test_the_picture_shows_the_grid_with_the_network_in_its_middle() -> None:
    found = loss_landscape(MODEL, X, Y, points=9)
    ax = plot_loss_landscape(found)
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0.0, 0.0]]]
    assert len(ax.collections) >= 2
    assert f"{found.moved[0]:,} of {found.moved[1]:,}" in ax.get_title()
    line = plot_loss_landscape(MODEL, X, Y, dimensions=1, points=9)
    assert np.asarray(line.lines[0].get_ydata()) == pytest.approx(found.loss[4])
    ax.figure.savefig("/dev/null", format="png")  # type: ignore[union-attr]


REFUSED: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: loss_landscape(NeuralClassifier(), X, Y), NotFittedError, "not fitted"),
    (lambda: loss_landscape(MLPClassifier(), X, Y), NotFittedError, "not fitted"),
    (lambda: loss_landscape(StandardScaler(), X, Y), ArgumentTypeError, "no one network"),
    (lambda: loss_landscape(MODEL, X[:, :2], Y), ValueError, "2 features"),
    (lambda: loss_landscape(MODEL, X, Y[:-1]), DataError, "149"),
    (lambda: loss_landscape(MODEL, X, Y + 1), DataError, "the model does not know"),
    (lambda: loss_landscape(MODEL, X, None), DataError, "y is missing"),
    (lambda: loss_landscape(MODEL, X, Y, dimensions=3), SpecificationError, "a line, or 2"),
    (lambda: loss_landscape(MODEL, X, Y, points=2), SpecificationError, "3 at least"),
    (lambda: loss_landscape(MODEL, X, Y, reach=0), SpecificationError, "above zero"),
    (lambda: loss_landscape(MODEL, X, Y, points=3).rise(2.0), SpecificationError, "the grid's"),
]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_has_no_landscape_is_refused_in_words(place: int) -> None:
    call, error, words = REFUSED[place]
    with pytest.raises(error, match=words):
        call()
    assert issubclass(error, (LaminaError, ValueError))
