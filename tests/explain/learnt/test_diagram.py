"""The lines of a diagram are the weights; wide networks are cut down and say so, others are blocks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.explain import network_with, plot_network
from lamina.explain.learnt.diagram import THICK, THIN
from lamina.layers import Conv2D, Dense, Dropout, Flatten, Residual

FIRST = np.array([[2.0, -1.0, 0.0], [0.5, 4.0, -3.0]])
SECOND = np.array([[1.0], [-2.0], [0.25]])


def by_hand() -> NeuralRegressor:
    return network_with(
        [Dense(3, "relu"), Dropout(0.2)],
        {
            "dense_1/weights": FIRST,
            "dense_1/bias": [1.0, 0.0, -1.0],
            "dense_2/weights": SECOND,
            "dense_2/bias": [0.5],
        },
        2,
    )


def lines(ax: Axes) -> list[LineCollection]:
    return [each for each in ax.collections if isinstance(each, LineCollection)]


def words(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def test_each_weight_is_a_line_as_wide_as_it_is_large_dashed_below_zero() -> None:
    ax = plot_network(by_hand(), ax=Figure().subplots(), bias=False)
    negative, positive = lines(ax)
    weights = np.concatenate([FIRST.ravel(), SECOND.ravel()])
    for drawn, expected in ((positive, weights[weights > 0]), (negative, weights[weights < 0])):
        widths = np.asarray(drawn.get_linewidths())
        np.testing.assert_allclose(widths, THIN + (THICK - THIN) * np.abs(expected) / 4)
    assert positive.get_linestyles()[0][1] is None
    assert negative.get_linestyles()[0][1] is not None


def test_biases_are_lines_from_a_square_and_names_stand_beside_the_units() -> None:
    ax = plot_network(by_hand(), values=True)
    assert len(lines(ax)) == 4
    assert sum(len(each.get_segments()) for each in lines(ax)) == 6 + 3 + 3 + 1 - 2  # two numbers are zero
    assert {"x1", "x2", "y", "b1", "b2", "dense_1\nrelu", "dense_2", "-3", "0.25"} <= set(words(ax))


def test_columns_and_classes_have_their_names() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"age": rng.normal(size=30), "income": rng.normal(size=30)})
    model = NeuralClassifier([Dense(2)], epochs=1, random_state=0).fit(X, np.repeat(["a", "b", "c"], 10))
    assert {"age", "income", "a", "b", "c", "dense_2\nsoftmax"} <= set(words(plot_network(model)))


def test_a_wide_layer_shows_its_largest_units_and_says_so() -> None:
    weights = np.array([[1.0, 5.0, 0.1, 3.0]])
    given = {
        "dense_1/weights": weights,
        "dense_1/bias": np.zeros(4),
        "dense_2/weights": np.zeros((4, 1)),
        "dense_2/bias": [0.0],
    }
    ax = plot_network(network_with([Dense(4)], given, 1), most=2)
    assert "dense_1\n2 of 4 shown" in words(ax)
    np.testing.assert_allclose(lines(ax)[1].get_linewidths(), [THICK, THIN + (THICK - THIN) * 3 / 5])


def test_a_cut_connection_has_no_line() -> None:
    rng = np.random.default_rng(0)
    layer = Dense(2, connections=[[1, 0], [1, 1]])
    model = NeuralRegressor([layer], epochs=1, random_state=0).fit(
        rng.normal(size=(20, 2)), rng.normal(size=20)
    )
    ax = plot_network(model, bias=False)
    assert sum(len(each.get_segments()) for each in lines(ax)) == 3 + 2


def test_a_perceptron_of_scikit_learn_is_drawn_from_inside_a_pipeline() -> None:
    rng = np.random.default_rng(0)
    network = MLPClassifier((3,), max_iter=5, solver="lbfgs", random_state=0)
    model = make_pipeline(StandardScaler(), network)
    with pytest.warns(UserWarning, match="lbfgs failed to converge"):
        model.fit(rng.normal(size=(30, 2)), [0, 1] * 15)
    ax = plot_network(model, bias=False)
    weights = np.concatenate([each.ravel() for each in network.coefs_])
    widths = np.concatenate([each.get_linewidths() for each in lines(ax)])
    expected = THIN + (THICK - THIN) * np.abs(weights) / np.abs(weights).max()
    largest = max(np.abs(each).max() for each in (*network.coefs_, *network.intercepts_))
    expected = THIN + (THICK - THIN) * np.abs(weights) / largest
    np.testing.assert_allclose(np.sort(widths), np.sort(expected))
    assert "layer 1\nrelu" in words(ax)


def test_other_layers_are_blocks_with_shapes_and_parameters() -> None:
    images = np.random.default_rng(0).uniform(size=(20, 6, 6, 1))
    layers = [Conv2D(2, 3, "relu", padding="same"), Residual([Conv2D(2, 3, padding="same")]), Flatten()]
    model = NeuralClassifier(layers, epochs=1, random_state=0).fit(images, [0, 1] * 10)
    ax = plot_network(model)
    assert "conv2d_1 is no dense layer" in ax.get_title()
    assert len(ax.patches) == 5
    assert {"residual_1", "flatten_1", "(6, 6, 2), 20 parameters", "+", "(72,)"} <= set(words(ax))


def test_very_deep_networks_are_cut_in_the_middle() -> None:
    layers: list[Any] = [Residual([Dense(2)])] * 40
    X = np.random.default_rng(0).normal(size=(20, 2))
    ax = plot_network(NeuralRegressor(layers, epochs=1, random_state=0).fit(X, X[:, 0]))
    assert "18 more layers" in words(ax)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="LinearRegression has no layers"):
        plot_network(LinearRegression())
    with pytest.raises(NotFittedError):
        plot_network(NeuralRegressor())
    with pytest.raises(NotFittedError):
        plot_network(MLPClassifier())
    with pytest.raises(SpecificationError, match="most must be a whole number"):
        plot_network(by_hand(), most=0)
    with pytest.raises(ArgumentTypeError, match="one matplotlib Axes"):
        plot_network(by_hand(), ax=Figure())  # type: ignore[arg-type]
