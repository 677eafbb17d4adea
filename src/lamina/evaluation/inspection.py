"""scikit-learn's permutation importance and partial dependence, with all copies of the table in a few compiled blocks.

Networks of Lamina's are asked for all copies at a time; any other model goes through scikit-learn's own code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import product
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.evaluation.copies import Copies, batches


def permutation_importance(
    estimator: Any,
    X: Any,
    y: Any,
    *,
    scoring: Any = None,
    n_repeats: int = 5,
    n_jobs: int | None = None,
    random_state: Any = None,
    sample_weight: Any = None,
    max_samples: int | float = 1.0,
) -> Any:
    """How much worse a fitted model scores when a column is shuffled, as `sklearn.inspection.permutation_importance`.

    The importance of column j is s - s_jk, where s is the score on the table and s_jk that after the k-th shuffle of the
    column (Breiman 2001). Arguments, shuffles and result are scikit-learn's; only the time differs.

    Parameters
    ----------
    estimator
        Fitted model.
    X, y
        Rows to score on: array or data frame (n, p), and outcome (n,).
    scoring
        Name, list or dictionary of scores, or a function of (model, X, y); the model's own ``score`` by default.
    n_repeats
        Shuffles of each column, K.
    n_jobs
        For models that are not Lamina's networks.
    random_state
        Seed of the shuffles.
    sample_weight
        Weights for the score, shape (n,).
    max_samples
        Rows to draw, as a number or a share.

    Returns
    -------
    sklearn.utils.Bunch
        ``importances`` (p, K), ``importances_mean`` and ``importances_std`` (p,); with several scores a dictionary of these.

    Raises
    ------
    SpecificationError, ArgumentTypeError
        If an argument means nothing.

    References
    ----------
    Breiman (2001), *Random forests*, Machine Learning 45.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = NeuralRegressor([], optimizer="lbfgs", epochs=50, random_state=0).fit(X, 3 * X[:, 0])
    >>> permutation_importance(model, X, 3 * X[:, 0], random_state=0).importances_mean.round(1)
    array([2.1, 0. ])
    """
    from sklearn import inspection
    from sklearn.metrics import check_scoring
    from sklearn.utils import check_random_state

    _check_repeats(n_repeats)
    scorer = check_scoring(estimator, scoring=scoring)
    if not batches(estimator, X) or not _asks_for_predictions(scorer):
        return inspection.permutation_importance(
            estimator,
            X,
            y,
            scoring=scoring,
            n_repeats=n_repeats,
            n_jobs=n_jobs,
            random_state=random_state,
            sample_weight=sample_weight,
            max_samples=max_samples,
        )
    copies = Copies(estimator, X)
    n = len(copies.rows)
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max + 1)
    drawn, orders = _shuffles(n, _sample_size(max_samples, n), n_repeats, seed)
    weights = None if sample_weight is None else np.asarray(sample_weight)
    (baseline,) = _scores(scorer, copies, [copies.respond(copies.rows)[None]], y, weights)
    if drawn is not None:
        copies.rows = copies.rows[drawn]
        y, weights = _rows_of(y, drawn), None if weights is None else weights[drawn]
    scores = [
        _scores(scorer, copies, copies.outputs(places, copies.rows[:, places][orders]), y, weights)
        for places in copies.groups
    ]
    return _importances(baseline, scores)


def partial_dependence(
    estimator: Any,
    X: Any,
    features: Any,
    *,
    sample_weight: Any = None,
    response_method: str = "auto",
    kind: str = "average",
    **grid: Any,
) -> Any:
    """The mean prediction as one or two columns take each value of a grid, as `sklearn.inspection.partial_dependence`.

    For a value v of the columns S it is Σ_i w_i f(v, x_i without S) / Σ_i w_i (Friedman 2001, equation 53). Arguments, grid
    and result are scikit-learn's; only the time differs.

    Parameters
    ----------
    estimator
        Fitted model.
    X
        Rows to average over: array or data frame (n, p).
    features
        A column's place or name, or several.
    sample_weight
        Weights w, shape (n,).
    response_method
        ``"predict_proba"`` or ``"decision_function"`` of a classifier; ``"auto"`` takes the first there is.
    kind
        ``"average"``, ``"individual"`` (one curve a row) or ``"both"``.
    grid
        ``categorical_features``, ``feature_names``, ``percentiles``, ``grid_resolution`` and ``custom_values``, as
        scikit-learn has them.

    Returns
    -------
    sklearn.utils.Bunch
        ``grid_values``, one array a column; ``average`` (outputs, values, …) and ``individual`` (outputs, n, values, …).

    Raises
    ------
    ValueError
        As scikit-learn does, for columns or grids that cannot be used.

    References
    ----------
    Friedman (2001), *Greedy function approximation: a gradient boosting machine*, Annals of Statistics 29.

    Examples
    --------
    >>> import numpy as np
    >>> from lamina import NeuralRegressor
    >>> X = np.random.default_rng(0).normal(size=(60, 2))
    >>> model = NeuralRegressor([], optimizer="lbfgs", epochs=50, random_state=0).fit(X, 3 * X[:, 0])
    >>> curve = partial_dependence(model, X, [0], grid_resolution=3)
    >>> bool(np.allclose(np.diff(curve["average"][0]), 3 * np.diff(curve["grid_values"][0]), rtol=0.05))
    True
    """
    from sklearn import inspection
    from sklearn.utils import Bunch

    asked = {"response_method": response_method, "sample_weight": sample_weight} | grid
    if not batches(estimator, X) or grid.get("method", "auto") == "recursion":
        return inspection.partial_dependence(estimator, X, features, kind=kind, **asked)
    columns = _each(features)
    blank = _blank(estimator)
    grids = [inspection.partial_dependence(blank, X, [one], kind=kind, **asked) for one in columns]
    values = [found["grid_values"][0] for found in grids]
    copies = Copies(estimator, X)
    places, replaced = _on_grid(copies, X, [_place(X, one) for one in columns], values)
    respond = _response(estimator, response_method)
    weights = None if sample_weight is None else np.asarray(sample_weight)
    averages, individuals = [], []
    for block in copies.outputs(places, replaced):
        predicted = respond(*copies.answering(block.reshape(-1, block.shape[-1])))
        predicted = predicted.reshape(*block.shape[:2], *predicted.shape[1:])
        averages.append(np.average(predicted, axis=1, weights=weights))
        if kind != "average":
            individuals.append(predicted)
    shape = [len(one) for one in values]
    found = Bunch(grid_values=values)
    if kind != "individual":
        found["average"] = np.concatenate(averages).T.reshape(-1, *shape)
    if kind != "average":
        found["individual"] = np.concatenate(individuals).T.reshape(-1, len(copies.rows), *shape)
    return found


def _check_repeats(n_repeats: Any) -> None:
    if isinstance(n_repeats, bool) or not isinstance(n_repeats, Integral):
        raise ArgumentTypeError(f"n_repeats={n_repeats!r}: give a whole number of shuffles of each column")
    if n_repeats < 1:
        raise SpecificationError(f"n_repeats={n_repeats}: a column is shuffled once at least; give 1 or more")


def _sample_size(max_samples: Any, n: int) -> int:
    if isinstance(max_samples, bool) or not isinstance(max_samples, Integral | float):
        raise ArgumentTypeError(f"max_samples={max_samples!r}: give a number of rows, or a share of them")
    given = float(max_samples)
    share = not isinstance(max_samples, Integral)
    size = int(given * n) if share else int(given)
    if not 1 <= size <= n or (share and given > 1):
        raise SpecificationError(
            f"max_samples={max_samples!r} of {n} rows: give 1 to {n}, or a share above 0 and at most 1 that leaves a row"
        )
    return size


def _asks_for_predictions(scorer: Any) -> bool:
    """Whether a scorer is one of scikit-learn's, which look at predictions alone; a function may look at X."""
    from sklearn.metrics._scorer import _BaseScorer, _MultimetricScorer, _PassthroughScorer

    each = scorer._scorers.values() if isinstance(scorer, _MultimetricScorer) else [scorer]
    return all(isinstance(one, (_BaseScorer, _PassthroughScorer)) for one in each)


