"""Budgets in fits and in time, and the bar that shows what is left."""

from __future__ import annotations

import io
import sys
import time

import pytest

from lamina.errors import LaminaError
from lamina.model_selection.budget import Budget, SearchBar


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (200, Budget(fits=200)),
        ("200", Budget(fits=200)),
        ("60s", Budget(seconds=60)),
        ("0.5 min", Budget(seconds=30)),
        ("2h", Budget(seconds=7200)),
    ],
)
def test_fits_are_a_number_and_time_has_a_unit(given: int | str, meant: Budget) -> None:
    assert Budget.parse(given) == meant


@pytest.mark.parametrize("given", [0, -3, "0s", "1.5", "5 days", "", "s", True, 1.5, None])
def test_anything_else_is_refused(given: object) -> None:
    with pytest.raises(LaminaError, match="give a number of fits above zero, such as 200, or a time"):
        Budget.parse(given)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("deadline", "shown"), [(None, "5 fits, best score 0.25"), (60.0, "5 fits")])
def test_the_bar_shows_the_best_score_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, deadline: float | None, shown: str
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "120")
    bar = SearchBar(20, None if deadline is None else time.monotonic() + deadline, 1)
    bar.update(5, 0.25)
    bar.close()
    assert shown in terminal.getvalue()


@pytest.mark.parametrize("verbose", [None, 0])
def test_nothing_is_drawn_early_or_where_silence_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, verbose: int | None
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = SearchBar(20, None, verbose)
    bar.update(5, 0.25)
    bar.close()
    assert terminal.getvalue() == ""
