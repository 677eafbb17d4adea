"""The settings that a tuned model chose, as a model that tunes no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def chosen(fitted: Any) -> Any:
    """An unfitted estimator with the settings that a fitted one chose, so that it can be refitted without tuning.

    A model with a method ``chosen`` answers itself; scikit-learn's RidgeCV, LassoCV, ElasticNetCV,
    LogisticRegressionCV and searches are known; of everything else it is `sklearn.base.clone`.

    Parameters
    ----------
    fitted
        A fitted estimator, such as the last step of a pipeline.

    >>> from sklearn.linear_model import LassoCV, RidgeCV
    >>> X, y = [[0.0], [1.0], [2.0], [4.0]], [0.0, 1.0, 2.0, 4.0]
    >>> chosen(RidgeCV(alphas=[0.5]).fit(X, y))
    Ridge(alpha=0.5)
    >>> tuned = LassoCV(cv=2).fit(X, y)
    >>> bool(chosen(tuned).alpha == tuned.alpha_)
    True
    """
    from sklearn.base import clone

    if hasattr(fitted, "chosen"):
        return fitted.chosen()
    for kind, make in _KNOWN.items():
        if type(fitted).__name__ == kind and type(fitted).__module__.startswith("sklearn."):
            return make(fitted)
    return clone(fitted)


def _ridge(fitted: Any) -> Any:
    from sklearn.linear_model import Ridge

    return Ridge(alpha=float(fitted.alpha_), fit_intercept=fitted.fit_intercept)


def _lasso(fitted: Any) -> Any:
    from sklearn.linear_model import Lasso

    return Lasso(alpha=float(fitted.alpha_), **_of(fitted, _PATH_SETTINGS))


def _elastic_net(fitted: Any) -> Any:
    from sklearn.linear_model import ElasticNet

    penalty = {"alpha": float(fitted.alpha_), "l1_ratio": float(fitted.l1_ratio_)}
    return ElasticNet(**penalty, **_of(fitted, _PATH_SETTINGS))


def _logistic(fitted: Any) -> Any:
    from sklearn.linear_model import LogisticRegression

    settings = _of(fitted, ("class_weight", "fit_intercept", "max_iter", "random_state", "solver", "tol"))
    # One penalty a class where classes were tuned apart: their geometric mean.
    inverse_penalty = float(np.exp(np.mean(np.log(fitted.C_))))
    ratio = [each for each in np.ravel(getattr(fitted, "l1_ratio_", 0.0)) if each is not None]
    mixed: dict[str, Any] = {"l1_ratio": float(np.mean(ratio))} if ratio and np.any(ratio) else {}
    if mixed and LogisticRegression().get_params().get("penalty") == "l2":
        mixed["penalty"] = "elasticnet"  # as scikit-learn before 1.8 wants to be told
    return LogisticRegression(C=inverse_penalty, **settings, **mixed)


def _search(fitted: Any) -> Any:
    from sklearn.base import clone

    return clone(fitted.best_estimator_)


def _of(fitted: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(fitted, name) for name in names}


_PATH_SETTINGS = ("fit_intercept", "max_iter", "tol", "positive", "random_state", "selection")
_KNOWN: dict[str, Callable[[Any], Any]] = {
    "RidgeCV": _ridge,
    "LassoCV": _lasso,
    "ElasticNetCV": _elastic_net,
    "LogisticRegressionCV": _logistic,
    "GridSearchCV": _search,
    "RandomizedSearchCV": _search,
}
