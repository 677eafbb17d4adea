"""`lamina.evaluation.effects`: what each column does to a fitted model's predictions, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lamina.evaluation.effect.result import Effects

KINDS = ("ame", "ale", "pdp", "loco", "interactions")
"""Kinds of effects."""


def effects(
    model: Any,
    X: Any,
    y: Any,
    *,
    columns: Any = None,
    kinds: Sequence[str] = KINDS,
    n_boot: int = 200,
    level: float = 0.95,
    intervals: str = "bootstrap",
    method: str = "normal",
    groups: Any = None,
    sets: Mapping[str, Sequence[Any]] | None = None,
    pairs: Sequence[tuple[Any, Any]] | None = None,
    metric: str | None = None,
    cv: Any = 5,
    grid: int = 20,
    step: float | None = None,
    random_state: int | None = 0,
    verbose: bool | None = None,
) -> Effects:
    r"""What each column does to the predictions of a fitted model, with intervals from refits on bootstrap draws.

    A classifier's effects are on the probability of each class, of two classes on that of the second. Lamina's networks and
    ensembles of them are refitted as one population and predict in one program; clones of any other model of scikit-learn's
    make are fitted one after the other.

    Parameters
    ----------
    model : estimator
        Fitted regression or classifier with ``predict`` or ``predict_proba``; a pipeline too. It is left as it is.
    X, y
        The rows that it was fitted on: array, or data frame of pandas or polars, and outcome (n,) or (n, outcomes).
    columns : names or places, optional
        Those wanted; all by default.
    kinds : sequence of {"ame", "ale", "pdp", "loco", "interactions"}
        Average marginal effects :math:`\frac1n\sum_i \partial f(x_i) / \partial x_{ij}`, or the mean change between two levels
        of a category, a truth value or a 0/1 column; accumulated local effects; partial dependence; leave one column out;
        pairwise interactions by Friedman's H squared.
    n_boot : int
        Bootstrap draws; 0 for no intervals (leaving columns out has its own).
    level : float
        Share of intervals that are to cover.
    intervals : {"bootstrap", "conditional", "data"}
        What varies: the model, refitted on each draw, and the rows that effects are averaged over; the model alone, the rows held
        (what the delta method of a regression table does); or the rows alone, which needs no refit and leaves out how uncertain
        the model is.
    method : {"normal", "percentile", "basic"}
        Interval from the draws: the model's effect plus and minus a quantile of the normal distribution times the draws'
        standard deviation; quantiles of the draws; or those mirrored at the model's effect.
    groups : array of shape (n,), optional
        Rows of one group are drawn together, and lie in one fold.
    sets : dict of name to columns, optional
        Sets of columns to leave out together, besides each alone.
    pairs : sequence of pairs of columns, optional
        Pairs whose interaction is wanted; by default those of the 8 columns with the largest effects.
    metric : str, optional
        Error for leaving columns out: "mae" (default for numbers) or "deviance"; "log_loss" (for classes), "brier" or
        "misclassification".
    cv : int, splitter or splits
        Folds for leaving columns out; a splitter of one split holds rows out.
    grid : int
        Bins of accumulated effects, and values of partial dependence, at most.
    step : float, optional
        Step of central differences in standard deviations of the column, for models other than Lamina's networks, whose slopes
        are exact. Default 0.001, and 0.5 for models that jump, such as trees.
    random_state : int, optional
        Seed of draws, refits and folds.
    verbose : bool, optional
        Progress bar: True, False, or None for one that appears when it takes long; on a terminal only.

    Returns
    -------
    Effects

    Raises
    ------
    SpecificationError, ArgumentTypeError
        If the model is not fitted, or an argument means nothing.
    DataError
        If rows or columns cannot be used.

    References
    ----------
    Apley, Zhu (2020), *Visualizing the effects of predictor variables in black box supervised learning models*, JRSS B 82.
    Friedman (2001), *Greedy function approximation*, Annals of Statistics 29; Friedman, Popescu (2008), *Predictive learning via
    rule ensembles*, Annals of Applied Statistics 2. Lei, G'Sell, Rinaldo, Tibshirani, Wasserman (2018), *Distribution-free
    predictive inference for regression*, JASA 113. Efron, Tibshirani (1993), *An Introduction to the Bootstrap*.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LinearRegression
    >>> X = np.random.default_rng(0).normal(size=(80, 2))
    >>> y = 3 * X[:, 0] + np.random.default_rng(1).normal(size=80)
    >>> found = effects(LinearRegression().fit(X, y), X, y, kinds=["ame"], n_boot=50)
    >>> bool(found.table.loc["x0", "low"] < 3 < found.table.loc["x0", "high"])
    True
    """
    from lamina.evaluation.effect.finding import Wishes, find

    wishes = Wishes(
        columns=columns,
        kinds=kinds,
        n_boot=n_boot,
        level=level,
        intervals=intervals,
        method=method,
        groups=groups,
        sets=sets or {},
        pairs=pairs,
        metric=metric,
        cv=cv,
        grid=grid,
        step=step,
        random_state=random_state,
        verbose=verbose,
    )
    return find(model, X, y, wishes)
