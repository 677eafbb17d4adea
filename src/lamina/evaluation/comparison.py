"""``compare``: the network and the simple models on the same splits, and whether the network is worth it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from lamina.data.validation import Task
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.evaluation.contenders import choose_contenders
from lamina.evaluation.designs import Design, choose_test
from lamina.evaluation.fits import Problem, Progress
from lamina.evaluation.images import is_images, read_pictures
from lamina.evaluation.margins import read_margin
from lamina.evaluation.metrics import find_metric
from lamina.evaluation.nested_cv import leave_two_out
from lamina.evaluation.outcome import read_groups, read_outcome, read_table
from lamina.evaluation.progress import reporting
from lamina.evaluation.result import Comparison
from lamina.evaluation.running import Run, run, with_refits
from lamina.evaluation.splits import Sample, make_splits
from lamina.evaluation.summary import summarise
from lamina.evaluation.texts import read_texts, text_splits


def compare(
    X: Any,
    y: Any = None,
    *,
    task: Task | None = None,
    text: str | bool | None = None,
    models: Mapping[str, Any] | None = None,
    include: Iterable[str] | None = None,
    metric: str | None = None,
    margin: float | str = 0,
    test: str = "auto",
    horizon: int | None = None,
    cv: Any = None,
    groups: Any = None,
    random_state: int | None = 0,
    dataset: str | None = None,
    target: str | None = None,
    verbose: bool = False,
    progress: Progress | None = None,
) -> Comparison:
    """Compare a network with simple models, everything learnt inside the fold, and say whether it is worth it.

    Parameters
    ----------
    X
        The predictors, shape (n, p): a DataFrame of pandas or polars with columns of any kind, or an array. Or images, an
        array of shape (n, h, w) or (n, h, w, channels), a folder with a folder for each class, or a list of paths.
    y
        The outcome, shape (n,): numbers, or classes of any label. None takes the names of the folders.
    task
        "regression" or "classification"; without it, as `lamina.data.infer_task` finds.
    text
        Name of the column of X that holds documents, strings of any length; True where X is documents alone. The other columns
        stand beside their words.
    models
        Your own models by name: any scikit-learn estimator. Pipelines and Lamina's networks are given the table, or the
        images, as they are, others the numbers that `TableEncoder` makes of a table, or the pixels in one row, 8-bit ones
        divided by 255. They are cloned, never changed.
    include
        Which of the built-in models take part. By default in a regression mean, linear, ridge, lasso, elastic_net, gam,
        forest and boosting (also poisson where y counts, fractional_logit where y holds shares), in a classification
        majority, logistic, ridge, lasso, lda, gam, forest and boosting; and mlp and mlp-ensemble, eight such networks. On
        images: majority, pixels_logistic and pixels_lda, or mean and pixels_ridge; and mlp, cnn and resnet (docs/images.md). On
        text: majority or mean, words_lasso, words_mlp and lstm (docs/text.md).
    metric
        The error: mae (default), rmse, deviance, r2 in a regression; misclassification (default), log_loss,
        deviance, brier, auc in a classification. R² and AUC count as 1 - R² and 1 - AUC.
    margin
        By how much the network's error must be lower to be worth it: a number in the units of y (mae, rmse), a share of the
        reference's error such as "5%", an amount of a metric without units such as "0.02 absolute", or percentage points
        of misclassification, 1 - AUC and 1 - R² such as "2 points".
    test
        How the difference is judged. "auto" takes the test made for the splits: "corrected_t" for folds and repeated folds,
        "diebold_mariano" for `TimeSeriesSplit`, "mcnemar" for misclassification on one hold-out, "paired_rows" for any other
        error there. By name also "diebold_mariano" for other splits that test later rows than they train on, "nested_cv"
        for folds (each two folds are left out together too, (K + 1)/2 times the fits), and "one_se", the
        one-standard-error rule, which takes the simplest model within one standard error of the lowest error.
    horizon
        How many rows ahead forecasts look, for "diebold_mariano"; by default one more than the gap of `TimeSeriesSplit`.
    cv
        The splits, the same for all models. By default 10-fold cross-validation below 2,000 rows and
        5-fold from there on, with classes spread evenly; of images and of text 5-fold below 10,000, from there on a fifth is
        held out.
        Else a number of folds, a share to hold out such as
        0.25, "holdout" (a third), any scikit-learn splitter, or a list of (train, test) row numbers.
    groups
        The group of each row, shape (n,): rows of a group are never on both sides of a split.
    random_state
        Seed of the splits and of every built-in model.
    dataset, target
        Names for the heading and the JSON file; the target's defaults to y's own name.
    verbose
        Show a progress bar, if there is a terminal.
    progress
        A function called after each fit with (model, fold, number of folds).

    Returns
    -------
    Comparison
        ``print`` it, or see its ``table``, ``scores`` and ``verdict``. Every model that is no neural network counts as
        simple. In each split the network is compared with the simple model of the lowest *inner* error, measured by folds
        of the training rows, so that no test row chooses anything; of several networks yours count, else
        mlp-ensemble (cnn on images, words_mlp on text), else, as of several of yours, the one with the lowest inner error.

    Raises
    ------
    DataError
        If X, y, groups or the splits cannot be used, or no model could be fitted.
    SpecificationError, ArgumentTypeError
        If an argument means nothing.
    KeyboardInterrupt
        On Ctrl-C before any model is finished; later, what is finished is returned.

    References
    ----------
    James, Witten, Hastie, Tibshirani, *An Introduction to Statistical Learning*, section 10.6; Nadeau, Bengio
    (2003), *Inference for the generalization error*; docs/verdict.md has the rule and its error rates.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina import compare
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(60, 2))
    >>> y = X @ [2.0, -1.0] + rng.normal(size=60)
    >>> result = compare(X, y, include=["mean", "linear"], cv=5)
    >>> result.table["parameters"].tolist()
    [1, 3]
    >>> print(result.verdict)
    No verdict: no network was compared (add mlp). Of the simple models linear has the lowest inner error.
    """
    X, column = read_texts(X, text)
    if column is None:
        X, y = read_pictures(X, y)
    problem = check_problem(X, y, task, metric, cv, groups, random_state, margin, test, horizon, column)
    contenders = choose_contenders(
        problem.outcome.task,
        include,
        models,
        problem.outcome.values,
        images=is_images(problem.table),
        text=problem.text,
    )
    again = leave_two_out(problem) if problem.design.test == "nested_cv" else None
    fits = len(contenders) * (len(problem.splits) + (0 if again is None else len(again.splits)))
    with reporting(verbose, fits, progress) as tell:
        found = run(problem, contenders, tell)
        if again is not None and not found.unfinished:
            found = with_refits(found, again, tell)
    _refuse_if_all_failed(found)
    return summarise(problem, found, dataset, target or problem.outcome.name)


def check_problem(
    X: Any,
    y: Any,
    task: Task | None,
    metric: str | None,
    cv: Any,
    groups: Any,
    random_state: int | None,
    margin: float | str = 0,
    test: str = "auto",
    horizon: int | None = None,
    text: str | None = None,
) -> Problem:
    """The user's rows, metric and splits, checked before anything is fitted; raises as `compare` does."""
    _check_seed(random_state)
    table = X if is_images(X) else read_table(X)
    outcome = read_outcome(y, task, rows=len(table))
    chosen = find_metric(metric, outcome.task)
    codes = read_groups(groups, len(table))
    cv = text_splits(len(table)) if cv is None and text is not None else cv
    splits = make_splits(Sample(table, outcome.values, codes, outcome.classification), cv, random_state)
    judged_by, ahead = choose_test(test, splits, chosen, cv, codes is not None), _check_horizon(horizon, cv)
    if horizon is not None and judged_by != "diebold_mariano":
        raise SpecificationError(
            f"horizon={horizon!r} belongs to forecasts: give cv=TimeSeriesSplit(...), or test='diebold_mariano', or no horizon"
        )
    design = Design(
        judged_by,
        read_margin(margin, chosen),
        ahead,
    )
    problem = Problem(table, outcome, codes, splits, chosen, random_state, design, text=text)
    _check_splits(problem)
    return problem


