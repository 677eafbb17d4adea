"""What the models of a comparison have in common, and how one fit on one split is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import DataError
from lamina.evaluation.contenders import Contender
from lamina.evaluation.designs import Design
from lamina.evaluation.images import cells, is_images
from lamina.evaluation.metrics import Metric
from lamina.evaluation.outcome import Outcome, take_rows
from lamina.evaluation.splits import Rows, Sample, Splits

if TYPE_CHECKING:
    from lamina.evaluation.encodings import Encodings

Progress = Callable[[str, int, int], None]

SHARED_CELLS = 20_000_000
"""Cells of all training tables together up to which they are kept in memory, encoded, for all simple models."""


@dataclass(frozen=True)
class Problem:
    """All that the models of a comparison have in common."""

    table: Any
    outcome: Outcome
    groups: NDArray[np.int64] | None
    splits: Splits
    metric: Metric
    seed: int | None
    design: Design = field(default_factory=Design)
    kept: dict[int, tuple[Sample, Any]] = field(default_factory=dict)
    text: str | None = None

    def rows(self, number: int) -> tuple[Sample, Any]:
        """Training rows and test table of a split (from 0), copied for a model that may change them."""
        train, test = self.splits.pairs[number]
        return self._sample(train), take_rows(self.table, test)

    def shared_rows(self, number: int) -> tuple[Sample, Any]:
        """As `rows`, for models that leave them as they are: the same objects each time, and encoded once.

        Large tables are taken anew, since all splits of them would not fit the memory.
        """
        if cells(self.table) * len(self.splits) > SHARED_CELLS:
            return self.rows(number)
        if number not in self.kept:
            train, test = self.splits.pairs[number]
            self.kept[number] = self._sample(train, self._encodings()), take_rows(self.table, test)
        return self.kept[number]

    def _encodings(self) -> Encodings:
        from lamina.evaluation.encodings import Encodings
        from lamina.evaluation.simple.pixels import PixelComponents

        return Encodings(PixelComponents) if is_images(self.table) else Encodings()

    def _sample(self, rows: Rows, encodings: Encodings | None = None) -> Sample:
        groups = None if self.groups is None else self.groups[rows]
        table = take_rows(self.table, rows)
        return Sample(table, self.outcome.values[rows], groups, self.outcome.classification, encodings)


@dataclass(frozen=True)
class FoldResult:
    """One fit: the metric's input for the test rows, the predictions (classes as 0..C-1), and the costs."""

    output: NDArray[Any]
    prediction: NDArray[Any]
    error: float
    parameters: int | None
    seconds: float


@dataclass(frozen=True)
class ModelResult:
    """One model on every split.

    Attributes
    ----------
    folds
        One fit a split, None where it failed; empty where nothing is known of any split.
    failure
        In how many splits it failed, and why; a model with a failure is not ranked.
    inner
        The inner error of each split (`lamina.evaluation.nesting`), shape (J,); None where none was measured.
    """

    name: str
    network: bool
    folds: tuple[FoldResult | None, ...]
    failure: str | None = None
    inner: NDArray[np.float64] | None = None

    @property
    def errors(self) -> NDArray[np.float64]:
        """The error on each split, shape (J,), NaN where the model failed."""
        return np.asarray([np.nan if fold is None else fold.error for fold in self.folds])

    @property
    def finished(self) -> tuple[FoldResult, ...]:
        """The fits of the splits that did not fail."""
        return tuple(fold for fold in self.folds if fold is not None)


def failure_text(reasons: Mapping[int, str], splits: Splits) -> str:
    """In how many splits a model failed, and why it did so first.

    >>> splits = Splits(((np.arange(2), np.arange(2, 4)),) * 10, "")
    >>> failure_text({3: "ValueError: no luck", 7: "ValueError: again"}, splits)
    'failed in 2 of 10 splits: ValueError: no luck'
    >>> failure_text({0: "ValueError: no luck"}, Splits(splits.pairs[:1], ""))
    'failed: ValueError: no luck'
    """
    count, first = len(splits), reasons[min(reasons)]
    if count == 1:
        return f"failed: {first}"
    where = f"all {count}" if len(reasons) == count else f"{len(reasons)} of {count}"
    return f"failed in {where} splits: {first}"


def measure(
    problem: Problem, contender: Contender, model: Any, number: int, table: Any, seconds: float
) -> FoldResult:
    """Predict the test table of a split (from 0) with a fitted model, and compare with the truth."""
    _, test = problem.splits.pairs[number]
    prediction = _predictions(model, table, len(test), problem.outcome)
    needs_probability = problem.metric.needs == "probability"
    output = _probabilities(model, table, problem) if needs_probability else prediction
    error = problem.metric.error(problem.outcome.truth[test], output)
    return FoldResult(output, prediction, error, contender.count(model), seconds)


def output_of(problem: Problem, model: Any, table: Any, rows: int) -> NDArray[Any]:
    """What the metric takes of a fitted model for the rows of a table: predictions (n,) or probabilities (n, C)."""
    if problem.metric.needs == "probability":
        return _probabilities(model, table, problem)
    return _predictions(model, table, rows, problem.outcome)


def error_of(problem: Problem, model: Any, table: Any, truth: NDArray[Any]) -> float:
    """The metric's error of a fitted model on any rows, ``truth`` as metrics take it."""
    return problem.metric.error(truth, output_of(problem, model, table, len(truth)))


def _predictions(model: Any, table: Any, rows: int, outcome: Outcome) -> NDArray[Any]:
    found = np.asarray(model.predict(table))
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.shape != (rows,):
        raise DataError(f"predictions of shape {found.shape} for {rows} rows")
    if outcome.classes is not None:
        return _class_numbers(found, outcome.classes)
    _refuse_not_finite(found, "predictions")
    return found.astype(np.float64)


def _class_numbers(labels: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    places = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
    strange = classes[places] != labels
    if np.any(strange):
        raise DataError(f"predicted the class {labels[strange].tolist()[0]!r}, which y does not have")
    return np.asarray(places)


def _probabilities(model: Any, table: Any, problem: Problem) -> NDArray[np.float64]:
    """Shape (n, C) in the order of all classes; a class not met in training has probability zero."""
    if not hasattr(model, "predict_proba"):
        raise DataError(
            f"metric={problem.metric.name!r} needs class probabilities, but it has no predict_proba"
        )
    assert problem.outcome.classes is not None
    found = np.asarray(model.predict_proba(table), dtype=np.float64)
    _refuse_not_finite(found, "probabilities")
    everything = np.zeros((len(found), problem.outcome.class_count))
    everything[:, _class_numbers(np.asarray(model.classes_), problem.outcome.classes)] = found
    return everything


def _refuse_not_finite(values: NDArray[Any], what: str) -> None:
    count = int(np.sum(~np.isfinite(values.astype(np.float64))))
    if count:
        raise DataError(f"{count} of {values.size} {what} are not finite")


def reason_of(error: Exception) -> str:
    """The kind of an exception and the first line of what it says."""
    first_line = next(iter(str(error).strip().splitlines()), "")
    return f"{type(error).__name__}: {first_line}" if first_line else type(error).__name__
