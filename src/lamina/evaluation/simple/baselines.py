"""The simple models a network has to beat, as a table: how each is made, and how its parameters are counted.

Every one is a scikit-learn pipeline: `TableEncoder`, `StandardScaler`, model, so that means, levels, scales
and settings are learnt on the training rows alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import ArrayLike

from lamina.data.validation import Task
from lamina.evaluation.simple import counting, models
from lamina.evaluation.splits import Sample


@dataclass(frozen=True)
class Baseline:
    """A simple model: its name, how to make it for some training rows, and how to count its parameters.

    ``asked_for`` says, of all values of y, whether the outcome asks for it; most models serve any outcome.
    """

    name: str
    task: Task
    make: Callable[[Sample, int | None], Any]
    count: Callable[[Any], int]
    asked_for: Callable[[Any], bool] | None = None

    def pipeline(self, training: Sample, seed: int | None) -> Any:
        """The unfitted pipeline for these training rows."""
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler

        steps = [("table", _encoder(training)), ("scale", StandardScaler())]
        return Pipeline([*steps, ("model", self.make(training, seed))])

    def count_parameters(self, fitted: Any) -> int:
        """The number of parameters of a fitted `pipeline`."""
        return self.count(fitted[-1])


def _encoder(training: Sample) -> Any:
    from lamina.data.tables import TableEncoder
    from lamina.evaluation.encodings import SharedEncoder

    if training.encodings is None:
        return TableEncoder(dtype="float64")
    return SharedEncoder(training.encodings)


def _is_count(y: Any) -> bool:
    from lamina.evaluation.simple.families import is_count

    return is_count(y)


def _is_share(y: Any) -> bool:
    from lamina.evaluation.simple.families import is_share

    return is_share(y)


BASELINES: tuple[Baseline, ...] = (
    Baseline("mean", "regression", models.make_mean, counting.one_mean),
    Baseline("linear", "regression", models.make_linear, counting.rank_and_intercept),
    Baseline("ridge", "regression", models.make_ridge, counting.coefficients_and_intercept),
    Baseline("lasso", "regression", models.make_lasso, counting.nonzero_and_intercept),
    Baseline("elastic_net", "regression", models.make_elastic_net, counting.nonzero_and_intercept),
    Baseline(
        "poisson",
        "regression",
        models.make_poisson,
        counting.coefficients_and_intercept,
        asked_for=_is_count,
    ),
    Baseline(
        "fractional_logit",
        "regression",
        models.make_fractional_logit,
        counting.coefficients_and_intercept,
        asked_for=_is_share,
    ),
    Baseline("gam", "regression", models.make_gam, counting.effective_parameters),
    Baseline("forest", "regression", models.make_forest, counting.forest_leaves),
    Baseline("boosting", "regression", models.make_boosting, counting.boosting_leaves),
    Baseline("majority", "classification", models.make_majority, counting.free_shares),
    Baseline("logistic", "classification", models.make_logistic, counting.discriminant_coefficients),
    Baseline("ridge", "classification", models.make_ridge_logistic, counting.discriminant_coefficients),
    Baseline("lasso", "classification", models.make_lasso_logistic, counting.nonzero_and_intercepts),
    Baseline("lda", "classification", models.make_lda, counting.discriminant_coefficients),
    Baseline("gam", "classification", models.make_gam_classifier, counting.effective_parameters),
    Baseline("forest", "classification", models.make_forest_classifier, counting.forest_leaves),
    Baseline("boosting", "classification", models.make_boosting_classifier, counting.boosting_leaves),
)


def baselines(task: Task, y: ArrayLike | None = None) -> dict[str, Baseline]:
    """The simple models for a task by name, from the simplest on.

    Parameters
    ----------
    task
        "regression" or "classification".
    y
        The outcome, shape (n,). With it come the models that it asks for: a Poisson regression for counts, a
        fractional logit for shares (see `families`).

    >>> list(baselines("regression", [0.2, 0.9, 0.4]))
    ['mean', 'linear', 'ridge', 'lasso', 'elastic_net', 'fractional_logit', 'gam', 'forest', 'boosting']
    >>> list(baselines("classification"))
    ['majority', 'logistic', 'ridge', 'lasso', 'lda', 'gam', 'forest', 'boosting']
    """
    return {each.name: each for each in BASELINES if each.task == task and _takes_part(each, y)}


def _takes_part(baseline: Baseline, y: ArrayLike | None) -> bool:
    return baseline.asked_for is None or (y is not None and baseline.asked_for(y))
