"""Many estimators fitted as one population, on shared preparations of the same data."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lamina.estimators.base import NeuralEstimator, Prepared
from lamina.estimators.checks import draw_seed
from lamina.estimators.features import in_memory, in_precision
from lamina.estimators.starting import starting_point
from lamina.layers.base import template
from lamina.training import DataSet, Member, Outcome, fit_population


@dataclass(eq=False)
class Source:
    """Rows that several estimators learn from, and rows whose predictions are wanted.

    Attributes
    ----------
    X, y
        As for ``fit``.
    fit_params
        ``sample_weight``, ``X_val`` and ``y_val``.
    queries
        Further X; estimators fitted here answer ``predict`` for these very objects at no cost until :func:`forget_answers`.
    """

    X: Any
    y: Any
    fit_params: dict[str, Any] = field(default_factory=dict)
    queries: tuple[Any, ...] = ()


@dataclass(eq=False)
class Task:
    """An estimator to fit in place, and on what.

    Attributes
    ----------
    picks
        Indices of the rows to learn from, with repetitions perhaps; scales and encoding come from all rows.
    """

    estimator: NeuralEstimator
    source: Source
    picks: np.ndarray | None = None


@dataclass
class Result:
    """What became of a task: a fitted estimator, or an error; neither where it was cut short."""

    estimator: NeuralEstimator | None = None
    error: Exception | None = None
    seconds: float = 0.0


@dataclass(eq=False)
class _Prepared:
    """A source as one estimator prepared it; others with the same settings of the data share it."""

    leader: NeuralEstimator
    first: Task
    data: DataSet
    prepared: Prepared
    place: int


def fit_many(
    tasks: Sequence[Task],
    *,
    memory: int | None = None,
    keep_parameters: bool = True,
    on_done: Callable[[Sequence[tuple[int, Result]]], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> list[Result]:
    """Fit every task's estimator, as its own ``fit`` would, all in one population.

    Parameters
    ----------
    memory, keep_parameters, on_done, stop
        As in :func:`lamina.training.population.fit_population`; without parameters an estimator answers its queries alone.

    A task whose settings or data are refused has the error in its result, and the others live.

    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    >>> source = Source(X, X[:, 0] ** 2)
    >>> results = fit_many([Task(NeuralRegressor(epochs=2, random_state=seed), source) for seed in range(3)])
    >>> [result.estimator.n_iter_ for result in results]
    [2, 2, 2]
    """
    shared: dict[Hashable, _Prepared | Exception] = {}
    members: list[Member] = []
    data: list[DataSet] = []
    places: list[int] = []
    results = [Result() for _ in tasks]
    for place, task in enumerate(tasks):
        try:
            prepared = _shared(task, shared, data)
            members.append(_member(task, prepared))
            places.append(place)
        except Exception as error:  # whatever is wrong with one task must not end the others
            results[place].error = error

    def note(outcomes: Sequence[tuple[int, Outcome]]) -> None:
        done = []
        for number, outcome in outcomes:
            place = places[number]
            results[place] = _result(tasks[place], outcome)
            done.append((place, results[place]))
        if on_done is not None:
            on_done(done)

    if members:
        fit_population(members, data, memory=memory, keep_parameters=keep_parameters, on_done=note, stop=stop)
    return results


def forget_answers(estimator: NeuralEstimator) -> NeuralEstimator:
    """Drop the kept answers: from now on the estimator computes its predictions."""
    estimator.__dict__.pop("_answers", None)
    return estimator


def _shared(task: Task, shared: dict[Hashable, Any], data: list[DataSet]) -> _Prepared:
    """The prepared source of a task, made by the first that needs it this way."""
    key = (id(task.source), _data_key(task.estimator))
    if key not in shared:
        try:
            shared[key] = _prepare(task, len(data))
            data.append(shared[key].data)
        except Exception as error:
            shared[key] = error
    found = shared[key]
    if isinstance(found, Exception):
        raise found
    return found  # type: ignore[no-any-return]


def _data_key(estimator: NeuralEstimator) -> Hashable:
    """The parameters on which the preparation of data depends."""
    stopping = estimator.early_stopping
    loss = None if estimator.loss is None else template(estimator._named_loss())
    return (
        type(estimator),
        estimator._reading(),
        estimator.scale,
        loss,
        repr(getattr(estimator, "class_weight", None)),
        repr(stopping),
        estimator.layers is None,
        estimator._by_recipe,
        repr(estimator.random_state) if stopping or (stopping is None and estimator._by_recipe) else None,
    )


def _prepare(task: Task, place: int) -> _Prepared:
    # A copy leads, and without a network: that of the first may be bad, and the others must live.
    leader, source = copy.copy(task.estimator), task.source
    given = {"sample_weight": None, "X_val": None, "y_val": None} | source.fit_params
    prepared = leader._prepare(source.X, source.y, **given)
    leader._learn_scales(prepared)
    leader.loss_ = leader._chosen_loss()
    rows, validation = leader._data(prepared, in_memory=True)
    dtype = rows.weights.dtype
    queries = tuple(
        in_memory(in_precision(leader.features_.finish(leader._features(X, reset=False)), dtype))
        for X in source.queries
    )
    return _Prepared(leader, task, DataSet(rows, validation, queries), prepared, place)


def _member(task: Task, shared: _Prepared) -> Member:
    """The member that an estimator is, once it has taken over what the leader learnt from the data."""
    estimator, leader = task.estimator, shared.leader
    own = _parameter_names(type(estimator))  # type: ignore[arg-type]
    learnt = {name: value for name, value in vars(leader).items() if name not in own}
    estimator.__dict__.pop("fitted_", None)
    estimator.__dict__.update(learnt)
    estimator._plan(shared.prepared.x)
    # The first has drawn its seed already, and a generator must not move twice for one fit.
    stopping = shared.prepared.stopping
    drawn = task is shared.first or stopping is not None
    seed = shared.prepared.seed if drawn else draw_seed(estimator.random_state)
    n = len(shared.prepared.x) if task.picks is None else len(task.picks)
    settings = estimator._settings(stopping, n, None)
    dtype = shared.data.rows.weights.dtype
    start = starting_point(estimator.weights, estimator.network_, estimator.input_shape_, seed, dtype)
    return Member(
        estimator.network_, estimator.loss_, settings, seed, data=shared.place, picks=task.picks, start=start
    )


@functools.cache
def _parameter_names(kind: type[NeuralEstimator]) -> frozenset[str]:
    """Names of an estimator's own parameters: to ask scikit-learn for them costs more than a step of a small fit."""
    return frozenset(kind._get_param_names())


def _result(task: Task, outcome: Outcome) -> Result:
    if outcome.fitted is None:
        return Result(None, outcome.error, outcome.seconds)
    estimator = task.estimator
    estimator._take_over(outcome.fitted)
    if task.source.queries:
        estimator._answers = list(zip(task.source.queries, outcome.answers, strict=True))
    return Result(estimator, None, outcome.seconds)
