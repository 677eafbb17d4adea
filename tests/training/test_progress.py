"""The progress bar appears on a terminal where it is wanted, and nowhere else; no bit depends on it."""

import io
import sys
from typing import Any

import pytest
from small_fits import assert_same_bits, linear_data

from lamina.layers import Dense, Sequential
from lamina.training import Settings, SquaredError, fit, pad_rows
from lamina.training.progress import ProgressBar


class Screen(io.StringIO):
    """What a terminal is to rich."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


def drawn(
    monkeypatch: pytest.MonkeyPatch, verbose: bool | None, *, terminal: bool = True, patience: float = 2
) -> str:
    screen = Screen(terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(ProgressBar, "PATIENCE_SECONDS", patience)
    bar = ProgressBar(40, verbose)
    bar.update(10.0, 0.5)
    bar.close()
    return screen.getvalue()


@pytest.mark.parametrize(
    ("verbose", "terminal", "patience", "shown"),
    [
        (True, True, 2.0, True),
        (None, True, 0.0, True),
        (None, True, 100.0, False),
        (False, True, 0.0, False),
        (True, False, 0.0, False),
    ],
)
def test_is_drawn_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, verbose: bool | None, terminal: bool, patience: float, shown: bool
) -> None:
    text = drawn(monkeypatch, verbose, terminal=terminal, patience=patience)
    assert bool(text) == shown
    assert ("10/40" in text and "loss 0.5" in text) == shown


def test_a_fit_with_a_bar_gives_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = linear_data()
    fits: list[Any] = []
    for verbose in (False, True):
        monkeypatch.setattr(sys, "stderr", Screen(terminal=True))
        rows = pad_rows(X, y[:, None], None)
        fits.append(fit(Sequential([Dense(1)]), SquaredError(), rows, Settings(epochs=3), 0, verbose=verbose))
    assert_same_bits(fits[0].parameters, fits[1].parameters)
    assert fits[0].history == fits[1].history
