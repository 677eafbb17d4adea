"""A model fitted again on bootstrap draws: networks and ensembles of them as one population, other models in turn."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.effect.columns import Table
from lamina.evaluation.effect.draws import Draws
from lamina.evaluation.effect.surfaces import Array, Networks, Plain, Surface

Tell = Callable[[int], None]

HELD_BACK = 8
"""Ways to hold rows back for early stopping, in turn: the same for all would leave out what the choice of them does."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Rows that many networks learn from, prepared once.

    Attributes
    ----------
    place
        Of every row of the table among those of the source, -1 for one held back; None where the source has all.
    seed
        Of the networks, where rows are held back.
    """

    source: Any
    place: NDArray[np.intp] | None
    seed: int | None

    def taken(self, rows: NDArray[np.intp], seed: int) -> NDArray[np.intp]:
        """Drawn rows as places in the source, without those held back, as many as a fit of the source has."""
        if self.place is None:
            return rows
        drawn, wanted = self.place[rows], int((self.place >= 0).sum())
        drawn = drawn[drawn >= 0]
        if len(drawn) >= wanted:
            return drawn[:wanted]
        more = np.random.default_rng(seed).choice(drawn, wanted - len(drawn))
        return np.concatenate([drawn, more])


@dataclass(eq=False)
class Refits:
    """What became of the refits.

    Attributes
    ----------
    models
        By draw, those that were finished: a model, or the networks of an ensemble.
    failures
        Why others failed, and how many.
    cut
        How many an interrupt cut short.
    """

    models: dict[int, Any] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    cut: int = 0
    first_error: Exception | None = None

    def fail(self, error: Exception) -> None:
        """Note a failure."""
        self.first_error = self.first_error or error
        self.failures[" ".join(str(error).split()) or type(error).__name__] += 1


def networks_of(model: Any) -> list[Any]:
    """The fitted networks that a model's response is the mean of; none where it is no model of ours alone.

    >>> networks_of(object())
    []
    """
    from lamina.estimators import NeuralClassifier, NeuralRegressor
    from lamina.model_selection import EnsembleClassifier, EnsembleRegressor

    ours = (NeuralRegressor, NeuralClassifier)
    if type(model) in (EnsembleRegressor, EnsembleClassifier):
        members = list(getattr(model, "estimators_", ()))
        return members if members and all(type(member) in ours for member in members) else []
    return [model] if type(model) in ours else []


def as_surface(models: Sequence[Any], classes: Array | None, table: Table) -> Surface:
    """The responses of models, or of lists of networks whose mean is one: in one program where they are networks."""
    groups = [model if isinstance(model, list) else networks_of(model) for model in models]
    sizes = {len(group) for group in groups}
    flat = [network for group in groups for network in group]
    if len(sizes) == 1 and flat and all(_is_on_a_table(network, classes) for network in flat):
        return Networks(flat, classes, table, per=sizes.pop())
    return Plain(models, classes)


def _is_on_a_table(network: Any, classes: Array | None) -> bool:
    """Whether a network takes tables and its outputs are the responses, one each, of all the classes."""
    units = network.network_.output_shape(network.input_shape_)[-1]
    if classes is not None:
        known = len(network.classes_) == len(classes)
        return known and len(network.input_shape_) == 1 and hasattr(network, "predict_proba")
    return len(network.input_shape_) == 1 and units == network.n_outputs_


def refit(model: Any, table: Table, y: Array, draws: Draws, classes: Array | None, tell: Tell) -> Refits:
    """Fit a clone of the model on each draw."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if networks_of(model):
            return _as_population(model, table, y, draws, classes, tell)
        return _in_turn(model, table, y, draws, tell)


def _in_turn(model: Any, table: Table, y: Array, draws: Draws, tell: Tell) -> Refits:
    from lamina.model_selection.members import member_of

    refits = Refits()
    try:
        for place, (picks, seed) in enumerate(zip(draws.picks, draws.seeds, strict=True)):
            try:
                fitted = member_of(model, seed).fit(table.rows(picks).native, y[picks])
                refits.models[place] = fitted
            except Exception as error:  # whatever is wrong with one draw must not end the others
                refits.fail(error)
            tell(1)
    except KeyboardInterrupt:
        refits.cut = len(draws) - len(refits.models) - sum(refits.failures.values())
    return refits