def _shuffles(n: int, size: int, repeats: int, seed: int) -> tuple[NDArray[np.intp] | None, NDArray[np.intp]]:
    """The rows that are drawn, if not all, and the order of every column in each repeat, (repeats, size)."""
    from sklearn.utils.random import sample_without_replacement

    rng = np.random.RandomState(seed)
    drawn = sample_without_replacement(n, size, random_state=rng) if size < n else None
    step, order = np.arange(size), np.arange(size)
    orders = []
    for _ in range(repeats):
        rng.shuffle(step)
        order = order[step]
        orders.append(order)
    return drawn, np.array(orders)


def _rows_of(y: Any, rows: NDArray[np.intp]) -> Any:
    return y.iloc[rows] if hasattr(y, "iloc") else np.asarray(y)[rows]


def _scores(
    scorer: Any, copies: Copies, blocks: Iterable[NDArray[Any]], y: Any, weights: NDArray[Any] | None
) -> list[Any]:
    """The score of each copy of the table, from outputs of shape (copies, n, outputs) a block."""
    from lamina.model_selection.scoring import scores_at_once

    more = {} if weights is None else {"sample_weight": weights}
    found: list[Any] = []
    for block in blocks:
        scores = scores_at_once(scorer, copies.model, block, y, weights)
        if scores is None:
            scores = [scorer(*copies.answering(z), y, **more) for z in block]
        found += scores
    return found


