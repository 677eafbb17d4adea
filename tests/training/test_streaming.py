"""A fit on rows that stay on the disk is the fit in memory: same orders, same steps, same losses; and its memory is bounded."""

from __future__ import annotations

import itertools
import signal
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_fits import assert_close, assert_same_bits

from lamina.data.streaming import StoredRows
from lamina.errors import DivergenceError, SpecificationError
from lamina.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, Sequential
from lamina.training import (
    LBFGS,
    SGD,
    Adam,
    BinaryCrossEntropy,
    Fitted,
    GradientDescent,
    Penalty,
    Settings,
    SquaredError,
    fit,
    pad_rows,
    streaming,
)
from lamina.training.streaming import ahead, stored_rows

RNG = np.random.default_rng(0)
X = RNG.integers(0, 256, (70, 4, 4, 1), np.uint8)
Y = (X.mean((1, 2, 3)) > 128).astype(np.float32)[:, None]
SMALL = Sequential([Flatten(), Dense(5, "tanh"), Dropout(0.3), Dense(1, "sigmoid")])
BATCH = 8


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of three mini-batches: an epoch of nine steps takes three, the last step is short."""
    monkeypatch.setattr(streaming, "BLOCK_BYTES", 3 * BATCH * 16)


def both(
    network: Sequential = SMALL,
    *,
    weights: Any = None,
    watched: Any = None,
    x: np.ndarray = X,
    start_from: tuple[Fitted, Fitted] | tuple[None, None] = (None, None),
    **settings: Any,
) -> tuple[Fitted, Fitted]:
    """The fit in memory and the streamed one."""
    how = Settings(**{"batch_size": BATCH, "epochs": 3, "optimizer": Adam(0.01), **settings})
    loss = BinaryCrossEntropy() if network is SMALL else SquaredError()
    parts = [x] if watched is None else [x, watched[0]]
    targets = [Y[: len(x)]] if watched is None else [Y[: len(x)], watched[1]]
    mass = [weights, None]
    memory = [pad_rows(a, b, w) for a, b, w in zip(parts, targets, mass, strict=False)]
    disk = [stored_rows(StoredRows(a), b, w) for a, b, w in zip(parts, targets, mass, strict=False)]
    found = []
    for (rows, *further), start in zip((memory, disk), start_from, strict=True):
        validation = further[0] if further else None
        found.append(fit(network, loss, rows, how, 7, validation=validation, start_from=start))
    return found[0], found[1]


def assert_equal_fits(memory: Fitted, streamed: Fitted) -> None:
    assert_close(memory.parameters, streamed.parameters, rtol=2e-5, atol=1e-6)
    assert_close(memory.state, streamed.state, rtol=2e-5, atol=1e-6)
    np.testing.assert_allclose(streamed.history.loss, memory.history.loss, rtol=1e-5)
    np.testing.assert_allclose(streamed.history.penalty, memory.history.penalty, rtol=1e-5)
    np.testing.assert_allclose(streamed.history.validation_loss, memory.history.validation_loss, rtol=1e-5)
    assert streamed.history.best_epoch == memory.history.best_epoch
    assert streamed.history.stopped == memory.history.stopped
    assert streamed.epochs == memory.epochs


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"shuffle": False, "penalty": Penalty(l2=0.1), "clip_norm": 0.5},
        {"whole_batches": True, "optimizer": SGD(0.1)},
        {"batch_size": 100},
    ],
    ids=str,
)
def test_it_is_the_fit_in_memory(settings: dict[str, Any]) -> None:
    assert_equal_fits(*both(**settings))


def test_filters_and_running_statistics() -> None:
    network = Sequential([Conv2D(2, 3, padding="same"), BatchNorm(), MaxPool2D(2), Flatten(), Dense(1)])
    assert_equal_fits(*both(network, epochs=2))


def test_weights_of_rows() -> None:
    weights = RNG.integers(0, 3, len(X)).astype(np.float32)
    assert_equal_fits(*both(weights=weights))


def test_rows_to_watch_and_patience() -> None:
    other = RNG.integers(0, 256, (45, 4, 4, 1), np.uint8)
    noise = RNG.integers(0, 2, (45, 1)).astype(np.float32)
    memory, streamed = both(watched=(other, noise), epochs=40, patience=2, optimizer=Adam(0.05))
    assert memory.history.stopped == "patience"
    assert_equal_fits(memory, streamed)


def test_going_on_is_one_longer_fit() -> None:
    first = both(epochs=2)
    memory, streamed = both(epochs=2, start_from=first, horizon=4)
    assert streamed.epochs == 4
    assert_equal_fits(memory, streamed)


def test_bits_do_not_depend_on_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    _, small = both()
    monkeypatch.setattr(streaming, "BLOCK_BYTES", 5 * BATCH * 16)
    _, larger = both()
    assert_same_bits(small.parameters, larger.parameters)


def test_two_blocks_are_in_memory_and_every_row_is_read_once_an_epoch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "x.npy", X)
    buffers: list[int] = []
    read: list[np.ndarray] = []
    take, zeros = StoredRows.take, streaming.aligned_zeros

    def noted_take(self: StoredRows, places: np.ndarray, out: np.ndarray) -> None:
        assert threading.current_thread() is not threading.main_thread()
        read.append(places)
        take(self, places, out)

    def noted_zeros(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        buffers.append(int(np.prod(shape)) * np.dtype(dtype).itemsize if len(shape) == 4 else 0)
        return zeros(shape, dtype)

    monkeypatch.setattr(StoredRows, "take", noted_take)
    monkeypatch.setattr(StoredRows, "__array__", None)
    monkeypatch.setattr(streaming, "aligned_zeros", noted_zeros)
    rows = stored_rows(StoredRows(np.load(tmp_path / "x.npy", mmap_mode="r")), Y, None)
    fit(SMALL, BinaryCrossEntropy(), rows, Settings(batch_size=BATCH, epochs=2), 0)
    assert sum(buffers) == 2 * 3 * BATCH * 16
    assert max(map(len, read)) == 3 * BATCH
    places = np.concatenate(read)
    assert np.sort(places[:70]).tolist() == np.sort(places[70:]).tolist() == list(range(70))
    assert places[:70].tolist() != places[70:].tolist()


def test_ctrl_c_keeps_the_model_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    take, calls = StoredRows.take, itertools.count()

    def interrupting(self: StoredRows, places: np.ndarray, out: np.ndarray) -> None:
        take(self, places, out)
        if next(calls) == 5:  # in the second epoch
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(StoredRows, "take", interrupting)
    rows = stored_rows(StoredRows(X), Y, None)
    fitted = fit(SMALL, BinaryCrossEntropy(), rows, Settings(batch_size=BATCH, epochs=500), 0)
    assert fitted.interrupted
    assert fitted.history.stopped == "interrupted"
    assert 1 <= len(fitted.history) <= 3


def test_an_error_while_reading_ends_the_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(self: StoredRows, places: np.ndarray, out: np.ndarray) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(StoredRows, "take", failing)
    with pytest.raises(OSError, match="the disk is gone"):
        fit(SMALL, BinaryCrossEntropy(), stored_rows(StoredRows(X), Y, None), Settings(batch_size=BATCH), 0)


def test_divergence_is_told() -> None:
    network = Sequential([Flatten(), Dense(1)])
    rows = stored_rows(StoredRows(X), Y * 1e30, None)
    with pytest.raises(DivergenceError):
        fit(network, SquaredError(), rows, Settings(batch_size=BATCH, optimizer=SGD(1e9)), 0)


@pytest.mark.parametrize(
    "settings", [{"batch_size": None}, {"optimizer": GradientDescent()}, {"optimizer": LBFGS()}]
)
def test_what_needs_all_rows_at_once_says_so(settings: dict[str, Any]) -> None:
    rows = stored_rows(StoredRows(X), Y, None)
    with pytest.raises(SpecificationError, match=r"does not fit in memory.*set batch_size"):
        fit(
            Sequential([Flatten(), Dense(1)]),
            SquaredError(),
            rows,
            Settings(**{"batch_size": BATCH, **settings}),
            0,
        )


def test_items_ahead_come_in_order_and_one_is_made_meanwhile() -> None:
    made: list[int] = []

    def items() -> Any:
        for number in range(4):
            made.append(number)
            yield number

    coming = ahead(items())
    assert next(coming) == 0
    assert list(coming) == [1, 2, 3]
    assert made == [0, 1, 2, 3]
    early = ahead(items())
    next(early)
    early.close()
    assert len(made) <= 6
