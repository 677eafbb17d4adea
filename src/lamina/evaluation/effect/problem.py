"""The model, the rows and the wishes, checked once before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task, check_target
from lamina.errors import ArgumentTypeError, DataError, SpecificationError, nearest_name
from lamina.evaluation.effect.asking import KINDS
from lamina.evaluation.effect.columns import Column, Table, chosen
from lamina.evaluation.effect.draws import check_groups
from lamina.evaluation.effect.intervals import check_interval
from lamina.evaluation.effect.surfaces import response_of
from lamina.evaluation.metrics import Metric, find_metric

INTERVALS = ("bootstrap", "conditional", "data")
LEAST_ROWS = 10


@dataclass(frozen=True, eq=False)
class Wishes:
    """The arguments of `effects`, as they were given."""

    columns: Any
    kinds: Sequence[str]
    n_boot: int
    level: float
    intervals: str
    method: str
    groups: Any
    sets: Mapping[str, Sequence[Any]]
    pairs: Sequence[tuple[Any, Any]] | None
    metric: str | None
    cv: Any
    grid: int
    step: float | None
    random_state: int | None
    verbose: bool | None


@dataclass(frozen=True, eq=False)
class Problem:
    """What there is to find.

    Attributes
    ----------
    columns
        Those asked for.
    outputs
        Names of the responses: classes, or outcomes; "" where there is one.
    """

    model: Any
    table: Table
    y: NDArray[Any]
    classes: NDArray[Any] | None
    columns: list[Column]
    outputs: list[Any]
    groups: NDArray[Any] | None
    kinds: tuple[str, ...]
    metric: Metric
    wishes: Wishes
    outcome: str

    @property
    def task(self) -> Task:
        return "regression" if self.classes is None else "classification"

    @property
    def truth(self) -> NDArray[Any]:
        """The outcome as metrics take it: numbers, or places of classes."""
        return self.y if self.classes is None else np.searchsorted(self.classes, self.y)

    @property
    def movable(self) -> list[Column]:
        """Columns that can be changed."""
        return [column for column in self.columns if column.kind != "other"]


def read(model: Any, X: Any, y: Any, wishes: Wishes) -> Problem:
    """Check everything that can be checked beforehand."""
    _check_wishes(wishes)
    _check_model(model)
    table = Table(X)
    from sklearn.base import is_classifier, is_clusterer, is_outlier_detector

    if is_clusterer(model) or is_outlier_detector(model):
        raise ArgumentTypeError(
            f"model={type(model).__name__} predicts no outcome: give a fitted regressor or classifier"
        )
    classifies = is_classifier(model)
    values = check_target(y, "classification" if classifies else "regression", n_rows=len(table))
    if len(table) < LEAST_ROWS:
        raise DataError(f"X has {len(table)} rows, and effects need at least {LEAST_ROWS}: give more rows")
    classes = _classes(model, values) if classifies else None
    columns = chosen(table.columns(), wishes.columns)
    task: Task = "classification" if classifies else "regression"
    response = _first_response(model, table, classes)
    name = str(getattr(y, "name", None) or "the outcome")
    return Problem(
        model,
        table,
        values,
        classes,
        columns,
        _outputs(response.shape[1], classes),
        check_groups(wishes.groups, len(table)),
        _kinds(wishes.kinds),
        find_metric(wishes.metric or ("log_loss" if classifies else "mae"), task),
        wishes,
        name,
    )


def _check_wishes(wishes: Wishes) -> None:
    check_interval(wishes.level, wishes.method)
    if wishes.intervals not in INTERVALS:
        raise SpecificationError(
            f"intervals={wishes.intervals!r} is unknown: {nearest_name(wishes.intervals, INTERVALS)}"
        )
    for name, least in (("n_boot", 0), ("grid", 2)):
        value = getattr(wishes, name)
        if isinstance(value, bool) or not isinstance(value, int | np.integer):
            raise ArgumentTypeError(f"{name}={value!r}: give a whole number")
        if value < least or (name == "n_boot" and value == 1):
            raise SpecificationError(f"{name}={value}: give {least or '0 for no intervals, or 2'} or more")
    if wishes.step is not None and not (isinstance(wishes.step, int | float) and wishes.step > 0):
        raise SpecificationError(f"step={wishes.step!r}: give a positive number of standard deviations")


def _kinds(kinds: Any) -> tuple[str, ...]:
    given = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for kind in given:
        if kind not in KINDS:
            raise SpecificationError(f"kinds has {kind!r}: {nearest_name(kind, KINDS)}")
    if not given:
        raise SpecificationError(f"kinds={kinds!r} asks for nothing: name some of {', '.join(KINDS)}")
    return tuple(kind for kind in KINDS if kind in given)


def _check_model(model: Any) -> None:
    from sklearn.exceptions import NotFittedError
    from sklearn.utils.validation import check_is_fitted

    if isinstance(model, type):
        raise ArgumentTypeError(
            f"model={model.__name__} is a class: give a fitted model, {model.__name__}().fit(X, y)"
        )
    if not hasattr(model, "fit") or not hasattr(model, "predict"):
        raise ArgumentTypeError(f"model={model!r}: give a fitted model with fit and predict")
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise SpecificationError(
            f"model={type(model).__name__} is not fitted yet: call its fit(X, y) first"
        ) from None
    except TypeError:
        pass  # a model of another make, which will say itself what it lacks


def _classes(model: Any, y: NDArray[Any]) -> NDArray[Any]:
    if y.ndim != 1 or getattr(model, "multilabel_", False):
        raise SpecificationError("y has several labels a row: ask for the effects of a classifier of each")
    if not hasattr(model, "predict_proba"):
        raise SpecificationError(
            f"{type(model).__name__} gives no probabilities, whose effects these are: wrap it in "
            "sklearn.calibration.CalibratedClassifierCV, or take a loss that has them"
        )
    classes = np.asarray(model.classes_)
    unknown = [label for label in np.unique(y).tolist() if label not in set(classes.tolist())]
    if unknown:
        raise DataError(
            f"y has the class {unknown[0]!r} that the model does not know: its classes are {classes.tolist()}"
        )
    return classes


def _first_response(model: Any, table: Table, classes: NDArray[Any] | None) -> NDArray[Any]:
    """What the model says to the rows as they are; it tells best itself what is wrong with them."""
    expected = getattr(model, "n_features_in_", None)
    if not table.is_frame and expected is not None and expected != len(table.names):
        raise DataError(
            f"X has {len(table.names)} columns and the model was fitted on {expected}: give the rows that it was fitted on"
        )
    try:
        response = response_of(model, table.native, classes)
    except ValueError as error:
        if told := _other_columns(model, table):
            raise DataError(f"X does not have the columns that the model was fitted on: {told}") from error
        raise
    if response.shape[0] != len(table) or not np.isfinite(response).all():
        raise DataError("the model predicts values that are not finite: effects cannot be told from them")
    return response


def _other_columns(model: Any, table: Table) -> str:
    """Which columns of a data frame the model does not know, and which it misses."""
    learnt = getattr(model, "feature_names_in_", None)
    if learnt is None or not table.is_frame:
        return ""
    known, here = {str(name) for name in learnt}, {str(name) for name in table.names}
    lists = (("it lacks", sorted(known - here)), ("it has beside them", sorted(here - known)))
    return "; ".join(f"{what} {', '.join(names)}" for what, names in lists if names)


def _outputs(count: int, classes: NDArray[Any] | None) -> list[Any]:
    if count == 1:
        return [""]
    return list(range(count)) if classes is None else list(classes.tolist())
