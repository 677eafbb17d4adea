"""Whether a function of validation runs as a population or goes to scikit-learn, what it says of that, and results by name."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

import sklearn.model_selection
from sklearn.model_selection._validation import _aggregate_score_dicts, _insert_error_scores

from lamina.estimators.base import final_step
from lamina.model_selection.candidates import joins_population
from lamina.model_selection.collecting import NothingFinished
from lamina.model_selection.evaluate import Evaluated

P = ParamSpec("P")
R = TypeVar("R")


def _why_not(arguments: Mapping[str, Any]) -> str | None:
    """Why the fits cannot be a population; None if they can."""
    if not joins_population(arguments["estimator"]):
        return f"{type(final_step(arguments['estimator'])).__name__} joins no population"
    if arguments.get("y") is None:
        return "there is no y"
    if arguments.get("exploit_incremental_learning"):
        return "each fit goes on from the last one"
    return None


def or_by_scikit_learn(function: Callable[P, R]) -> Callable[P, R]:
    """Let scikit-learn's function of the same name do what no population can."""
    name = function.__name__
    signature, other = inspect.signature(function), getattr(sklearn.model_selection, name)

    @functools.wraps(function)
    def choose(*args: P.args, **keywords: P.kwargs) -> R:
        arguments = signature.bind(*args, **keywords).arguments
        reason = _why_not(arguments)
        if reason is None:
            try:
                return function(*args, **keywords)
            except NothingFinished:
                raise KeyboardInterrupt from None
        say(name, arguments.get("verbose", 0), f"By scikit-learn's own code: {reason}.")
        by_other: R = other(*args, **keywords)
        return by_other

    return choose


def results_by_name(
    name: str, done: Evaluated, scoring: Any, error_score: Any, verbose: int
) -> dict[str, Any]:
    """What became of all fits by name, each with an entry a fit."""
    say(name, verbose, done.how)
    if done.interrupted:
        warnings.warn(
            f"{name} was interrupted: {done.finished.sum()} of {len(done.finished)} fits are finished, and the scores of "
            "the others are NaN.",
            UserWarning,
            stacklevel=4,
        )
    done.warn_of_failures(error_score)
    if callable(scoring):
        _insert_error_scores(done.out, error_score)
    by_name: dict[str, Any] = _aggregate_score_dicts(done.out)
    return by_name


def say(name: str, verbose: int, how: str) -> None:
    """Print which way the fits of the function ``name`` ran, if ``verbose`` is above zero."""
    if verbose > 0:
        print(f"[{name}] {how}")