def _importances(baseline: Any, scores: list[list[Any]]) -> Any:
    from sklearn.utils import Bunch

    if isinstance(baseline, dict):
        return {
            name: _importances(baseline[name], [[one[name] for one in of_column] for of_column in scores])
            for name in baseline
        }
    importances = baseline - np.array(scores)
    return Bunch(
        importances_mean=importances.mean(axis=1),
        importances_std=importances.std(axis=1),
        importances=importances,
    )


def _each(features: Any) -> list[Any]:
    """The columns asked for, one by one."""
    if isinstance(features, str | Integral):
        return [features]
    listed = list(features)
    if all(isinstance(one, bool | np.bool_) for one in listed):
        return np.flatnonzero(listed).tolist()
    return listed


def _place(X: Any, feature: Any) -> int:
    """A column's place, which scikit-learn found to exist."""
    return list(X.columns).index(feature) if isinstance(feature, str) else int(feature)


def _on_grid(
    copies: Copies, X: Any, columns: Sequence[int], values: Sequence[NDArray[Any]]
) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Encoded columns that differ, (c,), and what they are at each point of the grid, (points, 1, c)."""
    each = [
        copies.encoded(_first_row_with(X, column, one))[:, copies.groups[column]]
        for column, one in zip(columns, values, strict=True)
    ]
    points = [np.concatenate(point) for point in product(*each)]
    return np.concatenate([copies.groups[column] for column in columns]), np.array(points)[:, None]


def _first_row_with(X: Any, column: int, values: NDArray[Any]) -> Any:
    """The first row of X once for each value, which stands in the column."""
    first = np.zeros(len(values), dtype=np.intp)
    if not hasattr(X, "iloc"):
        rows = np.asarray(X)[first]
        rows[:, column] = values
        return rows
    rows = X.iloc[first].reset_index(drop=True)
    kept = X.dtypes.iloc[column]
    new = type(X[X.columns[column]])(values)
    rows[X.columns[column]] = new.astype(kept) if str(kept) == "category" else new
    return rows


def _blank(model: Any) -> Any:
    """A model of the same kind that costs nothing to ask: scikit-learn checks the arguments and makes the grid with it."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, is_classifier

    class Blank(ClassifierMixin if is_classifier(model) else RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def fit(self, X: Any, y: Any = None) -> Any:
            return self

        def __sklearn_is_fitted__(self) -> bool:
            return True

        def predict(self, X: Any) -> NDArray[Any]:
            return np.zeros(len(X))

        def decision_function(self, X: Any) -> NDArray[Any]:
            return np.zeros((len(X), 3))

        predict_proba = decision_function
        classes_ = np.arange(3)

    return Blank()


def _response(model: Any, method: str) -> Callable[[Any, Any], NDArray[Any]]:
    """The response of a model at its rows, (n,) or (n, outputs): the probability of the second of two classes."""
    from sklearn.base import is_classifier

    if not is_classifier(model):
        return lambda model, X: np.asarray(model.predict(X))
    if method == "auto":
        method = "predict_proba" if hasattr(model, "predict_proba") else "decision_function"

    def respond(model: Any, X: Any) -> NDArray[Any]:
        found = np.asarray(getattr(model, method)(X))
        return found[:, 1] if found.ndim == 2 and len(model.classes_) == 2 else found

    return respond
