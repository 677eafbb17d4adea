"""What each member of an ensemble learns from: all rows from another seed, a bootstrap draw, or all folds but one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import KFold, StratifiedKFold, check_cv
from sklearn.utils import check_random_state
from sklearn.utils.validation import _num_samples

from lamina.data.sparse import is_sparse_matrix
from lamina.errors import SpecificationError, nearest_name
from lamina.estimators.checks import MOST_SEED

Rows = np.ndarray


@dataclass(frozen=True, eq=False)
class Draw:
    """Seed and rows of one member.

    Attributes
    ----------
    seed
        Its ``random_state``.
    rows
        Rows that its scales and encoding are learnt from; None takes all.
    picks
        Which of those it is trained on, by their places, with repetitions; None takes each once.
    watched
        Rows that it watches for early stopping; None leaves it to the model.
    """

    seed: int
    rows: Rows | None = None
    picks: Rows | None = None
    watched: Rows | None = None

    @property
    def learnt(self) -> Rows | None:
        """The rows it is trained on, with repetitions; None for all."""
        if self.picks is None:
            return self.rows
        return self.picks if self.rows is None else self.rows[self.picks]

    def left_out(self, n: int) -> np.ndarray:
        """Whether each of ``n`` rows had no part in the fit, shape (n,).

        >>> Draw(0, picks=np.array([0, 0, 3])).left_out(4).tolist()
        [False, True, True, False]
        """
        out = np.full(n, self.learnt is not None)
        for used in (self.learnt, self.watched):
            if used is not None:
                out[used] = False
        return out


@dataclass(frozen=True, eq=False)
class Sampling:
    """What a draw is made from: the data, and what the user asked for."""

    model: Any
    X: Any
    y: Any
    weights: np.ndarray | None
    groups: Any
    n_members: int
    max_samples: Any
    cv: Any
    random_state: Any
    watches: bool
    classifies: bool


def make_draws(draw: str, sampling: Sampling) -> list[Draw]:
    """The draws of all members; those of a larger ensemble begin with those of a smaller one, folds excepted.

    Raises
    ------
    SpecificationError
        If ``draw`` is unknown, or ``max_samples`` is set where it means nothing.
    """
    if not isinstance(draw, str) or draw not in DRAWS:
        raise SpecificationError(f"draw={draw!r} is unknown: {nearest_name(draw, DRAWS, _MEANT)}.")
    if draw != "bootstrap" and sampling.max_samples != 1.0:
        raise SpecificationError(
            f"max_samples={sampling.max_samples!r} is for draw='bootstrap' alone, and here draw={draw!r} was given: leave "
            "max_samples at 1.0, or set draw='bootstrap'."
        )
    return DRAWS[draw](sampling)


def seeds_of(random_state: Any, count: int) -> list[int]:
    """The seeds of so many members; more members begin with those of fewer.

    >>> seeds_of(0, 3)[:2] == seeds_of(0, 2)
    True
    """
    rng: np.random.RandomState = check_random_state(random_state)
    return [int(seed) for seed in rng.randint(MOST_SEED, size=count)]


def _by_seed(sampling: Sampling) -> list[Draw]:
    return [Draw(seed) for seed in seeds_of(sampling.random_state, sampling.n_members)]


def _by_bootstrap(sampling: Sampling) -> list[Draw]:
    """Rows drawn with replacement, from those of weight above zero that are not held back for early stopping."""
    seeds = seeds_of(sampling.random_state, sampling.n_members)
    n = _num_samples(sampling.X)
    if n < 2:  # the fit says what is wrong
        return [Draw(seed) for seed in seeds]
    whole = None if sampling.weights is None else np.flatnonzero(sampling.weights > 0)
    whole = None if whole is None or len(whole) == n else whole
    stopping = (
        sampling.model._early_stopping(n, np.shape(sampling.X)[1:], sparse=is_sparse_matrix(sampling.X))
        if sampling.watches
        else None
    )
    draws = []
    for seed in seeds:
        rows, watched = whole, None
        if stopping is not None:
            rows, watched = _held_back(sampling, whole, stopping.validation_fraction, seed)
        available = n if rows is None else len(rows)
        rng = np.random.default_rng([1, seed])  # another stream than that of the initial weights
        picks = rng.integers(available, size=n_drawn(sampling.max_samples, available))
        draws.append(Draw(seed, rows, picks, watched))
    return draws


def _held_back(sampling: Sampling, whole: Rows | None, share: float, seed: int) -> tuple[Rows, Rows]:
    """Rows to draw from and rows to watch: parted before drawing, so that no row is among both."""
    whole = np.arange(_num_samples(sampling.X)) if whole is None else whole
    y = np.asarray(sampling.y)[whole]
    kept, held = sampling.model._held_back(y, share, np.random.RandomState(seed))
    return whole[kept], whole[held]


def n_drawn(max_samples: Any, n: int) -> int:
    """How many rows a member draws from ``n``.

    >>> n_drawn(1.0, 100), n_drawn(0.5, 100), n_drawn(30, 100)
    (100, 50, 30)
    """
    whole = isinstance(max_samples, (int, np.integer)) and not isinstance(max_samples, bool)
    if whole and max_samples >= 1:
        return int(max_samples)
    if isinstance(max_samples, (float, np.floating)) and 0 < max_samples <= 1:
        return max(1, round(max_samples * n))
    raise SpecificationError(
        f"max_samples={max_samples!r}: give a share of the rows in (0, 1], such as 0.5, or a whole number of rows."
    )


def _by_fold(sampling: Sampling) -> list[Draw]:
    """All rows but one fold's; each member learns its scales from its own rows."""
    if sampling.cv is None and sampling.n_members < 2:
        raise SpecificationError(
            f"n_members={sampling.n_members} with draw='fold': two folds are the fewest, since each member leaves one out."
        )
    rng: np.random.RandomState = check_random_state(sampling.random_state)
    splitter, target = _splitter(sampling, rng)
    splits = [np.asarray(train) for train, _ in splitter.split(sampling.X, target, sampling.groups)]
    seeds = rng.randint(MOST_SEED, size=len(splits)).tolist()
    return [Draw(seed, train) for seed, train in zip(seeds, splits, strict=True)]


def _splitter(sampling: Sampling, rng: np.random.RandomState) -> tuple[Any, Any]:
    """Shuffled folds, each with its share of every class, unless the user gave a splitter; and what it splits by."""
    count = sampling.n_members if sampling.cv is None else sampling.cv
    if not isinstance(count, (int, np.integer)):
        return check_cv(count), sampling.y
    shuffle = {"shuffle": True, "random_state": rng.randint(MOST_SEED)}
    values = np.asarray(sampling.y)
    if sampling.classifies and values.ndim == 1:
        return StratifiedKFold(int(count), **shuffle), np.unique(values, return_inverse=True)[1]
    return KFold(int(count), **shuffle), values


DRAWS: dict[str, Callable[[Sampling], list[Draw]]] = {
    "seed": _by_seed,
    "bootstrap": _by_bootstrap,
    "fold": _by_fold,
}
"""How members differ, by name."""

_MEANT = {
    "seeds": "seed",
    "random": "seed",
    "bagging": "bootstrap",
    "cv": "fold",
    "folds": "fold",
    "kfold": "fold",
}