def _refuse_if_all_failed(found: Run) -> None:
    """What no model can use is the fault of the table, and then the user is told so instead of shown a table."""
    reasons: dict[str, list[str]] = {}
    for model in found.models:
        if model.failure is None:
            return
        reasons.setdefault(model.failure, []).append(model.name)
    told = "; ".join(f"{', '.join(names)} {reason}" for reason, names in reasons.items())
    raise DataError(f"no model could be fitted. {told}")


def _check_seed(seed: Any) -> None:
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | np.integer)):
        raise ArgumentTypeError(
            f"random_state={seed!r}: give a whole number, so that splits and models repeat"
        )
    if seed is not None and seed < 0:
        raise SpecificationError(f"random_state={seed}: a seed is not negative; give 0 or more")


def _check_horizon(horizon: Any, cv: Any) -> int:
    if horizon is None:
        return 1 + int(getattr(cv, "gap", 0))
    if isinstance(horizon, bool) or not isinstance(horizon, int | np.integer):
        raise ArgumentTypeError(
            f"horizon={horizon!r}: give how many rows ahead the forecasts look, a whole number"
        )
    if horizon < 1:
        raise SpecificationError(f"horizon={horizon}: a forecast looks at least 1 row ahead")
    return int(horizon)


def _check_splits(problem: Problem) -> None:
    truth = problem.outcome.truth
    for number, (train, test) in enumerate(problem.splits, start=1):
        problem.metric.check_rows(truth[test], problem.outcome.class_count, number)
        if len(np.unique(truth[train])) < 2:
            what = "class" if problem.outcome.classification else "value of y"
            raise DataError(
                f"split {number} trains on one {what} only: use other splits, or give more rows of the others"
            )
