"""``search``: the network for a table, chosen among random settings by cross-validation, beside the simple models."""

from __future__ import annotations

import json
import re
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.data.validation import Task
from lamina.errors import DataError, LaminaError
from lamina.evaluation.comparison import check_problem, compare
from lamina.evaluation.fits import Problem, error_of
from lamina.evaluation.hearing import Hearing
from lamina.evaluation.intervals import corrected_estimate
from lamina.evaluation.metrics import Metric
from lamina.evaluation.result import Comparison
from lamina.evaluation.space import in_words, table_space

if TYPE_CHECKING:
    import pandas as pd

FOLDS = 5
BEST = "best found"
"""The chosen setting's name in the comparison."""
BESIDE: dict[Task, list[str]] = {
    "regression": ["linear", "lasso", "boosting", "mlp"],
    "classification": ["logistic", "lasso", "boosting", "mlp"],
}
"""What the chosen setting is compared with on the same folds: simple models, and the network without a search."""

OTHER_SPLITS = "Use a stratified splitter, or fewer splits."
"""The advice of `lamina.model_selection` to those who choose a splitter of their own."""
MEND_CLASSES = (
    "The folds spread the classes as evenly as they can: leave out the rows of a class with so few, "
    "or merge it with another."
)


@dataclass(frozen=True)
class Score:
    """scikit-learn's name for a score, and the error of the same name as that score tells it."""

    name: str
    error: Callable[[Any], Any]


SCORES: dict[tuple[str, str], Score] = {
    ("regression", "mae"): Score("neg_mean_absolute_error", lambda score: -score),
    ("regression", "rmse"): Score("neg_root_mean_squared_error", lambda score: -score),
    ("regression", "deviance"): Score("neg_mean_squared_error", lambda score: -score),
    ("regression", "r2"): Score("r2", lambda score: 1 - score),
    ("classification", "misclassification"): Score("accuracy", lambda score: 1 - score),
    ("classification", "log_loss"): Score("neg_log_loss", lambda score: -score),
    ("classification", "deviance"): Score("neg_log_loss", lambda score: -2 * score),
}
"""Scores that a population computes for many networks at a time; by any other metric each network is asked apart."""


@dataclass(frozen=True, eq=False, repr=False)
class Search:
    """The result of `lamina.evaluation.search`.

    Attributes
    ----------
    settings : pandas.DataFrame
        The settings that were fitted on all folds, the best first: what was drawn, error_mean, and error_se with Nadeau and
        Bengio's correction.
    model
        The best setting fitted to all rows.
    comparison : Comparison or None
        The best setting beside simple models and the default network on the same folds; None after a second Ctrl-C.
    fits, seconds
        Fits of the search and the time they took, that on all rows included.
    interrupted
        Whether Ctrl-C ended the search.
    warnings : tuple of str
        What was warned of, each once.
    """

    settings: pd.DataFrame
    model: Any
    comparison: Comparison | None
    problem: Problem
    budget: int | str
    fits: int
    seconds: float
    interrupted: bool
    warnings: tuple[str, ...]
    dataset: str | None
    target: str | None

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    @cached_property
    def _text(self) -> str:
        from lamina.evaluation.search_rendering import render

        return render(self)

    @property
    def metric(self) -> Metric:
        """The error that was searched by."""
        return self.problem.metric

    @property
    def near(self) -> int:
        """Settings within one standard error of the best, itself included."""
        best = self.settings.iloc[0]
        return int((self.settings["error_mean"] <= best["error_mean"] + best["error_se"]).sum())

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, as `to_json` writes it; what is not known is None."""
        return {
            "dataset": self.dataset,
            "task": self.problem.outcome.task,
            "target": self.target,
            "rows": len(self.problem.table),
            "splits": self.problem.splits.description,
            "seed": self.problem.seed,
            "metric": self.metric.name,
            "budget": self.budget,
            "fits": self.fits,
            "seconds": self.seconds,
            "interrupted": self.interrupted,
            "parameters": self.model.n_parameters_,
            "settings": json.loads(self.settings.to_json(orient="records", double_precision=15)),
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "warnings": list(self.warnings),
        }

    def to_json(self, path: str | Path) -> None:
        """Write `to_dict` as a JSON file."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8")


