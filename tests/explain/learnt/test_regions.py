"""Regions are what the model predicts, for Lamina's models and scikit-learn's, in classes and in numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib.contour import QuadContourSet
from sklearn.cluster import DBSCAN
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.inspection import DecisionBoundaryDisplay
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from lamina import NeuralClassifier
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import plot_decision_regions
from lamina.layers import Dense

X = np.random.default_rng(0).normal(size=(80, 2))
TWO = np.where(X[:, 0] + X[:, 1] > 0, "yes", "no")
IRIS = load_iris(as_frame=True)


@pytest.fixture(scope="module")
def network() -> NeuralClassifier:
    return NeuralClassifier([Dense(4, "tanh")], epochs=50, random_state=0).fit(X, TWO)


def test_the_boundary_of_two_classes_is_where_the_probability_is_one_half() -> None:
    model = LogisticRegression().fit(X, TWO)
    ax = plot_decision_regions(model, X, TWO)
    lines = next(each for each in ax.collections if isinstance(each, QuadContourSet) and not each.filled)
    middle = lines.allsegs[list(lines.levels).index(0.5)][0]
    np.testing.assert_allclose(model.predict_proba(middle)[:, 1], 0.5, atol=0.01)
    assert max(lines.get_linewidths()) == lines.get_linewidths()[list(lines.levels).index(0.5)]


def test_points_have_a_marker_of_their_own_and_lie_where_the_rows_are(network: NeuralClassifier) -> None:
    ax = plot_decision_regions(network, X, TWO)
    drawn = {each.get_label(): each for each in ax.collections if each.get_label() in ("yes", "no")}
    for name in ("yes", "no"):
        np.testing.assert_allclose(np.asarray(drawn[name].get_offsets()), X[name == TWO])
    assert len(drawn["yes"].get_paths()[0].vertices) != len(drawn["no"].get_paths()[0].vertices)
    assert ax.figure.axes[1].get_ylabel() == "probability of yes"


def test_regions_of_more_classes_are_hatched_and_hold_the_predictions() -> None:
    some = IRIS.data[["petal length (cm)", "petal width (cm)"]]
    model = KNeighborsClassifier(5).fit(some, IRIS.target_names[IRIS.target])
    ax = plot_decision_regions(model, some, resolution=40)
    filled = next(each for each in ax.collections if isinstance(each, QuadContourSet) and each.filled)
    assert len(set(filled.hatches)) == 3
    assert ax.get_xlabel() == "petal length (cm)"
    assert ax.get_legend() is None


def test_other_columns_are_held_at_their_median() -> None:
    asked: list[pd.DataFrame] = []

    class Watched(LogisticRegression):  # type: ignore[misc]
        def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
            asked.append(X)
            return np.asarray(super().predict_proba(X))

    y = np.asarray(IRIS.target) == 2
    model = Watched(max_iter=500).fit(IRIS.data, y)
    ax = plot_decision_regions(model, IRIS.data, y, features=[3, "sepal width (cm)"], resolution=5)
    assert ax.get_title() == "2 other columns held at the median"
    assert ax.get_xlabel() == "petal width (cm)"
    assert list(asked[0].columns) == list(IRIS.data.columns)
    assert asked[0]["sepal length (cm)"].unique().tolist() == [IRIS.data["sepal length (cm)"].median()]
    assert asked[0]["petal width (cm)"].nunique() == 5


def test_a_polars_frame_will_do_and_so_will_a_model_without_probabilities() -> None:
    frame = pl.DataFrame({"a": X[:, 0], "b": X[:, 1]})
    model = LinearSVC().fit(frame.to_pandas(), TWO)
    assert plot_decision_regions(model, frame, TWO, resolution=20).get_ylabel() == "b"


def test_a_regression_is_a_surface_with_the_outcomes_as_points() -> None:
    y = 2 * X[:, 0] - X[:, 1]
    ax = plot_decision_regions(LinearRegression().fit(X, y), X, y)
    lines = next(each for each in ax.collections if isinstance(each, QuadContourSet) and not each.filled)
    for level, parts in zip(lines.levels, lines.allsegs, strict=True):
        for part in parts:
            np.testing.assert_allclose(2 * part[:, 0] - part[:, 1], level, atol=1e-9)
    points = ax.collections[-1]
    np.testing.assert_allclose(points.get_array(), y)


def test_scikit_learns_own_display_takes_a_network(network: NeuralClassifier) -> None:
    display = DecisionBoundaryDisplay.from_estimator(
        network, X, response_method="predict_proba", grid_resolution=10
    )
    assert display.response.shape == (10, 10)


def test_what_cannot_be_drawn_is_refused(network: NeuralClassifier) -> None:
    with pytest.raises(DataError, match="X has 4 columns and this picture shows 2"):
        plot_decision_regions(network, IRIS.data)
    with pytest.raises(DataError, match="X has 1 column, and this picture shows 2"):
        plot_decision_regions(network, X[:, :1])
    with pytest.raises(ArgumentTypeError, match="DBSCAN does not predict"):
        plot_decision_regions(DBSCAN(), X)
    with pytest.raises(NotFittedError):
        plot_decision_regions(NeuralClassifier(), X)
    with pytest.raises(DataError, match="give one outcome a row"):
        plot_decision_regions(network, X, TWO[:3])
    with pytest.raises(DataError, match="which the model does not know"):
        plot_decision_regions(network, X, np.repeat("maybe", 80))
    many = KNeighborsClassifier(1).fit(X, np.arange(80) // 4)
    with pytest.raises(SpecificationError, match="at most 14 apart"):
        plot_decision_regions(many, X)
    several = LinearRegression().fit(X, X)
    with pytest.raises(SpecificationError, match="a surface is of one number"):
        plot_decision_regions(several, X)
