"""What scikit-learn does on the host in each epoch: shuffle with its random numbers, and print the losses."""

from __future__ import annotations

from typing import Any

import numpy as np

from lamina.training import History


class Shuffling:
    """Orders of the epochs, each a shuffle of the last, drawn from ``rng`` as scikit-learn draws them.

    The engine asks for some epochs ahead; ``settle`` leaves the generator as the epochs that were run leave it.

    >>> shuffling = Shuffling(np.random.RandomState(0), 4)
    >>> shuffling.draw().tolist(), shuffling.draw().tolist()
    ([2, 3, 1, 0], [2, 1, 3, 0])
    """

    def __init__(self, rng: np.random.RandomState, n_rows: int) -> None:
        self._rng = rng
        self._order = np.arange(n_rows)
        self._before: Any = rng.get_state()
        self._drawn = 0

    def draw(self) -> np.ndarray:
        """Order of the next epoch."""
        self._order = self._order[self._shuffle()]
        self._drawn += 1
        return self._order

    def settle(self, epochs: int) -> None:
        """Set the generator to where it stands after ``epochs`` shuffles."""
        if epochs == self._drawn:
            return
        self._rng.set_state(self._before)
        for _ in range(epochs):
            self._shuffle()

    def _shuffle(self) -> np.ndarray:
        indices = np.arange(len(self._order))
        self._rng.shuffle(indices)
        return indices


class LossPrinter:
    """Prints a line an epoch, as scikit-learn does with ``verbose=True``."""

    def __init__(self) -> None:
        self._told = 0

    def __call__(self, history: History) -> None:
        for place in range(self._told, len(history)):
            print(f"Iteration {place + 1}, loss = {history.loss[place] + history.penalty[place]:.8f}")
            if history.validation_loss:
                print(f"Validation score: {history.validation_loss[place]:f}")
        self._told = len(history)
