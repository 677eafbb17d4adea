"""Networks that are written down do exactly what the equations say, and can be saved and loaded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

import lamina
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import (
    bump_network,
    hill_network,
    hills_network,
    network_with,
    plot_bumps,
    plot_hill,
    plot_product,
    product_network,
)
from lamina.layers import Dense


@settings(deadline=None, max_examples=20)
@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_two_squared_units_multiply(a: float, b: float) -> None:
    np.testing.assert_allclose(product_network().predict([[a, b]]), [a * b], rtol=1e-12, atol=1e-9)


def test_the_panels_of_the_product_are_its_two_terms_and_their_sum() -> None:
    ax = plot_product(reach=1.0)
    assert len(ax.child_axes) == 3
    assert [inset.get_xlabel() for inset in ax.child_axes] == ["x1"] * 3
    for inset in ax.child_axes:
        assert inset.collections
    with pytest.raises(SpecificationError, match="give a positive number"):
        plot_product(reach=-1)


def test_bumps_are_the_formula() -> None:
    x = np.linspace(-1, 3, 50)
    edges = np.linspace(0, 2, 5)
    starts, ends = edges[:-1].copy(), edges[1:].copy()
    starts[0] -= 0.5
    ends[-1] += 0.5
    heights = np.cos((edges[:-1] + edges[1:]) / 2)
    wanted = sum(
        h * (expit(10 * (x - a) / 0.5) - expit(10 * (x - b) / 0.5))
        for h, a, b in zip(heights, starts, ends, strict=True)
    )
    model = bump_network(np.cos, 0, 2, bumps=4, steepness=10)
    np.testing.assert_allclose(model.predict(x[:, None]), wanted, atol=1e-12)
    assert model.n_parameters_ == 8 + 8 + 8 + 1


def test_more_bumps_come_nearer_as_the_theorem_says() -> None:
    x = np.linspace(0, 3, 1000)
    errors = [
        np.abs(bump_network(np.sin, 0, 3, m, steepness=200).predict(x[:, None]) - np.sin(x)).max()
        for m in (10, 40)
    ]
    assert errors[1] < errors[0] / 3.5
    assert errors[0] <= 1.1 * (3 / 10) / 2  # half a piece times the largest slope


def test_bumps_are_drawn_with_function_network_and_each_pair() -> None:
    ax = plot_bumps(np.sin, 0, 3, bumps=5)
    *pairs, function, network, _ = ax.lines
    assert len(pairs) == 5
    x = np.asarray(function.get_xdata(), float)
    np.testing.assert_allclose(function.get_ydata(), np.sin(x))
    np.testing.assert_allclose(
        network.get_ydata(),
        np.sum([np.asarray(pair.get_ydata(), float) for pair in pairs], axis=0),
        atol=1e-12,
    )
    assert network.get_linestyle() != function.get_linestyle()


def test_a_hill_stands_on_its_square_and_nowhere_else() -> None:
    model = hill_network([(1.0, 2.0), (-3.0, 0.0)], [5.0, -2.0], (1.0, 2.0), steepness=60)
    inside = [[1.0, 2.0], [1.4, 2.9], [0.6, 1.1], [-3.0, 0.0], [-2.6, -0.9]]
    outside = [[1.7, 2.0], [1.0, 3.2], [-3.0, 1.2], [0.0, 0.0], [1.0, 0.0], [-3.0, 2.0]]
    np.testing.assert_allclose(model.predict(inside), [5, 5, 5, -2, -2], atol=1e-6)
    np.testing.assert_allclose(model.predict(outside), 0, atol=1e-6)


def test_many_hills_follow_a_function_of_two_inputs() -> None:
    middles = -1 + 0.25 * (np.arange(8) + 0.5)
    points = np.array([(a, b) for a in middles for b in middles])
    model = hills_network(lambda a, b: a - b**2, -1, 1, hills=8, steepness=40)
    np.testing.assert_allclose(model.predict(points), points[:, 0] - points[:, 1] ** 2, atol=1e-6)


def test_the_panels_of_a_hill_rise_to_one_two_and_one() -> None:
    ax = plot_hill(steepness=30, height=7.0)
    heights = [
        max(float(np.max(each.norm.vmax)) for each in inset.collections if each.norm.vmax)
        for inset in ax.child_axes
    ]
    np.testing.assert_allclose(heights, [1, 1, 2, 7], rtol=0.05)


def test_a_network_that_is_given_is_a_model_like_any_other(tmp_path: Path) -> None:
    model = bump_network(np.sin, 0, 3, bumps=4)
    model.save(tmp_path / "bumps.lamina")
    x = np.linspace(0, 3, 9)[:, None]
    np.testing.assert_array_equal(lamina.load(tmp_path / "bumps.lamina").predict(x), model.predict(x))


def test_what_does_not_make_a_network_is_refused() -> None:
    with pytest.raises(
        SpecificationError, match=r"weights lacks dense_1/bias, dense_2/bias, dense_2/weights"
    ):
        network_with([Dense(1)], {"dense_1/weights": [[1.0]]}, 1)
    with pytest.raises(SpecificationError, match="of another shape"):
        network_with([Dense(1)], {"dense_1/weights": [[1.0, 2.0]]}, 1)
    with pytest.raises(SpecificationError, match="the smaller first"):
        bump_network(np.sin, 2, 1)
    with pytest.raises(SpecificationError, match="give two numbers"):
        bump_network(np.sin, "a", 1)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="bumps must be a whole number"):
        bump_network(np.sin, 0, 1, 0)
    with pytest.raises(SpecificationError, match="above zero"):
        bump_network(np.sin, 0, 1, steepness=0)
    with pytest.raises(ArgumentTypeError, match="give a function of arrays"):
        bump_network(3, 0, 1)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="some of it not finite"):
        bump_network(lambda x: np.where(x > 0, np.nan, x), 0, 1)
    with pytest.raises(DataError, match="one finite number for each point"):
        bump_network(lambda x: 1.0, 0, 1)
    with pytest.raises(DataError, match="a height for each hill"):
        hill_network([(0, 0)], [1, 2])
    with pytest.raises(SpecificationError, match="width=-1"):
        hill_network(width=-1)
