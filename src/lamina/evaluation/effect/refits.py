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
        if _joins(model):
            return _as_population(model, table, y, draws, classes, tell)
        return _in_turn(model, table, y, draws, tell)


def _joins(model: Any) -> bool:
    """Whether the refits can be members of one population: networks, and ensembles whose members watch no rows."""
    networks = networks_of(model)
    if not networks:
        return False
    return networks[0] is model or not getattr(networks[0], "early_stopping", None)


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

    tasks, owners = [], []
    whole: dict[str, Any] = {}
    for place in range(len(draws)):
        each = _tasks_of(model, table, y, draws.picks[place], draws.seeds[place], classes, whole)
        tasks += each
        owners += [place] * len(each)
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
    whole: dict[str, Any],
) -> list[Any]:
    """The fits that one draw takes: of a network one, of an ensemble one a member."""
    from lamina.estimators.many import Source, Task
    from lamina.model_selection.members import member_of

    if networks_of(model)[0] is not model:
        source = whole.setdefault("source", Source(table.native, y))
        return [
            Task(_announced(m, classes), source, rows) for m, rows in ensemble_members(model, y, picks, seed)
        ]
    network = _announced(member_of(model, seed), classes)
    if not model.early_stopping:
        return [Task(network, whole.setdefault("source", Source(table.native, y)), picks)]
    # Rows to watch are held back before drawing, so that no row is among both.
    from lamina.estimators.checks import check_early_stopping

    stopping = check_early_stopping(model.early_stopping)
    assert stopping is not None
    kept, held = network._held_back(y, stopping.validation_fraction, np.random.RandomState(seed))
    place = np.full(len(y), -1)
    place[kept] = np.arange(len(kept))
    drawn = place[picks]
    watched = {"X_val": table.rows(held).native, "y_val": y[held]}
    return [Task(network, Source(table.rows(kept).native, y[kept], watched), drawn[drawn >= 0])]


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
