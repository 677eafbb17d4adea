"""Fitting the members of an ensemble: networks as one population, other models one by one."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.utils import _safe_indexing
from sklearn.utils.validation import has_fit_parameter

from lamina.errors import DivergenceError, DivergenceWarning, SpecificationError
from lamina.estimators import NeuralEstimator
from lamina.estimators.base import final_step
from lamina.estimators.many import Source, Task, fit_many
from lamina.model_selection.draws import Draw

Tell = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the members learn from, before each takes its rows.

    Attributes
    ----------
    classes
        All classes where y holds classes, so that a member whose rows lack one knows it.
    """

    X: Any
    y: Any
    weights: np.ndarray | None = None
    watched: tuple[Any, Any] | None = None
    classes: np.ndarray | None = None

    def source(self, draw: Draw) -> Source:
        """The rows that a member's scales and encoding are learnt from, and those it watches."""
        return Source(_rows(self.X, draw.rows), _rows(self.y, draw.rows), self._fit_params(draw))

    def _fit_params(self, draw: Draw) -> dict[str, Any]:
        given = {"sample_weight": None if self.weights is None else _rows(self.weights, draw.rows)}
        if self.watched is not None:
            given |= {"X_val": self.watched[0], "y_val": self.watched[1]}
        elif draw.watched is not None:
            given |= {"X_val": _rows(self.X, draw.watched), "y_val": _rows(self.y, draw.watched)}
        return given


@dataclass(frozen=True, eq=False)
class Fitted:
    """The finished members, with the draw of each."""

    estimators: list[Any]
    draws: list[Draw]


def member_of(model: Any, seed: int) -> Any:
    """An unfitted member: a clone of the model whose every ``random_state`` is ``seed``.

    >>> from lamina import NeuralRegressor
    >>> member_of(NeuralRegressor(epochs=3), 7)
    NeuralRegressor(epochs=3, random_state=7)
    """
    member = clone(model)
    return member.set_params(**dict.fromkeys(_random_states(member), seed))


def _random_states(model: Any) -> list[str]:
    return [name for name in model.get_params() if name.split("__")[-1] == "random_state"]


def fit_members(
    model: Any, draws: Sequence[Draw], lesson: Lesson, *, memory: int | None = None, tell: Tell | None = None
) -> Fitted:
    """Fit a member a draw; those that diverged are left out with a warning, and so are those that Ctrl-C cut short.

    Raises
    ------
    LaminaError
        The first member's, if data or settings cannot be used or all of them diverged.
    KeyboardInterrupt
        If Ctrl-C came before any was finished.
    """
    members = [member_of(model, draw.seed) for draw in draws]
    if isinstance(model, NeuralEstimator):
        ended = _fit_networks(members, draws, lesson, memory, tell or _quiet)
    else:
        ended = _fit_in_turn(members, draws, lesson, tell or _quiet)
    return _finished(ended, draws)


Ended = list[Any]
"""What became of each member: itself, fitted; an exception; or None where it was cut short."""


def _fit_networks(
    members: Sequence[NeuralEstimator], draws: Sequence[Draw], lesson: Lesson, memory: int | None, tell: Tell
) -> Ended:
    if lesson.classes is not None:
        for member in members:
            member._announced = lesson.classes
    # Draws from the same rows share one source, and with it one preparation.
    sources = {(id(draw.rows), id(draw.watched)): draw for draw in draws}
    made = {key: lesson.source(draw) for key, draw in sources.items()}
    tasks = [
        Task(member, made[id(draw.rows), id(draw.watched)], draw.picks)
        for member, draw in zip(members, draws, strict=True)
    ]
    results = fit_many(tasks, memory=memory, on_done=lambda done: tell(len(done)))
    for member in members:
        member.__dict__.pop("_announced", None)
    return [
        result.error or (result.estimator if result.estimator and not result.estimator.interrupted_ else None)
        for result in results
    ]


def _fit_in_turn(members: Sequence[Any], draws: Sequence[Draw], lesson: Lesson, tell: Tell) -> Ended:
    """By scikit-learn's interface; the rows are written out, and weights go along where the model takes any."""
    ended: Ended = [None] * len(members)
    try:
        for place, (member, draw) in enumerate(zip(members, draws, strict=True)):
            ended[place] = _fit_alone(member, draw, lesson)
            tell(1)
    except KeyboardInterrupt:
        pass  # what is missing was cut short
    return ended


def _fit_alone(member: Any, draw: Draw, lesson: Lesson) -> Any:
    given = {} if lesson.weights is None else {_weight_name(member): _rows(lesson.weights, draw.learnt)}
    try:
        member.fit(_rows(lesson.X, draw.learnt), _rows(lesson.y, draw.learnt), **given)
    except DivergenceError as error:
        return error
    if getattr(final_step(member), "interrupted_", False):
        raise KeyboardInterrupt  # the network kept what it had, but it is no finished member
    return member


def _weight_name(member: Any) -> str:
    """How a model's ``fit`` calls the weights of the rows."""
    prefix = f"{member.steps[-1][0]}__" if hasattr(member, "steps") else ""
    if not has_fit_parameter(final_step(member), "sample_weight"):
        raise SpecificationError(
            f"sample_weight is given, and {type(final_step(member)).__name__}.fit takes none: leave it out."
        )
    return f"{prefix}sample_weight"


def _finished(ended: Ended, draws: Sequence[Draw]) -> Fitted:
    failed = [error for error in ended if isinstance(error, Exception)]
    fatal = next((error for error in failed if not isinstance(error, DivergenceError)), None)
    kept = [place for place, item in enumerate(ended) if item is not None and not isinstance(item, Exception)]
    cut = len(ended) - len(failed) - len(kept)
    if fatal is not None or (failed and not kept and not cut):
        raise fatal or failed[0]
    if not kept:
        raise KeyboardInterrupt
    if failed:
        warnings.warn(
            f"{len(failed)} of {len(ended)} members diverged and are left out; {len(kept)} remain. The first: {failed[0]}",
            DivergenceWarning,
            stacklevel=4,
        )
    if cut:
        warnings.warn(
            f"training was interrupted: {len(kept)} of {len(ended)} members are finished and kept.",
            UserWarning,
            stacklevel=4,
        )
    return Fitted([ended[place] for place in kept], [draws[place] for place in kept])


def _rows(values: Any, rows: np.ndarray | None) -> Any:
    return values if rows is None else _safe_indexing(values, rows)


def _quiet(count: int) -> None:
    pass
