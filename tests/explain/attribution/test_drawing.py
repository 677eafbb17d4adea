"""The pictures show the numbers: as many bars, as long, in order of size; a map with the same pixels."""

from __future__ import annotations

import time

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from tests.explain.attribution.conftest import Known

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.explain import Shapley, attribute, plot_attribution


@pytest.fixture(autouse=True)
def _closed() -> object:
    yield
    plt.close("all")


def bars(ax: Axes) -> dict[str, float]:
    labels = [label.get_text() for label in ax.get_yticklabels()]
    widths = [patch.get_width() for patch in ax.patches if isinstance(patch, Rectangle)]
    return dict(zip(labels, widths, strict=True))


def test_bars_of_a_row(table: Known) -> None:
    found = attribute(table.model, table.X)
    ax = plot_attribution(found, 2)
    assert bars(ax) == pytest.approx(found.frame().iloc[2].to_dict())
    sizes = np.abs(list(bars(ax).values()))
    assert (np.diff(sizes) >= 0).all()
    hatched = [bool(patch.get_hatch()) for patch in ax.patches]
    assert hatched == [width < 0 for width in bars(ax).values()]
    assert "row 2" in ax.get_title()
    assert len(bars(plot_attribution(found, 0, top=3))) == 3


def test_columns_without_a_slope_are_left_out(table: Known) -> None:
    assert set(bars(plot_attribution(attribute(table.model, table.X, "gradient")))) == {"size", "age", "same"}


def test_the_mean_size_over_rows(regression: Known) -> None:
    found = attribute(regression.model, regression.X)
    expected = dict(zip(found.names or (), np.abs(found.attributions).mean(axis=0), strict=True))
    assert bars(found.plot(None)) == pytest.approx(expected)


def test_standard_errors_are_drawn(regression: Known) -> None:
    found = attribute(regression.model, regression.X, Shapley(4))
    assert found.plot().collections


def test_words(sequences: Known, bag: Known) -> None:
    found = attribute(sequences.model, sequences.X)
    labels = [label.get_text() for label in found.plot(0).get_yticklabels()]
    assert sorted(labels) == ["a", "film", "fine", "what"]
    assert set(bars(attribute(bag.model, bag.X).plot(1))) == {"dull", "acting"}
    with pytest.raises(DataError, match="different places"):
        found.plot(None)


def test_a_map_of_pixels(pictures: Known) -> None:
    found = attribute(pictures.model, pictures.X)
    _, ax = plt.subplots()
    assert found.plot(1, ax=ax) is ax
    np.testing.assert_allclose(ax.images[0].get_array(), found.attributions[1, :, :, 0])
    low, high = ax.images[0].get_clim()
    assert low == -high == -np.abs(found.attributions[1]).max()
    assert ax.collections, "lines tell the signs apart without colours"
    with pytest.raises(DataError, match="pixels differ"):
        found.plot(None)


def test_what_cannot_be_drawn(regression: Known) -> None:
    found = attribute(regression.model, regression.X)
    for row in (9, -10, 1.5, True, "a"):
        with pytest.raises(DataError, match="there are 9 rows"):
            found.plot(row)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="ndarray was given"):
        plot_attribution(found.attributions)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="matplotlib Axes"):
        found.plot(0, ax=3)  # type: ignore[arg-type]
    with pytest.raises(SpecificationError, match="top must be"):
        found.plot(0, top=0)


def test_a_picture_takes_little_time(pictures: Known) -> None:
    found = attribute(pictures.model, pictures.X)
    start = time.process_time()
    found.plot(0).figure.canvas.draw()
    assert time.process_time() - start < 2
