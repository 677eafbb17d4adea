r"""The one-standard-error rule: the simplest setting that is as good as the best, within the error of measuring it."""

from __future__ import annotations

import numbers
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.errors import DataWarning, SpecificationError, nearest_name
from lamina.estimators.base import final_step

ONE_SE = "one_se"
"""The name of the rule as a value of ``refit``."""
SHRINKING = re.compile(r"(^|__)(l1|l2|weight_decay)$|^layers__\w+__penalty$")
"""Names of parameters that are coefficients of penalties."""
DROPPING = re.compile(r"^layers__\w+__rate$")
"""Names of parameters that are rates of dropout."""


@dataclass(frozen=True)
class OneStandardError:
    r"""Choose the simplest setting whose mean score is within one standard error of the best.

    .. math:: \bar s_j \ge \bar s_* - \sqrt{\frac{1}{K (K - 1)} \sum_k (s_{*k} - \bar s_*)^2}

    where s is the score on K splits and * the setting with the largest mean.

    Parameters
    ----------
    complexity : callable
        A setting's parameters (a dictionary) to anything that sorts, simple before complex. Of several equally simple
        settings the best one is taken.
    metric : str
        Which score, where there are several.

    An object is a function of ``cv_results_``, as ``refit`` takes it here and in scikit-learn; ``refit="one_se"`` is this rule
    with the complexity of Lamina's networks, :func:`network_complexity`.

    Source: ESL section 7.10; ISLP section 6.1.3.

    >>> results = {"params": [{"alpha": 1}, {"alpha": 9}], "mean_test_score": np.array([0.8, 0.78])}
    >>> results |= {"split0_test_score": np.array([0.7, 0.7]), "split1_test_score": np.array([0.9, 0.86])}
    >>> OneStandardError(lambda params: -params["alpha"])(results)
    1
    """

    complexity: Callable[[dict[str, Any]], Any]
    metric: str = "score"

    def __call__(self, results: Mapping[str, Any]) -> int:
        keys = [self.complexity(params) for params in results["params"]]
        return simplest_within_error(results, keys, self.metric)


def simplest_within_error(
    results: Mapping[str, Any], keys: Sequence[Any], metric: str = "score", among: np.ndarray | None = None
) -> int:
    """Place of the setting that the one-standard-error rule chooses.

    Parameters
    ----------
    keys
        Complexity of each setting, in an order that sorts.
    among
        Whether each setting is eligible; None for all.

    Raises
    ------
    SpecificationError
        If there is no such score, or no setting has one.
    """
    if f"mean_test_{metric}" not in results:
        known = [name.removeprefix("mean_test_") for name in results if name.startswith("mean_test_")]
        raise SpecificationError(f"there is no score {metric!r}: {nearest_name(metric, known)}.")
    means = np.array(results[f"mean_test_{metric}"], float)
    if among is not None:
        means[~among] = np.nan
    if np.isnan(means).all():
        raise SpecificationError("no setting has a score, so that none can be chosen: see what failed.")
    best = int(np.nanargmax(means))
    if sum(name.startswith("split") and name.endswith(f"_test_{metric}") for name in results) == 1:
        warnings.warn(
            "the one-standard-error rule needs two splits at least, and there is one: the best setting is taken. Give cv=5.",
            DataWarning,
            stacklevel=2,
        )
    bound = means[best] - standard_error(results, best, metric)
    within = [place for place in range(len(means)) if means[place] >= bound]
    return min(within, key=lambda place: (keys[place], -means[place]))


def standard_error(results: Mapping[str, Any], place: int, metric: str = "score") -> float:
    """Standard error of a setting's mean score over the splits; 0 of a single split."""
    scores = [
        values[place]
        for name, values in results.items()
        if name.startswith("split") and name.endswith(f"_test_{metric}")
    ]
    return float(np.std(scores, ddof=1) / np.sqrt(len(scores))) if len(scores) > 1 else 0.0


def network_complexity(network: Any, n_parameters: int) -> tuple[float, float, float]:
    """Complexity of a network with these settings: fewer parameters are simpler, then larger penalties, then more dropout.

    Penalties are summed: those of all weights, of layers, and weight decay.

    >>> from lamina import NeuralRegressor
    >>> network_complexity(NeuralRegressor(penalty=0.1), 20) < network_complexity(NeuralRegressor(penalty=0.01), 20)
    True
    """
    parameters = network.get_params(deep=True)
    return (
        float(n_parameters),
        -_sum_of(parameters, SHRINKING),
        -_sum_of(parameters, DROPPING),
    )


def complexities(
    estimator: Any, settings: Sequence[Mapping[str, Any]], n_parameters: np.ndarray
) -> list[tuple[float, ...]]:
    """Complexity of each setting of a network, or of a pipeline that ends in one."""
    from sklearn.base import clone

    keys: list[tuple[float, ...]] = []
    for params, count in zip(settings, n_parameters, strict=True):
        try:
            network = final_step(clone(estimator).set_params(**params))
        except (TypeError, ValueError):  # refused, and without a score
            keys.append((np.inf,))
            continue
        keys.append(network_complexity(network, int(count)))
    return keys


def _sum_of(parameters: Mapping[str, Any], names: re.Pattern[str]) -> float:
    """Sum of the numbers among the parameters with such names."""
    return sum(
        float(value)
        for name, value in parameters.items()
        if names.search(name) and isinstance(value, numbers.Real) and not isinstance(value, bool)
    )
