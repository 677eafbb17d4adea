"""Warnings are said once, and of whom they came."""

from __future__ import annotations

import warnings

from lamina.evaluation.hearing import Hearing


def test_a_warning_of_a_population_is_that_of_each_of_its_networks() -> None:
    hearing = Hearing()
    with hearing.of_all(["one", "two"], fits=3):
        for gap in (0.5, 0.7):
            warnings.warn(f"the gap is {gap}", UserWarning, stacklevel=1)
    assert hearing.told(["mean", "one", "two"], fits=3) == ("the gap is 0.7 (one, two, in 2 of 3 fits)",)


def test_no_more_warnings_are_counted_than_there_are_fits() -> None:
    """Networks that prepare the same rows in different ways warn apart."""
    hearing = Hearing()
    with hearing.of_all(["one", "two"], fits=2):
        for _ in range(4):
            warnings.warn("a constant column", UserWarning, stacklevel=1)
    assert hearing.told(["one", "two"], fits=2) == ("a constant column",)
