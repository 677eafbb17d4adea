"""What the pictures share."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure

from lamina.errors import ArgumentTypeError
from lamina.explain.drawing import LINES, axes_for


def test_axes_that_are_given_are_taken_and_others_made() -> None:
    import matplotlib.pyplot as plt

    own = Figure().subplots()
    assert axes_for(own) is own
    made = axes_for(None)
    assert plt.gca() is made
    plt.close(made.figure)  # type: ignore[arg-type]


def test_what_is_no_axes_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="one matplotlib Axes"):
        axes_for(Figure())  # type: ignore[arg-type]


def test_curves_differ_in_colour_line_and_marker() -> None:
    for kind in zip(*LINES, strict=True):
        assert len(set(map(str, kind))) == len(LINES)
