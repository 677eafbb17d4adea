"""The grid is carried by the layers: each stage is the layer's output at the points of the one before."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection

from lamina import NeuralClassifier
from lamina.errors import DataError, SpecificationError
from lamina.explain import animate_hidden_geometry, hidden_geometry, network_with, plot_hidden_geometry
from lamina.layers import Conv2D, Dense, Flatten

RNG = np.random.default_rng(0)
X = RNG.uniform(-1, 1, (40, 2))
Y = X[:, 0] > 0
FIRST, SECOND = RNG.normal(size=(2, 2)), RNG.normal(size=(2, 3))


def network():
    given = {
        "dense_1/weights": FIRST,
        "dense_1/bias": [0.5, -0.5],
        "dense_2/weights": SECOND,
        "dense_2/bias": np.zeros(3),
        "dense_3/weights": np.ones((3, 1)),
        "dense_3/bias": [0.0],
    }
    return network_with([Dense(2, "tanh"), Dense(3, "tanh")], given, 2)


def test_rows_and_grid_go_through_the_layers() -> None:
    start, first, second = hidden_geometry(network(), X, lines=5)
    np.testing.assert_allclose(start.points, X)
    assert start.grid.shape == (10, 97, 2)
    assert np.ptp(start.grid[:5, :, 1], axis=1).max() == np.ptp(start.grid[5:, :, 0], axis=1).max() == 0
    moved = [np.tanh(each @ FIRST + [0.5, -0.5]) for each in (X, start.grid)]
    np.testing.assert_allclose(first.points, moved[0])
    np.testing.assert_allclose(first.grid, moved[1])
    np.testing.assert_allclose(second.values, np.tanh(moved[0] @ SECOND))


def test_a_wide_layer_is_seen_on_its_principal_components() -> None:
    stage = hidden_geometry(network(), X)[-1]
    sizes = np.linalg.eigvalsh(np.cov(stage.values.T, bias=True))[::-1]
    np.testing.assert_allclose(np.var(stage.points, axis=0), sizes[:2])
    assert stage.share == pytest.approx(sizes[:2].sum() / sizes.sum())


def test_one_row_has_its_grid() -> None:
    wide = hidden_geometry(network(), X[:1])[-1]
    assert wide.points.tolist() == [[0.0, 0.0]]
    assert np.isfinite(wide.grid).all()


def test_steps_lie_on_straight_ways_between_layers() -> None:
    stages = hidden_geometry(network(), X, layers="dense_1", steps=4)
    assert [stage.name for stage in stages] == ["input", *["input → dense_1"] * 3, "dense_1"]
    np.testing.assert_allclose(stages[1].grid, 0.75 * stages[0].grid + 0.25 * stages[-1].grid)


def test_a_single_unit_is_a_line() -> None:
    given = {
        "dense_1/weights": [[1.0], [1.0]],
        "dense_1/bias": [0.0],
        "dense_2/weights": [[1.0]],
        "dense_2/bias": [0.0],
    }
    stage = hidden_geometry(network_with([Dense(1)], given, 2), X)[-1]
    np.testing.assert_allclose(stage.points, np.stack([X.sum(axis=1), np.zeros(40)], axis=1))


def test_each_stage_is_a_panel_with_solid_and_dashed_lines() -> None:
    ax = plot_hidden_geometry(network(), X, Y, lines=4)
    stages = hidden_geometry(network(), X, lines=4)
    assert [inset.get_title().split("\n")[0] for inset in ax.child_axes] == ["input", "dense_1", "dense_2"]
    for inset, stage in zip(ax.child_axes, stages, strict=True):
        along, up = [each for each in inset.collections if isinstance(each, LineCollection)]
        np.testing.assert_allclose(along.get_segments(), stage.grid[:4])
        assert along.get_linestyles()[0] != up.get_linestyles()[0]
        drawn = np.concatenate([np.asarray(each.get_offsets()) for each in inset.collections[2:]])
        np.testing.assert_allclose(drawn, np.concatenate([stage.points[~Y], stage.points[Y]]))


def test_the_legend_of_many_classes_hides_no_points() -> None:
    names = np.array([f"class {k}" for k in range(6)])[np.arange(len(X)) % 6]
    start, *_, apart = plot_hidden_geometry(network(), X, names).child_axes
    assert start.get_legend() is None
    assert [text.get_text() for text in apart.get_legend().get_texts()] == sorted(set(names))
    assert not apart.collections


def test_the_film_has_a_picture_for_each_step() -> None:
    film = animate_hidden_geometry(network(), X, Y, steps=3)
    film._draw_was_started = True  # what saving it would set
    assert list(film.new_frame_seq()) == list(range(7))
    film._func(1)
    assert film._fig.axes[0].get_title() == "input → dense_1"


def test_more_inputs_need_two_named_ones() -> None:
    x = RNG.normal(size=(30, 3))
    model = NeuralClassifier([Dense(2, "tanh")], epochs=2, random_state=0).fit(x, x[:, 0] > 0)
    with pytest.raises(DataError, match="X has 3 columns and this picture shows 2"):
        plot_hidden_geometry(model, x)
    start, first = hidden_geometry(model, x, features=[0, 2])
    np.testing.assert_allclose(start.points, x[:, [0, 2]])
    rows = np.insert(start.grid[0], 1, np.median(x[:, 1]), axis=1)
    scale, layer = model.features_.standardizer, model.parameters_["dense_1"]
    assert scale is not None
    np.testing.assert_allclose(
        first.grid[0],
        np.tanh((rows - scale.mean) / scale.scale @ layer["weights"] + layer["bias"]),
        atol=1e-6,
    )


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'dense_3'"):
        plot_hidden_geometry(network(), X, layers=["dense_33"])
    with pytest.raises(DataError, match="give one class a row"):
        plot_hidden_geometry(network(), X, Y[:3])
    with pytest.raises(SpecificationError, match="y has 40 different values"):
        plot_hidden_geometry(network(), X, X[:, 0])
    with pytest.raises(SpecificationError, match="names a column twice"):
        plot_hidden_geometry(network(), X, features=[1, 1])
    images = RNG.uniform(size=(10, 4, 4, 1))
    model = NeuralClassifier([Conv2D(1, 3), Flatten()], epochs=1).fit(images, [0, 1] * 5)
    with pytest.raises(DataError, match="rows of a table are needed"):
        plot_hidden_geometry(model, images)
