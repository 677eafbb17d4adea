"""Cross-validation by scikit-learn's names, arguments and results; the folds of a network run as one population."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.metrics import check_scoring
from sklearn.model_selection._validation import _normalize_score_results
from sklearn.utils import indexable

from lamina.model_selection.dispatch import or_by_scikit_learn, results_by_name, say
from lamina.model_selection.evaluate import fit_and_score_all
from lamina.model_selection.out_of_fold import Method, join_folds, predict_folds
from lamina.model_selection.routing import route
from lamina.model_selection.splitters import splitter


@or_by_scikit_learn
def cross_validate(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    return_train_score: bool = False,
    return_estimator: bool = False,
    return_indices: bool = False,
    error_score: Any = np.nan,
) -> dict[str, Any]:
    r"""Scores and times of a model on the folds of a cross-validation,

    .. math:: \text{test\_score}_k = S\bigl(\hat f^{(-k)}, X_k, y_k\bigr),

    where :math:`\hat f^{(-k)}` is fitted without fold :math:`k`. As :func:`sklearn.model_selection.cross_validate`, argument by
    argument; a network of Lamina's, or a pipeline that ends in one, is fitted on all folds at once.

    Parameters
    ----------
    estimator
        Any of scikit-learn's kind; those that are no networks go to scikit-learn's own function. A network whose
        ``random_state`` is None has one seed for all folds.
    n_jobs, pre_dispatch
        For scikit-learn's own function alone: a population takes all cores.
    verbose
        Above zero prints which way it ran.
    X, y, groups, scoring, cv, params, return_train_score, return_estimator, return_indices, error_score
        As in scikit-learn.

    Returns
    -------
    ``test_score`` (or ``test_<name>`` for several scores), ``fit_time`` and ``score_time``, each of shape (folds,);
    ``train_score``, ``estimator`` and ``indices`` where asked for. After Ctrl-C what was not finished is NaN, with a warning.

    Raises
    ------
    ValueError
        If all fits failed; the reasons are in the message.

    Source: ISLP section 5.1.3.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> network = NeuralRegressor([], epochs=50, random_state=0)
    >>> scores = cross_validate(network, X, 3 * X[:, 0], cv=3, verbose=1)
    [cross_validate] 3 fits as one population.
    >>> sorted(scores), scores["test_score"].shape
    (['fit_time', 'score_time', 'test_score'], (3,))
    """
    X, y = indexable(X, y)
    cv = splitter(cv, y, estimator)
    scorer = check_scoring(estimator, scoring=scoring, raise_exc=error_score == "raise")
    routed = route("cross_validate", estimator, cv, scorer, params, groups)
    splits = list(cv.split(X, y, **routed.split))
    done = fit_and_score_all(
        estimator,
        [{}],
        X,
        y,
        splits,
        scorer=scorer,
        fit_params=routed.fit,
        score_params=routed.score,
        error_score=error_score,
        return_train_score=return_train_score,
        return_estimator=return_estimator,
    )
    results = results_by_name("cross_validate", done, scoring, error_score, verbose)
    kept = ("fit_time", "score_time", *(["estimator"] if return_estimator else []))
    found: dict[str, Any] = {name: results[name] for name in kept}
    if return_indices:
        train, test = zip(*splits, strict=True)
        found["indices"] = {"train": train, "test": test}
    train_scores = _normalize_score_results(results["train_scores"]) if return_train_score else {}
    for name, values in _normalize_score_results(results["test_scores"]).items():
        found[f"test_{name}"] = values
        if return_train_score:
            found[f"train_{name}"] = train_scores[name]
    return found


@or_by_scikit_learn
def cross_val_score(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    scoring: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    error_score: Any = np.nan,
) -> np.ndarray:
    """The score of a model on each fold, shape (folds,); arguments as in :func:`cross_validate`.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> cross_val_score(NeuralRegressor([], epochs=50, random_state=0), X, 3 * X[:, 0], cv=3).shape
    (3,)
    """
    scores = cross_validate(
        estimator,
        X,
        y,
        groups=groups,
        scoring={"score": check_scoring(estimator, scoring=scoring)},
        cv=cv,
        verbose=verbose,
        params=params,
        error_score=error_score,
    )
    return np.asarray(scores["test_score"])


@or_by_scikit_learn
def cross_val_predict(
    estimator: Any,
    X: Any,
    y: Any = None,
    *,
    groups: Any = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    method: Method = "predict",
) -> Any:
    """The prediction for each row by the model that was fitted without its fold, shape (n,) or (n, outputs).

    Parameters
    ----------
    method : {"predict", "predict_proba", "decision_function"}, default "predict"
        What the model is asked; columns are the classes of all rows, in order.
    estimator, X, y, groups, cv, n_jobs, verbose, params, pre_dispatch
        As in :func:`cross_validate`.

    Raises
    ------
    ValueError
        If the folds do not hold each row once.
    KeyboardInterrupt
        On Ctrl-C: predictions of some folds alone would be no answer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from lamina import NeuralClassifier
    >>> X, y = load_iris(return_X_y=True)
    >>> cross_val_predict(NeuralClassifier([], epochs=5, random_state=0), X, y, cv=3, method="predict_proba").shape
    (150, 3)
    """
    X, y = indexable(X, y)
    cv = splitter(cv, y, estimator)
    routed = route("cross_val_predict", estimator, cv, None, params, groups)
    splits = list(cv.split(X, y, **routed.split))
    predictions, how = predict_folds(estimator, X, y, splits, routed.fit, method)
    say("cross_val_predict", verbose, how)
    return join_folds(predictions, splits)
