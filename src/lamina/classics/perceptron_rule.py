"""The perceptron's rule for one neuron: correct at every mistake, and keep the best weights in the pocket.

A row x carries the bias input -1 in its last place, so that the last weight is the threshold θ; t is 0 or 1. The neuron says
y = 1 if w·x > 0, otherwise 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass
class Pocket:
    """The weights with the fewest wrong rows so far, and the longest run of right ones (Gallant 1990)."""

    x: Array
    t: Array
    weights: Array
    run: int = 0
    errors: int = field(init=False)

    def __post_init__(self) -> None:
        self.errors = self.count(self.weights)

    def count(self, weights: Array) -> int:
        """Wrong rows."""
        return int(np.sum((self.x @ weights > 0) != self.t))

    def offer(self, weights: Array, run: int) -> None:
        """Put them in if they are right on more rows: the ratchet."""
        errors = self.count(weights)
        if errors < self.errors:
            self.weights, self.errors, self.run = weights.copy(), errors, run


@dataclass(frozen=True)
class Learnt:
    """What one neuron learnt.

    Attributes
    ----------
    weights
        Those that separate, or the pocket's; the threshold last.
    errors
        Rows of the training data that they have wrong.
    mistakes
        Corrections in each epoch.
    separable
        True if an epoch passed without a mistake; False if weights came back, which never happens where anything separates;
        None if the epochs ran out.
    """

    weights: Array
    errors: int
    mistakes: tuple[int, ...]
    separable: bool | None


def learn(
    x: Array, t: Array, rate: float, epochs: int, updating: str, rng: np.random.RandomState | None
) -> Learnt:
    """Epochs of corrections from zero weights, until one has no mistake.

    Each correction moves w by ±η x. Where u separates, with t·(u·x) ≥ γ for signs t, each adds at least ηγ to w·u: weights that
    come back are a proof that there is no such u (up to rounding).
    """
    weights = np.zeros(x.shape[1])
    pocket = Pocket(x, t, weights.copy())
    seen = {weights.tobytes()}
    mistakes: list[int] = []
    separable: bool | None = None
    for _ in range(epochs):
        order = np.arange(len(x)) if rng is None else rng.permutation(len(x))
        mistakes.append(UPDATING[updating](weights, pocket, order, rate))
        if mistakes[-1] == 0:
            return Learnt(weights, 0, tuple(mistakes), True)
        pocket.offer(weights, pocket.run)
        place = (weights + 0.0).tobytes()  # so that -0 counts as 0
        if place in seen:
            separable = False
            if rng is None:
                break  # the same rows in the same order from the same weights: all would be repeated
        seen.add(place)
    # The last correction may have been the one that was missing.
    separable = True if pocket.errors == 0 else separable
    return Learnt(pocket.weights, pocket.errors, tuple(mistakes), separable)


def _sequential(weights: Array, pocket: Pocket, order: NDArray[np.int64], rate: float) -> int:
    mistakes, run = 0, 0
    for x, t in zip(pocket.x[order], pocket.t[order], strict=True):
        y = float(weights @ x > 0)  # y = 1 if Σ_j w_j x_j > 0
        if y == t:
            run += 1
            if run == pocket.run + 1:
                pocket.offer(weights, run)
            continue
        weights += rate * (t - y) * x  # w ← w + η (t - y) x
        mistakes, run = mistakes + 1, 0
    return mistakes


def _batch(weights: Array, pocket: Pocket, order: NDArray[np.int64], rate: float) -> int:
    y = pocket.x @ weights > 0
    wrong = pocket.t - y
    weights += rate * (wrong @ pocket.x)  # w ← w + η Σ_i (t_i - y_i) x_i
    return int(np.abs(wrong).sum())


UPDATING: dict[str, Callable[[Array, Pocket, NDArray[np.int64], float], int]] = {
    "sequential": _sequential,
    "batch": _batch,
}
"""An epoch of corrections, in place; its number of mistakes."""
