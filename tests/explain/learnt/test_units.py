"""Units drawn over one or two inputs are the layer's outputs there, computed independently."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor

from lamina import NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import hidden_units, plot_hidden_units
from lamina.layers import Dense, SimpleRNN

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"age": RNG.normal(40, 9, 60), "size": RNG.integers(0, 9, 60), "town": RNG.choice(["a", "b"], 60)}
)
Y = FRAME["age"] / 10 + FRAME["size"]


@pytest.fixture(scope="module")
def model() -> NeuralRegressor:
    return NeuralRegressor([Dense(9, "tanh"), Dense(3, "sigmoid")], epochs=20, random_state=0).fit(FRAME, Y)


def test_units_are_computed_by_hand_from_standardised_inputs(model: NeuralRegressor) -> None:
    points, values = hidden_units(model, FRAME, features=["size"], layer="dense_2")
    rows = pd.DataFrame({"age": FRAME["age"].median(), "size": points[:, 0], "town": FRAME["town"].mode()[0]})
    scale = model.features_.standardizer
    assert scale is not None
    assert model.features_.encoder is not None
    x = (model.features_.encoder.transform(rows) - scale.mean) / scale.scale
    first, second = model.parameters_["dense_1"], model.parameters_["dense_2"]
    hidden = np.tanh(x @ first["weights"] + first["bias"])
    np.testing.assert_allclose(values, expit(hidden @ second["weights"] + second["bias"]), atol=1e-5)
    assert points.min() < FRAME["size"].min() < FRAME["size"].max() < points.max()


def test_over_one_column_each_unit_is_a_curve(model: NeuralRegressor) -> None:
    ax = plot_hidden_units(model, FRAME, features="age", layer="dense_2")
    points, values = hidden_units(model, FRAME, features="age", layer="dense_2")
    assert len(ax.lines) == 3
    for line, column in zip(ax.lines, values.T, strict=True):
        np.testing.assert_allclose(line.get_xdata(), points[:, 0])
        np.testing.assert_allclose(line.get_ydata(), column)
    assert len({(line.get_linestyle(), line.get_marker()) for line in ax.lines}) == 3
    assert ax.get_xlabel() == "age"
    assert ax.get_title() == "dense_2: 3 units\n2 other columns held at the median"


def test_of_a_wide_layer_the_units_that_vary_most_are_drawn(model: NeuralRegressor) -> None:
    ax = plot_hidden_units(model, FRAME, features="age")
    _, values = hidden_units(model, FRAME, features="age")
    kept = np.sort(np.argsort(-np.ptp(values, axis=0))[:7])
    assert [line.get_label() for line in ax.lines] == [f"unit {unit + 1}" for unit in kept]
    assert ax.get_title().startswith("dense_1: 7 of 9 units")


def test_over_two_columns_each_unit_is_a_map(model: NeuralRegressor) -> None:
    ax = plot_hidden_units(model, FRAME, features=["age", "size"], units=4)
    assert [inset.get_title()[:5] for inset in ax.child_axes] == ["unit "] * 4
    assert ax.child_axes[0].get_xlabel() == "age"
    assert "1 other column held at the median" in ax.get_title()


def test_scikit_learns_network_is_looked_into_too() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    network = MLPRegressor(
        hidden_layer_sizes=(4,), activation="logistic", solver="lbfgs", max_iter=200, random_state=0
    )
    network.fit(x, x[:, 0] ** 2)
    points, values = hidden_units(network, x)
    np.testing.assert_allclose(values, expit(points @ network.coefs_[0] + network.intercepts_[0]))
    with pytest.raises(SpecificationError, match="did you mean 'layer 1'"):
        hidden_units(network, x, layer="layer1")


def test_what_cannot_be_drawn_is_refused(model: NeuralRegressor) -> None:
    with pytest.raises(
        DataError, match=r"X has 3 columns and this picture shows 1 or 2: name them, .*'age', 'size'"
    ):
        plot_hidden_units(model, FRAME)
    with pytest.raises(SpecificationError, match="did you mean 'age'"):
        plot_hidden_units(model, FRAME, features="agee")
    with pytest.raises(SpecificationError, match="places 0 to 2"):
        plot_hidden_units(model, FRAME, features=[3])
    with pytest.raises(SpecificationError, match="names 3 columns, and this picture shows 1 or 2"):
        plot_hidden_units(model, FRAME, features=[0, 1, 2])
    with pytest.raises(DataError, match="'town' holds no numbers"):
        plot_hidden_units(model, FRAME, features="town")
    with pytest.raises(SpecificationError, match="did you mean 'dense_2'"):
        plot_hidden_units(model, FRAME, features="age", layer="dense_22")
    with pytest.raises(ArgumentTypeError, match="give names or places"):
        plot_hidden_units(model, FRAME, features=1.5)
    with pytest.raises(NotFittedError):
        plot_hidden_units(NeuralRegressor(), FRAME, features="age")
    with pytest.raises(ArgumentTypeError, match="no layers to look into"):
        plot_hidden_units(LinearRegression().fit([[0.0], [1.0]], [0, 1]), [[0.0], [1.0]])
    with pytest.raises(DataError, match="rows of a table are needed"):
        plot_hidden_units(model, np.zeros(3))


def test_a_layer_of_arrays_has_no_units_to_draw() -> None:
    x = RNG.normal(size=(20, 3, 1))
    model = NeuralRegressor([SimpleRNN(2)], epochs=1, random_state=0).fit(x, x[:, 0, 0])
    with pytest.raises(DataError, match="rows of a table are needed"):
        plot_hidden_units(model, x)
