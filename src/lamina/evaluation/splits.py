"""Which rows train and which test: the same splits for every model.

Without a wish from the user: 10-fold cross-validation below 2,000 rows, 5-fold from there on, with the classes spread
evenly over the folds, and with the rows of a group always on the same side. Of images, whose networks take minutes, 5 folds below
10,000, and a hold-out of a fifth from there on.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.evaluation.images import is_images

if TYPE_CHECKING:
    from lamina.evaluation.encodings import Encodings

Rows = NDArray[np.int64]
Pair = tuple[Rows, Rows]

MANY_ROWS = 2_000
HOLDOUT_SHARE = 1 / 3
MANY_IMAGES, IMAGE_SHARE = 10_000, 0.2
CV_HELP = (
    "give a number of folds, a share to hold out such as 0.25, 'holdout', a scikit-learn splitter, "
    "or a list of (train, test) row numbers"
)


@dataclass(frozen=True)
class Splits:
    """Pairs of (training rows, test rows), and a phrase that describes them."""

    pairs: tuple[Pair, ...]
    description: str

    def __len__(self) -> int:
        return len(self.pairs)

    def __iter__(self) -> Iterator[Pair]:
        return iter(self.pairs)

    @property
    def test_to_train(self) -> float:
        """Test rows to training rows, over all splits; the correlation term of the corrected t interval."""
        return sum(len(test) for _, test in self.pairs) / sum(len(train) for train, _ in self.pairs)


@dataclass(frozen=True)
class Sample:
    """What a split may look at: the table, y and groups of shape (n,), and whether y holds classes.

    ``encodings`` are those of the table as numbers, where models share them.
    """

    table: Any
    y: NDArray[Any]
    groups: NDArray[Any] | None = None
    classification: bool = False
    encodings: Encodings | None = None

    @property
    def most_folds(self) -> int:
        """No more folds than rows, or than groups."""
        return len(self.y) if self.groups is None else len(np.unique(self.groups))


def make_splits(sample: Sample, cv: Any = None, seed: int | None = 0) -> Splits:
    """Turn what the user gave as ``cv`` into splits.

    Parameters
    ----------
    sample
        The rows to split.
    cv
        ``None`` for the default above; a number of folds; a share in (0, 1) of the rows to hold out once, or
        ``"holdout"`` (a third); any scikit-learn splitter; or a sequence of (train, test) row numbers.
    seed
        Decides the shuffling.

    Raises
    ------
    SpecificationError
        If ``cv`` is a number that means nothing.
    ArgumentTypeError
        If ``cv`` is none of the above.
    DataError
        If a split is empty, overlaps, points outside the table, or tears a group apart.

    >>> sample = Sample(None, np.arange(40.0))
    >>> splits = make_splits(sample)
    >>> len(splits), splits.description
    (10, '10-fold cross-validation')
    >>> len(make_splits(sample, cv=0.25).pairs[0][1])
    10
    """
    splits = _default(sample, seed) if cv is None else _wished(sample, cv, seed)
    checked = tuple(_check_pair(pair, number, sample) for number, pair in enumerate(splits.pairs, start=1))
    if not checked:
        raise DataError(f"cv={cv!r} gives no splits: {CV_HELP}")
    return Splits(checked, splits.description)


def fold_pairs(sample: Sample, folds: int, seed: int | None) -> list[Pair]:
    """K shuffled folds, stratified by class and whole in groups as needed; fewer if rows are few.

    >>> pairs = fold_pairs(Sample(None, np.arange(6.0)), 10, seed=0)
    >>> len(pairs), sorted(int(test[0]) for _, test in pairs)
    (6, [0, 1, 2, 3, 4, 5])
    """
    from sklearn.model_selection import GroupKFold, KFold, StratifiedGroupKFold, StratifiedKFold

    folds = min(folds, sample.most_folds)
    plan = {"n_splits": folds, "shuffle": True, "random_state": seed}
    if sample.groups is None:
        stratify = sample.classification and np.unique(sample.y, return_counts=True)[1].max() >= folds
        return _pairs((StratifiedKFold if stratify else KFold)(**plan), sample)
    if sample.classification and np.unique(sample.y, return_counts=True)[1].max() >= folds:
        pairs = _pairs(StratifiedGroupKFold(**plan), sample)
        if all(len(train) and len(test) for train, test in pairs):  # with few groups a fold may stay empty
            return pairs
    return _pairs(GroupKFold(**plan), sample)


def _pairs(splitter: Any, sample: Sample) -> list[Pair]:
    table = np.empty((len(sample.y), 0)) if sample.table is None else sample.table
    with warnings.catch_warnings():
        # A class with fewer rows than folds is said once by the comparison, in its own words.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        return [_as_pair(pair) for pair in splitter.split(table, sample.y, sample.groups)]


def _default(sample: Sample, seed: int | None) -> Splits:
    pictures = is_images(sample.table)
    if pictures and len(sample.y) >= MANY_IMAGES:
        return _holdout(sample, IMAGE_SHARE, seed)
    folds = min(5 if pictures or len(sample.y) >= MANY_ROWS else 10, sample.most_folds)
    return Splits(tuple(fold_pairs(sample, folds, seed)), _describe(sample, folds))


def _describe(sample: Sample, folds: int) -> str:
    grouped = "" if sample.groups is None else ", groups kept whole"
    return f"{folds}-fold cross-validation{grouped}"


def _wished(sample: Sample, cv: Any, seed: int | None) -> Splits:
    if isinstance(cv, bool):
        raise ArgumentTypeError(f"cv={cv!r} is no plan for splits: {CV_HELP}")
    if isinstance(cv, Integral):
        return _k_fold(sample, int(cv), seed)
    if isinstance(cv, Real) or (isinstance(cv, str) and cv in ("holdout", "hold-out")):
        return _holdout(sample, float(cv) if isinstance(cv, Real) else HOLDOUT_SHARE, seed)
    if isinstance(cv, str):
        raise SpecificationError(f"cv={cv!r} is no plan for splits: {CV_HELP}")
    if hasattr(cv, "split"):
        return _from_splitter(sample, cv)
    if isinstance(cv, Iterable):
        pairs = tuple(_as_pair(pair) for pair in cv)
        return Splits(pairs, "one given split" if len(pairs) == 1 else f"{len(pairs)} given splits")
    raise ArgumentTypeError(f"cv is of type {type(cv).__name__}: {CV_HELP}")


def _k_fold(sample: Sample, folds: int, seed: int | None) -> Splits:
    if folds < 2:
        raise SpecificationError(f"cv={folds} folds: at least 2 are needed; {CV_HELP}")
    if folds > sample.most_folds:
        what = "rows" if sample.groups is None else "groups"
        raise SpecificationError(
            f"cv={folds} folds, but there are {sample.most_folds} {what}: ask for no more"
        )
    return Splits(tuple(fold_pairs(sample, folds, seed)), _describe(sample, folds))


def _holdout(sample: Sample, share: float, seed: int | None) -> Splits:
    from sklearn.model_selection import GroupShuffleSplit, ShuffleSplit, StratifiedShuffleSplit

    if not 0 < share < 1:
        raise SpecificationError(f"cv={share} is no share of rows to hold out, which lies between 0 and 1")
    plan = {"n_splits": 1, "test_size": share, "random_state": seed}
    splitter: Any = ShuffleSplit(**plan)
    if sample.groups is not None:
        splitter = GroupShuffleSplit(**plan)
    elif sample.classification and _can_stratify(sample.y, share):
        splitter = StratifiedShuffleSplit(**plan)
    try:
        pairs = _pairs(splitter, sample)
    except ValueError as error:
        raise DataError(f"cv={share:g} of {len(sample.y)} rows cannot be held out: {error}") from error
    return Splits(tuple(pairs), f"one hold-out of {len(pairs[0][1]):,} rows")


def _can_stratify(y: NDArray[Any], share: float) -> bool:
    counts = np.unique(y, return_counts=True)[1]
    return bool(counts.min() >= 2 and min(share, 1 - share) * len(y) >= len(counts))


def _from_splitter(sample: Sample, splitter: Any) -> Splits:
    if isinstance(splitter, type):
        raise ArgumentTypeError(f"cv={splitter.__name__} is a class: give an instance, {splitter.__name__}()")
    try:
        pairs = _pairs(splitter, sample)
    except ValueError as error:
        raise DataError(f"cv={splitter!r} cannot split these {len(sample.y)} rows: {error}") from error
    return Splits(tuple(pairs), f"{len(pairs)} split{'s' * (len(pairs) != 1)} by {type(splitter).__name__}")


def _as_pair(pair: Any) -> Pair:
    if not (isinstance(pair, Sequence | np.ndarray) and len(pair) == 2):
        raise ArgumentTypeError(f"a split must be a pair (train, test) of row numbers, not {pair!r}")
    train, test = (_as_rows(rows) for rows in pair)
    return train, test


def _as_rows(rows: Any) -> Rows:
    found = np.asarray(rows)
    if found.dtype == np.bool_ and found.ndim == 1:
        return np.flatnonzero(found).astype(np.int64)
    if found.ndim != 1 or (found.size and not np.issubdtype(found.dtype, np.integer)):
        raise ArgumentTypeError(
            f"the rows of a split must be whole numbers in one dimension, not {found.dtype} of shape "
            f"{found.shape}"
        )
    return found.astype(np.int64)


def _check_pair(pair: Pair, number: int, sample: Sample) -> Pair:
    n = len(sample.y)
    for name, rows in zip(("training", "test"), pair, strict=True):
        if not len(rows):
            raise DataError(f"split {number} has no {name} rows: give every split rows on both sides")
        if rows.min() < 0 or rows.max() >= n:
            raise DataError(
                f"split {number} names {name} row {rows.min() if rows.min() < 0 else rows.max()}, but the "
                f"{n} rows are numbered 0 to {n - 1}"
            )
    _refuse_overlap(*pair, f"split {number} has row", "remove it from one side")
    if sample.groups is not None:
        train, test = (sample.groups[rows] for rows in pair)
        _refuse_overlap(train, test, f"split {number} has group", "use a splitter that keeps groups whole")
    return pair


def _refuse_overlap(train: NDArray[Any], test: NDArray[Any], where: str, remedy: str) -> None:
    shared = np.intersect1d(train, test)
    if len(shared):
        raise DataError(f"{where} {shared[0]!s} both in training and in test: {remedy}")
