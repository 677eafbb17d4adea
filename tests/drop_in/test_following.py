"""Shuffling and printing as scikit-learn does."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils import shuffle

from lamina.drop_in.following import LossPrinter, Shuffling
from lamina.training import History


def test_each_order_is_a_shuffle_of_the_last_by_scikit_learns_function() -> None:
    ours, generator, order = Shuffling(np.random.RandomState(3), 20), np.random.RandomState(3), np.arange(20)
    for _ in range(4):
        order = shuffle(order, random_state=generator)
        np.testing.assert_array_equal(ours.draw(), order)


@pytest.mark.parametrize("drawn", [0, 2, 7])
def test_settled_the_generator_stands_after_the_epochs_that_were_run(drawn: int) -> None:
    generator, expected = np.random.RandomState(3), np.random.RandomState(3)
    ours = Shuffling(generator, 10)
    for _ in range(drawn):
        ours.draw()
    ours.settle(2)
    for _ in range(2):
        shuffle(np.arange(10), random_state=expected)
    assert generator.randint(10**9) == expected.randint(10**9)


def test_each_epoch_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    printer = LossPrinter()
    history = History(loss=[0.5], penalty=[0.25])
    printer(history)
    history.loss.append(0.25)
    history.penalty.append(0.25)
    printer(history)
    lines = capsys.readouterr().out.splitlines()
    assert lines == ["Iteration 1, loss = 0.75000000", "Iteration 2, loss = 0.50000000"]


def test_validation_scores_are_printed_beside(capsys: pytest.CaptureFixture[str]) -> None:
    LossPrinter()(History(loss=[0.5], penalty=[0.0], validation_loss=[0.875]))
    assert capsys.readouterr().out.splitlines()[1] == "Validation score: 0.875000"