def _as_population(
    model: Any, table: Table, y: Array, draws: Draws, classes: Array | None, tell: Tell
) -> Refits:
    from lamina.estimators.many import fit_many

    tasks: list[Any] = []
    lessons = _lessons(model, table, y, draws.seeds[0])
    for picks, seed in zip(draws.picks, draws.seeds, strict=True):
        tasks += _tasks_of(model, table, y, picks, seed, classes, lessons)
    per = len(tasks) // max(1, len(draws))
    results = fit_many(tasks, on_done=lambda done: tell(len(done)))
    refits = Refits()
    for place in range(len(draws)):
        own = results[place * per : (place + 1) * per]
        error = next((result.error for result in own if result.error is not None), None)
        done = [result.estimator for result in own if result.estimator is not None]
        if error is not None:
            refits.fail(error)
        elif len(done) < per or any(network.interrupted_ for network in done):
            refits.cut += 1
        else:
            refits.models[place] = done
    return refits


def _tasks_of(
    model: Any,
    table: Table,
    y: Array,
    picks: NDArray[np.intp],
    seed: int,
    classes: Array | None,
    lessons: list[Lesson],
) -> list[Any]:
    """The fits that one draw takes: of a network one, of an ensemble one a member."""
    from lamina.estimators.many import Task
    from lamina.model_selection.members import member_of

    alone = networks_of(model)[0] is model
    members = [(member_of(model, seed), picks)] if alone else ensemble_members(model, y, picks, seed)
    tasks = []
    for place, (member, rows) in enumerate(members):
        lesson = lessons[(seed + place) % len(lessons)]
        if lesson.seed is not None:
            member.set_params(random_state=lesson.seed)
        tasks.append(Task(_announced(member, classes), lesson.source, lesson.taken(rows, seed + place)))
    return tasks


def _lessons(model: Any, table: Table, y: Array, seed: int) -> list[Lesson]:
    """All rows; of a model that watches some for early stopping, ``HELD_BACK`` ways to part those from the others.

    They are parted before drawing, so that no row is among both. Each way is prepared once, with one seed.
    """
    from lamina.estimators.many import Source

    network = networks_of(model)[0]
    stopping = network._early_stopping(len(y))
    if stopping is None:
        return [Lesson(Source(table.native, y), None, None)]
    table = table.told_apart(network.features_.encoder)
    lessons = []
    for number in range(HELD_BACK):
        rng = np.random.RandomState((seed + number) % 2**31)
        kept, held = network._held_back(y, stopping.validation_fraction, rng)
        watched = {"X_val": table.rows(held).native, "y_val": y[held]}
        source = Source(table.rows(kept).native, y[kept], watched)
        place = np.full(len(y), -1)
        place[kept] = np.arange(len(kept))
        lessons.append(Lesson(source, place, (seed + number) % 2**31))
    return lessons


def ensemble_members(
    ensemble: Any, y: Array, rows: NDArray[np.intp], seed: int
) -> list[tuple[Any, NDArray[np.intp]]]:
    """Unfitted members of an ensemble of networks that learns from these rows, each with the rows that it learns from."""
    from sklearn.base import is_classifier

    from lamina.model_selection.draws import Sampling, make_draws
    from lamina.model_selection.members import member_of

    inner = ensemble._own_model()
    taken = np.asarray(y)[rows]
    sampling = Sampling(
        inner, np.zeros((len(rows), 1)), taken, None, None, ensemble.n_members, ensemble.max_samples, ensemble.cv, seed,
        watches=False, classifies=is_classifier(ensemble),
    )  # fmt: skip
    drawn = make_draws(ensemble.draw, sampling)
    return [
        (member_of(inner, draw.seed), rows if draw.learnt is None else rows[draw.learnt]) for draw in drawn
    ]


def _announced(network: Any, classes: Array | None) -> Any:
    """A network that knows all classes, those that its rows lack too."""
    if classes is not None:
        network._announced = classes
    return network
