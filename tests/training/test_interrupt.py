"""Ctrl-C ends a fit with a usable model; a second one ends it at once."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from small_fits import assert_same_bits, fit_rows, linear_data

from lamina.layers import Dense, Sequential
from lamina.training.interrupt import InterruptFlag

X, Y = linear_data()
NETWORK = Sequential([Dense(4, "tanh"), Dense(1)])
FOREVER = 100_000_000


@contextmanager
def interrupt_after(seconds: float) -> Iterator[None]:
    timer = threading.Timer(seconds, signal.raise_signal, args=(signal.SIGINT,))
    main = threading.main_thread().ident
    timer.function = lambda *_: signal.pthread_kill(main, signal.SIGINT)  # type: ignore[arg-type]
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs to signal the main thread")
@pytest.mark.parametrize("validates", [False, True])
def test_an_interrupted_fit_is_the_fit_of_the_epochs_it_ran(validates: bool) -> None:
    options: dict[str, Any] = {"batch_size": None}
    if validates:
        options["validation"] = linear_data(seed=1)
    fit_rows(NETWORK, X, Y, epochs=2, **options)  # compiles, so that the interrupt falls into training
    with interrupt_after(0.3):
        fitted = fit_rows(NETWORK, X, Y, epochs=FOREVER, **options)
    assert fitted.interrupted
    assert fitted.history.stopped == "interrupted"
    assert fitted.epochs == len(fitted.history) > 0
    again = fit_rows(NETWORK, X, Y, epochs=fitted.epochs, **options)
    assert not again.interrupted
    assert_same_bits(fitted.parameters, again.parameters)
    assert fitted.history.loss == again.history.loss


def test_a_second_interrupt_stops_at_once() -> None:
    with InterruptFlag() as flag:
        signal.raise_signal(signal.SIGINT)
        assert flag.requested
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_afterwards_ctrl_c_means_what_it_meant_before() -> None:
    before = signal.getsignal(signal.SIGINT)
    with InterruptFlag():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before
    fit_rows(NETWORK, X, Y, epochs=2, batch_size=None)
    assert signal.getsignal(signal.SIGINT) == before


def test_a_fit_runs_in_another_thread() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(fit_rows(NETWORK, X, Y, epochs=2, batch_size=None)))
    thread.start()
    thread.join()
    here = fit_rows(NETWORK, X, Y, epochs=2, batch_size=None)
    assert_same_bits(found[0].parameters, here.parameters)
    assert np.isfinite(here.history.loss).all()


def test_an_interrupt_reaches_the_flags_around() -> None:
    with InterruptFlag() as search:
        with InterruptFlag() as fit:
            signal.raise_signal(signal.SIGINT)
            assert fit.requested
        assert search.requested
        with InterruptFlag() as fit:
            assert not fit.requested
