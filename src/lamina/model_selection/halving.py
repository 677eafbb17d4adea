"""Successive halving: many settings with little, the best of them with more, each round one population."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import _search_successive_halving as scikit_learn
from sklearn.model_selection._search import BaseSearchCV

from lamina.model_selection.base_search import PopulationSearch
from lamina.model_selection.rounds import CutShort, Rounds


class PopulationHalving(PopulationSearch):
    """What the two searches by halving share."""

    n_resources_: list[int]
    n_candidates_: list[int]

    def _rounds(self, rounds: Rounds, callbacks: Any) -> None:
        try:
            super()._rounds(rounds, callbacks)
        except CutShort:
            # The loop was left before it wrote this down; a round of which nothing was finished leaves no trace.
            self.n_iterations_ = len(set(rounds.more["iter"]))
            self.n_resources_ = self.n_resources_[: self.n_iterations_]
            self.n_candidates_ = self.n_candidates_[: self.n_iterations_]
            raise

    def _choose(self, rounds: Rounds, refit_metric: str) -> None:
        super()._choose(rounds, refit_metric)
        self.best_score_ = self.cv_results_["mean_test_score"][self.best_index_]

    @staticmethod
    def _select_best_index(refit: Any, refit_metric: str, results: Mapping[str, Any]) -> int:
        """The best of the last round: a larger score in an earlier one was reached with less, and is less sure."""
        if callable(refit):
            return int(BaseSearchCV._select_best_index(refit, refit_metric, results))
        last = in_last_round(results)
        scores = np.where(last, results["mean_test_score"], np.nan)
        return int(last.argmax() if np.isnan(scores).all() else np.nanargmax(scores))

    def _eligible(self, results: Mapping[str, Any]) -> np.ndarray:
        return in_last_round(results)


def in_last_round(results: Mapping[str, Any]) -> np.ndarray:
    """Whether each setting belongs to the last round in which one has a score.

    >>> in_last_round({"iter": [0, 0, 1], "mean_test_score": np.array([0.1, 0.2, 0.3])}).tolist()
    [False, False, True]
    """
    rounds, scored = np.asarray(results["iter"]), ~np.isnan(results["mean_test_score"])
    return np.asarray(rounds == (rounds[scored] if scored.any() else rounds).max())


class HalvingGridSearchCV(PopulationHalving, scikit_learn.HalvingGridSearchCV):  # type: ignore[misc]
    r"""Search over a grid by successive halving.

    Round i gives each of :math:`n_i` settings :math:`r_i` of the resource,

    .. math:: r_i = \eta^i r_0, \qquad n_i = \lceil n_{i-1} / \eta \rceil,

    and only the best go on, so that every round costs about the same.

    Parameters
    ----------
    estimator, param_grid, scoring, refit, cv, error_score, n_jobs, verbose, memory
        As in :class:`GridSearchCV`.
    factor
        :math:`\eta`.
    resource
        ``"n_samples"``, rows drawn at random, or a parameter of the estimator that is a whole number, above all ``"epochs"``.
    max_resources, min_resources, aggressive_elimination, random_state, return_train_score
        As in :class:`sklearn.model_selection.HalvingGridSearchCV`; a resource that is a parameter needs ``max_resources``.

    Attributes
    ----------
    n_resources_, n_candidates_, n_iterations_
        Resource and settings of each round; rounds.
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, how_, interrupted_
        As in :class:`GridSearchCV`; ``cv_results_`` has each round's ``iter`` and ``n_resources``. The best is chosen in the last
        round.

    Source: Karnin, Koren and Somekh, Almost optimal exploration in multi-armed bandits, ICML 2013; Jamieson and Talwalkar,
    Non-stochastic best arm identification and hyperparameter optimization, AISTATS 2016.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], random_state=0)
    >>> grid = {"optimizer__learning_rate": [0.001, 0.01, 0.1]}
    >>> search = HalvingGridSearchCV(model, grid, resource="epochs", max_resources=15, cv=3).fit(X, X[:, 0] ** 2)
    >>> search.n_resources_, search.n_candidates_
    ([5, 15], [3, 1])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **scikit_learn.HalvingGridSearchCV._parameter_constraints,
        "verbose": PopulationSearch._parameter_constraints["verbose"],
        "memory": PopulationSearch._parameter_constraints["memory"],
    }

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        factor: float = 3,
        resource: str = "n_samples",
        max_resources: int | str = "auto",
        min_resources: int | str = "exhaust",
        aggressive_elimination: bool = False,
        cv: Any = 5,
        scoring: Any = None,
        refit: Any = True,
        error_score: float | str = np.nan,
        return_train_score: bool = True,
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int | None = None,
        memory: int | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.memory = memory


class HalvingRandomSearchCV(PopulationHalving, scikit_learn.HalvingRandomSearchCV):  # type: ignore[misc]
    """Search over settings drawn at random, by successive halving.

    Parameters
    ----------
    param_distributions
        As in :class:`RandomizedSearchCV`.
    n_candidates
        Settings of the first round; ``"exhaust"`` draws as many as make the last round use the largest resource.
    estimator, scoring, refit, cv, error_score, n_jobs, verbose, memory, factor, resource, max_resources, min_resources, \
aggressive_elimination, random_state, return_train_score
        As in :class:`HalvingGridSearchCV`.

    Attributes
    ----------
    n_resources_, n_candidates_, n_iterations_, cv_results_, best_estimator_, best_params_, best_score_, best_index_, how_, \
interrupted_
        As in :class:`HalvingGridSearchCV`.

    Source: as :class:`HalvingGridSearchCV`.

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], random_state=0)
    >>> rates = {"optimizer__learning_rate": loguniform(1e-3, 1e-1)}
    >>> search = HalvingRandomSearchCV(
    ...     model, rates, n_candidates=4, factor=2, resource="epochs", min_resources=4, max_resources=16, cv=3, random_state=0
    ... )
    >>> search.fit(X, X[:, 0] ** 2).n_resources_
    [4, 8, 16]
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **scikit_learn.HalvingRandomSearchCV._parameter_constraints,
        "verbose": PopulationSearch._parameter_constraints["verbose"],
        "memory": PopulationSearch._parameter_constraints["memory"],
    }

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_candidates: int | str = "exhaust",
        factor: float = 3,
        resource: str = "n_samples",
        max_resources: int | str = "auto",
        min_resources: int | str = "smallest",
        aggressive_elimination: bool = False,
        cv: Any = 5,
        scoring: Any = None,
        refit: Any = True,
        error_score: float | str = np.nan,
        return_train_score: bool = True,
        random_state: Any = None,
        n_jobs: int | None = None,
        verbose: int | None = None,
        memory: int | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_candidates=n_candidates,
            factor=factor,
            resource=resource,
            max_resources=max_resources,
            min_resources=min_resources,
            aggressive_elimination=aggressive_elimination,
            cv=cv,
            scoring=scoring,
            refit=refit,
            error_score=error_score,
            return_train_score=return_train_score,
            random_state=random_state,
            n_jobs=n_jobs,
            verbose=verbose,
        )
        self.memory = memory
