"""The settings of a search as unfitted models, and what is wrong with those that cannot be made."""

from __future__ import annotations

import copy
import traceback
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sklearn.base import BaseEstimator, clone
from sklearn.pipeline import Pipeline

from lamina.errors import SpecificationError, nearest_name
from lamina.estimators.base import NeuralEstimator, final_step
from lamina.estimators.checks import draw_seed

PLAIN = (str, int, float, bool, type(None))
"""Types of values that are compared as such; others are the same only if they are one object."""

TELLING = (BaseEstimator.set_params, NeuralEstimator.set_params, Pipeline.set_params)
"""Who takes exactly the parameters that ``get_params`` names; estimators of other libraries may take more."""


@dataclass(eq=False)
class Candidate:
    """One setting: its parameters and the model that has them.

    Attributes
    ----------
    network
        The network to fit, or None if the model is no network or could not be made.
    pipeline
        The unfitted pipeline around the network, if there is one.
    steps_key
        Equal for candidates whose steps before the network are the same.
    error
        Why there is no model.
    kind
        Name of the class that learns: the network's, or that of what is none.
    convolves
        Whether its network has convolutions, known once it was fitted.
    """

    place: int
    params: Mapping[str, Any]
    network: NeuralEstimator | None = None
    pipeline: Pipeline | None = None
    steps_key: Hashable = ()
    error: Exception | None = None
    kind: str = ""
    convolves: bool = False

    @property
    def joins(self) -> bool:
        """Whether its fits are members of a population, failed ones among them."""
        return self.network is not None or self.error is not None


def make_candidates(estimator: Any, settings: Sequence[Mapping[str, Any]]) -> list[Candidate]:
    """The models of all settings.

    Raises
    ------
    SpecificationError
        If a parameter has a name that no setting knows: that is a slip, and found before any fit.
    """
    refuse_unknown(estimator, settings)
    base = with_one_seed(estimator)
    seed = draw_seed(None)
    rests: dict[Hashable, Any] = {}
    made = [_candidate(place, base, params, rests, seed) for place, params in enumerate(settings)]
    _refuse_unknown_inside(base, made)
    return made


def with_one_seed(estimator: Any) -> Any:
    """A clone whose network has a seed, drawn now where ``random_state`` is no number: all fits of a search share it.

    >>> from lamina import NeuralRegressor
    >>> isinstance(with_one_seed(NeuralRegressor()).random_state, int)
    True
    """
    seeded = clone(estimator)
    network = final_step(seeded)
    if isinstance(network, NeuralEstimator):
        network.random_state = draw_seed(copy.deepcopy(network.random_state))
    return seeded


def joins_population(model: Any) -> bool:
    """Whether a model's fits can be members of a population: a network of Lamina's, or scikit-learn's pipeline that ends in one.

    A subclass with a fit of its own is fitted its own way.

    >>> from lamina import NeuralRegressor
    >>> joins_population(NeuralRegressor()), joins_population(Pipeline([("network", NeuralRegressor())]))
    (True, True)
    """
    if isinstance(model, Pipeline):
        if type(model).fit is not Pipeline.fit or getattr(model, "transform_input", None) is not None:
            return False
        model = final_step(model)
    return (
        isinstance(model, NeuralEstimator)
        and type(model).fit is NeuralEstimator.fit
        and type(model)._fit is NeuralEstimator._fit
    )


def refuse_unknown(estimator: Any, settings: Sequence[Mapping[str, Any]]) -> None:
    """Raise for a name that is no parameter of the estimator or of one of its steps.

    What lies inside a value that the same setting replaces is looked at when it is set.
    """
    for name in dict.fromkeys(name for params in settings for name in params if not _inside(name, params)):
        _refuse_name(estimator, name, name)


def _inside(name: str, params: Mapping[str, Any]) -> bool:
    return "__" in name and any(name.startswith(f"{other}__") for other in params)


def _refuse_name(estimator: Any, name: str, whole: str) -> None:
    if getattr(type(estimator), "set_params", None) not in TELLING:
        return
    first, _, rest = name.partition("__")
    parameters = estimator.get_params(deep=True)
    known = {key for key in parameters if "__" not in key}
    if first not in known:
        last = estimator.steps[-1][0] if isinstance(estimator, Pipeline) else None
        inside = last is not None and first in final_step(estimator).get_params(deep=False)
        nearest = f"did you mean {f'{last}__{whole}'!r}?" if inside else f"{nearest_name(first, known)}."
        raise SpecificationError(f"{whole!r} is no parameter of {type(estimator).__name__}: {nearest}")
    if rest and hasattr(parameters[first], "get_params"):
        _refuse_name(parameters[first], rest, whole)


def _candidate(
    place: int, base: Any, params: Mapping[str, Any], rests: dict[Hashable, Any], seed: int
) -> Candidate:
    last = base.steps[-1][0] if isinstance(base, Pipeline) else None
    inner = _inner(params, last)
    rest = {name: value for name, value in params.items() if name not in inner} if last else {}
    try:
        key = _key(rest)
        if key not in rests:
            rests[key] = clone(base).set_params(**clone(rest, safe=False)) if rest else base
        model = rests[key]
        if not joins_population(model):
            return Candidate(place, params, kind=type(final_step(model)).__name__)
        network = copy.copy(final_step(model))
        network.set_params(**{name.partition("__")[2] if last else name: params[name] for name in inner})
    except Exception as error:  # the setting fails and the others live
        return Candidate(place, params, error=error)
    given = network.random_state
    network.random_state = seed if given is None else draw_seed(copy.deepcopy(given))
    return Candidate(place, params, network, model if last else None, key, kind=type(network).__name__)


def _inner(params: Mapping[str, Any], last: str | None) -> list[str]:
    """The parameters that are the network's own."""
    return list(params) if last is None else [name for name in params if name.startswith(f"{last}__")]


def _key(params: Mapping[str, Any]) -> Hashable:
    return tuple(
        (name, type(value), value if isinstance(value, PLAIN) else id(value))
        for name, value in sorted(params.items())
    )


def _refuse_unknown_inside(base: Any, made: Sequence[Candidate]) -> None:
    """Raise the error of the first name inside a value, such as ``optimizer__rate``, that no setting knows."""
    failed = [candidate for candidate in made if candidate.error is not None]
    for candidate in failed:
        for name in _unknown_inside(base, candidate.params):
            having = [other for other in made if name in other.params]
            if all(
                other.error is not None and name in _unknown_inside(base, other.params) for other in having
            ):
                assert candidate.error is not None
                raise candidate.error


def _unknown_inside(base: Any, params: Mapping[str, Any]) -> list[str]:
    """Names that are unknown once all values that are given whole are set."""
    nested = [name for name in params if "__" in name]
    try:
        model = clone(base).set_params(**{name: params[name] for name in params if name not in nested})
        known = model.get_params(deep=True)
    except Exception:  # some whole value is wrong, and that is what the setting fails by
        return []
    return [name for name in nested if name not in known]


def reason(error: BaseException) -> str:
    """The traceback as text, as scikit-learn keeps it of a fit that failed."""
    return "".join(traceback.format_exception(error))