def search(
    X: Any,
    y: Any,
    *,
    task: Task | None = None,
    budget: int | str = 200,
    metric: str | None = None,
    cv: Any = FOLDS,
    groups: Any = None,
    random_state: int | None = 0,
    dataset: str | None = None,
    target: str | None = None,
    verbose: bool = False,
) -> Search:
    """Search the network for a table among random settings, and say whether a simple model does as well.

    Settings are drawn from `lamina.evaluation.table_space`: depth, width, dropout, penalty, learning rate, batch size and
    epochs. All are fitted on the same folds as populations; the best one, by its mean error, is fitted to all rows.

    Parameters
    ----------
    X, y, task, metric, groups, random_state, dataset, target
        As in `lamina.compare`.
    budget
        Fits, settings times folds; or a time such as "60s" or "5min".
    cv
        Folds, or any other plan that `lamina.compare` takes.
    verbose
        Show a bar with the best score so far and the remaining time, if there is a terminal.

    Returns
    -------
    Search
        ``print`` it, or see its ``settings``, ``model`` and ``comparison``. The best of many settings was chosen on the very
        folds that its error is from, which makes that error somewhat too low.

    Raises
    ------
    DataError
        If X, y, groups or the splits cannot be used, or no setting could be fitted.
    SpecificationError, ArgumentTypeError
        If an argument means nothing.
    KeyboardInterrupt
        On Ctrl-C before any setting is finished; later, the best so far is returned.

    References
    ----------
    Bergstra, Bengio (2012), *Random search for hyper-parameter optimization*, JMLR 13.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina.evaluation import search
    >>> X = np.random.default_rng(0).normal(size=(40, 2))
    >>> found = search(X, X[:, 0] ** 2, budget=4, cv=2)
    >>> len(found.settings), found.fits, list(found.comparison.table.index)
    (2, 4, ['linear', 'lasso', 'boosting', 'mlp', 'best found'])
    """
    problem = check_problem(X, y, task, metric, FOLDS if cv is None else cv, groups, random_state)
    _refuse_useless_tables(problem)
    hearing, start = Hearing(), time.perf_counter()
    with hearing.of("search"):
        # The result says it in its own words.
        warnings.filterwarnings("ignore", message="the search was interrupted")
        found = _run(problem, budget, verbose)
    seconds = time.perf_counter() - start
    heard = tuple(said.text for said in hearing.heard.values())
    if cv is None or isinstance(cv, int):  # the folds are ours, and no other splitter would do better
        heard = tuple(text.replace(OTHER_SPLITS, MEND_CLASSES) for text in heard)
    settings = _settings(problem, found.cv_results_)
    if settings.empty:
        raise DataError(
            f"no setting could be fitted on all {len(problem.splits)} folds: {_first_reason(heard)}"
        )
    return Search(
        settings=settings,
        model=found.best_estimator_,
        comparison=_compared(problem, found.best_estimator_, dataset, target, verbose),
        problem=problem,
        budget=budget,
        fits=len(settings) * len(problem.splits),
        seconds=seconds,
        interrupted=found.interrupted_,
        warnings=heard,
        dataset=dataset,
        target=target or problem.outcome.name,
    )


def _run(problem: Problem, budget: int | str, verbose: bool) -> Any:
    """The search on the folds of the problem, refitted to all rows."""
    from lamina.estimators import NeuralClassifier, NeuralRegressor
    from lamina.model_selection import RandomizedSearchCV

    network = NeuralClassifier if problem.outcome.classification else NeuralRegressor
    rows = int(np.mean([len(train) for train, _ in problem.splits]))
    found = RandomizedSearchCV(
        network(random_state=problem.seed),
        table_space(rows),
        budget=budget,
        scoring=_scoring(problem),
        cv=list(problem.splits),
        random_state=problem.seed,
        verbose=None if verbose else 0,
    )
    try:
        return found.fit(problem.table, problem.outcome.values)
    except LaminaError:
        raise
    except ValueError as error:  # every fit failed: scikit-learn's report ends with the reason
        reason = str(error).strip().splitlines()[-1]
        raise DataError(f"no setting could be fitted: {reason}") from error


def _scoring(problem: Problem) -> Any:
    """A score that can be computed for many networks at a time, if every class is in every fold."""
    outcome = problem.outcome
    score = SCORES.get((outcome.task, problem.metric.name))
    complete = not outcome.classification or all(
        len(np.unique(outcome.truth[rows])) == outcome.class_count for pair in problem.splits for rows in pair
    )
    return score.name if score is not None and complete else _MinusError(problem)


@dataclass(frozen=True, eq=False)
class _MinusError:
    """The error of a metric as a score, for one network at a time."""

    problem: Problem

    def __call__(self, model: Any, X: Any, y: Any) -> float:
        truth = (
            y if self.problem.outcome.classes is None else np.searchsorted(self.problem.outcome.classes, y)
        )
        return -error_of(self.problem, model, X, truth)


def _settings(problem: Problem, results: Mapping[str, Any]) -> pd.DataFrame:
    """The finished settings, the best first."""
    import pandas as pd

    scoring = _scoring(problem)
    known = SCORES.get((problem.outcome.task, problem.metric.name))
    error = known.error if known is not None and isinstance(scoring, str) else np.negative
    scores = np.array([results[f"split{split}_test_score"] for split in range(len(problem.splits))], float).T
    rows = []
    for params, of_setting in zip(results["params"], scores, strict=True):
        if np.isfinite(of_setting).all():
            estimate = corrected_estimate(error(of_setting), problem.splits.test_to_train)
            rows.append(in_words(params) | {"error_mean": estimate.mean, "error_se": estimate.se})
    if not rows:
        return pd.DataFrame()
    return pd.DataFrame(rows).sort_values("error_mean", kind="stable", ignore_index=True)


def _first_reason(heard: Sequence[str]) -> str:
    """What went wrong first, in scikit-learn's reports of fits and scores that failed.

    >>> _first_reason(["the gap is 1", "2 fits failed: a.DataError: y is empty ------------------------ 1 fits"])
    'y is empty'
    """
    reasons = (re.search(r"\w(?:Error|Exception): (.+?)(?= -{20}|$)", text) for text in heard)
    return next((found[1] for found in reasons if found), "their errors on some rows are not finite numbers.")


def _compared(
    problem: Problem, model: Any, dataset: str | None, target: str | None, verbose: bool
) -> Comparison | None:
    """The best setting beside others on the same folds."""
    from sklearn.base import clone

    task = problem.outcome.task
    try:
        return compare(
            problem.table,
            problem.outcome.values,
            task=task,
            models={BEST: clone(model)},
            include=BESIDE[task],
            metric=problem.metric.name,
            cv=list(problem.splits),
            groups=problem.groups,
            random_state=problem.seed,
            dataset=dataset,
            target=target or problem.outcome.name,
            verbose=verbose,
        )
    except KeyboardInterrupt:
        return None


def _refuse_useless_tables(problem: Problem) -> None:
    """Raise `DataError` now for a table of which no fold could be used."""
    from lamina.data.tables import TableEncoder

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        TableEncoder().fit(problem.table)
