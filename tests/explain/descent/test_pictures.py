"""What is drawn are the paths and the function; divergence is said; readable without colour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from lamina.errors import ArgumentTypeError, LaminaError, SpecificationError
from lamina.explain import (
    ROSENBROCK,
    TWO_MINIMA,
    Newton,
    descend,
    descend_each,
    plot_descent,
    plot_descent_surface,
    plot_step_sizes,
)
from lamina.explain.descent.drawing import style
from lamina.explain.descent.surface_picture import spaced_levels
from lamina.training import Adam, GradientDescent


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    plt.close("all")


def legend(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_the_curve_is_the_function_and_the_points_the_steps() -> None:
    path = descend("parabola", 2.0, GradientDescent(0.25), steps=6)
    ax = Figure().subplots()
    assert plot_descent(path, ax=ax) is ax
    curve, points = ax.lines
    theta = np.asarray(curve.get_xdata())
    assert curve.get_ydata() == pytest.approx(theta**2 - theta + 0.25)
    assert points.get_xdata() == pytest.approx(path.theta)
    assert points.get_ydata() == pytest.approx(path.values)


def test_steps_are_numbered_and_an_arrow_leads_to_each_next_one() -> None:
    path = descend("two_minima", 0.25, GradientDescent(0.08), steps=7)
    ax = plot_descent(path)
    texts = [text for text in ax.texts if text.get_text()]
    arrows = [text for text in ax.texts if not text.get_text()]
    assert len(arrows) == 7
    for k, arrow in enumerate(arrows):
        assert arrow.xy == (path.theta[k + 1], path.values[k + 1])  # type: ignore[attr-defined]
    assert [text.get_text() for text in texts][:3] == ["0", "2", "3"]
    numbers = [text.xy[0] for text in texts]  # type: ignore[attr-defined]
    assert all(abs(a - b) > 0.03 for i, a in enumerate(numbers) for b in numbers[:i])


def test_paths_by_label_stand_in_the_legend_and_starts_outside_widen_the_window() -> None:
    paths = {str(start): descend("two_minima", start, GradientDescent(0.02), 9) for start in (0.3, -1.5)}
    ax = plot_descent(paths)
    assert legend(ax)[1:] == ["0.3", "-1.5"]
    assert ax.get_xlim() == (-1.5, TWO_MINIMA.window[0][1])


def test_a_window_of_ones_own() -> None:
    assert plot_descent(descend("parabola"), window=(0, 1)).get_xlim() == (0, 1)
    ax = plot_descent_surface(descend("bowl", steps=3), window=((0, 1), (2, 3)))
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (2, 3))


def test_a_function_without_a_window_is_drawn_where_the_path_goes() -> None:
    path = descend(lambda t: (t - 5) ** 2, 0.0, GradientDescent(0.25), 10)
    low, high = plot_descent(path).get_xlim()
    assert low < 0
    assert 5 < high < 6


def test_a_diverging_path_is_drawn_as_far_as_it_is_finite_and_said() -> None:
    path = descend(lambda t: t**4, 2.0, GradientDescent(1.0), 20)
    assert path.lost
    ax = plot_descent({"too far": path})
    assert legend(ax)[1] == f"too far: diverges, finite for {path.steps} steps"
    ax.figure.savefig("/dev/null", format="png")  # type: ignore[union-attr]
    surface = plot_descent_surface(descend("rosenbrock", optimizer=GradientDescent(0.1)))
    assert "diverges, finite for" in legend(surface)[0]
    surface.figure.savefig("/dev/null", format="png")  # type: ignore[union-attr]


def test_contours_are_of_the_function_and_paths_lie_on_them() -> None:
    paths = descend_each(ROSENBROCK, optimizers=["momentum", "newton", Adam(0.1)], steps=30)
    ax = plot_descent_surface(paths)
    drawn = {line.get_label(): line for line in ax.lines}
    for label, path in paths.items():
        assert np.column_stack(drawn[label].get_data()) == pytest.approx(path.theta)
    [contours] = ax.collections
    for level, where in zip(contours.levels, contours.get_paths(), strict=True):  # type: ignore[attr-defined]
        for x, y in where.vertices[:5]:
            # Contours are interpolated between the points of a grid.
            assert float(ROSENBROCK((x, y))) == pytest.approx(level, rel=0.3, abs=2.0)


def test_a_surface_alone_takes_every_optimizer_and_newtons() -> None:
    ax = plot_descent_surface("bowl", steps=20)
    assert len(legend(ax)) == 8
    assert legend(ax)[-1] == "newton"
    assert ax.get_title() == "quadratic bowl, condition 25"
    stars = [line for line in ax.lines if line.get_marker() == "*"]
    assert [line.get_xydata().tolist() for line in stars] == [[[0.0, 0.0]]]


def test_levels_lie_closer_together_near_the_least() -> None:
    levels = spaced_levels(np.array([3.0, 7.0, np.inf]), 5)
    assert levels[-1] == pytest.approx(7)
    assert np.all(np.diff(levels, 2) > 0)
    assert len(spaced_levels(np.zeros(3))) > 1


def test_styles_differ_without_colour() -> None:
    looks = [style(place) for place in range(12)]
    without = {(str(look["linestyle"]), look["marker"], look["markerfacecolor"] == "none") for look in looks}
    assert len(without) == 12


def test_too_small_good_and_too_large_stand_side_by_side() -> None:
    panels = plot_step_sizes().child_axes
    assert [ax.get_title().splitlines()[0] for ax in panels] == ["step 0.02", "step 0.25", "step 1.05"]
    values = [np.asarray(ax.lines[1].get_ydata()) for ax in panels]
    assert values[1][-1] < values[0][-1] < values[0][0] < values[2][-1]
    own = Figure().subplots()
    found = plot_step_sizes("bowl", rates=(0.01, 0.5), steps=2000, ax=own)
    assert found is own
    assert "diverges, finite for" in found.child_axes[1].get_title()


REFUSED: list[tuple[Callable[[], Any], type[LaminaError], str]] = [
    (lambda: plot_descent(descend("bowl", steps=2)), SpecificationError, "use plot_descent_surface"),
    (lambda: plot_descent_surface(descend("parabola", steps=2)), SpecificationError, "use plot_descent"),
    (
        lambda: plot_descent_surface(descend(lambda t: (t**2).sum(), [1.0] * 3)),
        SpecificationError,
        "path.frame",
    ),
    (lambda: plot_descent(3), ArgumentTypeError, "a path is needed"),
    (lambda: plot_descent([3]), ArgumentTypeError, "a path is needed"),
    (lambda: plot_descent([]), SpecificationError, "no path"),
    (lambda: plot_descent(descend("parabola"), ax=3), ArgumentTypeError, "Axes"),  # type: ignore[arg-type]
    (lambda: plot_descent(descend("parabola"), window=(1, 0)), SpecificationError, "window"),
    (lambda: plot_descent_surface(descend("bowl"), window=(1, 0)), SpecificationError, "window"),
    (lambda: plot_step_sizes(rates=()), SpecificationError, "rates is empty"),
    (lambda: plot_step_sizes(ax=Figure()), ArgumentTypeError, "one matplotlib Axes"),  # type: ignore[arg-type]
    (lambda: plot_descent_surface(Newton()), ArgumentTypeError, "Newton was given"),
]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_cannot_be_drawn_is_refused_in_words(place: int) -> None:
    call, error, words = REFUSED[place]
    with pytest.raises(error, match=words):
        call()
