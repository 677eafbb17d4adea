"""Scores against the number of training rows, and against a parameter; all fits of a network as one population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection._validation import _translate_train_sizes
from sklearn.utils import check_random_state, indexable

from lamina.model_selection.dispatch import or_by_scikit_learn, results_by_name
from lamina.model_selection.evaluate import fit_and_score_all
from lamina.model_selection.routing import route
from lamina.model_selection.splitters import splitter


@or_by_scikit_learn
def learning_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    groups: Any = None,
    train_sizes: Any = np.linspace(0.1, 1.0, 5),  # noqa: B008 (scikit-learn's own default, never written to)
    cv: Any = None,
    scoring: Any = None,
    exploit_incremental_learning: bool = False,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    shuffle: bool = False,
    random_state: Any = None,
    error_score: Any = np.nan,
    return_times: bool = False,
    params: dict[str, Any] | None = None,
) -> tuple[np.ndarray, ...]:
    """Scores on training and test rows as the number of training rows grows, fold by fold.

    Parameters
    ----------
    train_sizes
        Shares of the training rows of a fold, or their numbers.
    exploit_incremental_learning
        Goes on from one size to the next by ``partial_fit``; scikit-learn's own function does that.
    shuffle, random_state, return_times
        As in scikit-learn.
    estimator, X, y, groups, cv, scoring, n_jobs, pre_dispatch, verbose, error_score, params
        As in :func:`cross_validate`.

    Returns
    -------
    Sizes (ticks,), training scores and test scores (ticks, folds); with ``return_times`` also fit and score times.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> network = NeuralRegressor([], epochs=50, random_state=0)
    >>> sizes, train, test = learning_curve(network, X, 3 * X[:, 0], cv=3, train_sizes=[10, 40], shuffle=True, random_state=0)
    >>> sizes.tolist(), train.shape, test.shape
    ([10, 40], (2, 3), (2, 3))
    """
    X, y, groups = indexable(X, y, groups)
    cv = splitter(cv, y, estimator)
    scorer = check_scoring(estimator, scoring=scoring)
    routed = route("learning_curve", estimator, cv, scorer, params, groups, also="partial_fit")
    folds = list(cv.split(X, y, **routed.split))
    sizes = _translate_train_sizes(train_sizes, len(folds[0][0]))
    if verbose > 0:
        print(f"[learning_curve] Training set sizes: {sizes}")
    if shuffle:
        rng = check_random_state(random_state)
        folds = [(rng.permutation(train), test) for train, test in folds]
    done = fit_and_score_all(
        estimator,
        [{}],
        X,
        y,
        [(train[:size], test) for train, test in folds for size in sizes],
        scorer=scorer,
        fit_params=routed.fit,
        score_params=routed.score,
        error_score=error_score,
        return_train_score=True,
    )
    results = results_by_name("learning_curve", done, None, error_score, verbose)
    names = ("train_scores", "test_scores", *(("fit_time", "score_time") if return_times else ()))
    return (sizes, *(np.reshape(results[name], (-1, len(sizes))).T for name in names))


@or_by_scikit_learn
def validation_curve(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    param_name: str,
    param_range: Sequence[Any],
    groups: Any = None,
    cv: Any = None,
    scoring: Any = None,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "all",
    verbose: int = 0,
    error_score: Any = np.nan,
    params: dict[str, Any] | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Scores on training and test rows for each value of one parameter, fold by fold: shapes (values, folds).

    Parameters
    ----------
    param_name, param_range
        The parameter, such as ``"penalty"`` or ``"optimizer__learning_rate"``, and its values.
    estimator, X, y, groups, cv, scoring, n_jobs, pre_dispatch, verbose, error_score, params
        As in :func:`cross_validate`.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> network = NeuralRegressor([], epochs=50, random_state=0)
    >>> train, test = validation_curve(network, X, 3 * X[:, 0], param_name="penalty", param_range=[0.0, 10.0], cv=3)
    >>> train.shape, bool((train[0] > train[1]).all())
    ((2, 3), True)
    """
    X, y, groups = indexable(X, y, groups)
    cv = splitter(cv, y, estimator)
    scorer = check_scoring(estimator, scoring=scoring)
    routed = route("validation_curve", estimator, cv, scorer, params, groups)
    done = fit_and_score_all(
        estimator,
        [{param_name: value} for value in param_range],
        X,
        y,
        list(cv.split(X, y, **routed.split)),
        scorer=scorer,
        fit_params=routed.fit,
        score_params=routed.score,
        error_score=error_score,
        return_train_score=True,
        n_jobs=n_jobs,
    )
    results = results_by_name("validation_curve", done, None, error_score, verbose)
    train, test = (
        np.reshape(results[name], (len(param_range), -1)) for name in ("train_scores", "test_scores")
    )
    return train, test
