"""Searches over the settings of a model, each one population of networks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any, ClassVar

import numpy as np
from sklearn import model_selection
from sklearn.model_selection import ParameterGrid, ParameterSampler

from lamina.model_selection.base_search import PopulationSearch
from lamina.model_selection.budget import Budget, SearchBar
from lamina.model_selection.rounds import Rounds

FIRST_BATCH, LARGEST_BATCH = 8, 64
"""Settings that a search against time draws at once: few at first, as the deadline may be near."""
MOST_SETTINGS = 100_000
"""Settings that a search against time draws at most."""


class GridSearchCV(PopulationSearch, model_selection.GridSearchCV):  # type: ignore[misc]
    r"""Search over every combination of the values given, by cross-validation, all fits in one population.

    Parameters
    ----------
    estimator
        A network of Lamina's or a pipeline that ends in one: its fits, settings times splits, are one compiled program for each
        structure. Any other estimator runs by scikit-learn's own code; ``how_`` says which.
    param_grid : dict or list of dicts
        Values of each parameter. Numbers such as ``"penalty"``, ``"optimizer__learning_rate"`` or
        ``"layers__dropout_1__rate"`` share one program; ``"layers"`` takes lists of layers.
    scoring, n_jobs, cv, pre_dispatch, error_score, return_train_score
        As in :class:`sklearn.model_selection.GridSearchCV`; ``n_jobs`` and ``pre_dispatch`` concern what is no network.
    refit : bool, str or callable
        Which setting ``best_estimator_`` is fitted with on all rows: True takes the largest mean score, ``"one_se"`` the simplest
        network within one standard error of it (:class:`OneStandardError`); a name among several scores, or a function of
        ``cv_results_``.
    verbose : int, optional
        None shows a bar when the search takes long, on a terminal; 0 never.
    memory : int, optional
        Bytes that the networks under way may take, by default a quarter of the machine's.

    Attributes
    ----------
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, scorer_, n_splits_, refit_time_, multimetric_
        As in scikit-learn.
    how_, interrupted_
        What ran as a population; whether Ctrl-C ended the search.

    Where ``random_state`` is None all fits share one seed drawn for the search: settings differ by what they are, not by luck.

    Examples
    --------
    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], epochs=20, random_state=0)
    >>> search = GridSearchCV(model, {"optimizer__learning_rate": [0.001, 0.1]}, cv=3).fit(X, X[:, 0] ** 2)
    >>> search.best_params_
    {'optimizer__learning_rate': 0.1}
    >>> search.how_
    '6 fits as one population.'
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **model_selection.GridSearchCV._parameter_constraints,
        **PopulationSearch._parameter_constraints,
    }

    def __init__(
        self,
        estimator: Any,
        param_grid: Any,
        *,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int | None = None,
        pre_dispatch: int | str = "2*n_jobs",
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        memory: int | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_grid,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.memory = memory

    def _bar(self) -> SearchBar:
        settings = len(ParameterGrid(self.param_grid))
        return SearchBar(settings * self.n_splits_, None, self.verbose)


class RandomizedSearchCV(PopulationSearch, model_selection.RandomizedSearchCV):  # type: ignore[misc]
    """Search over settings drawn at random, so many of them or until a budget is spent, as populations.

    Parameters
    ----------
    estimator, scoring, n_jobs, refit, cv, verbose, pre_dispatch, error_score, return_train_score, memory
        As in :class:`GridSearchCV`.
    param_distributions : dict or list of dicts
        Lists of values, or distributions with a method ``rvs`` such as ``scipy.stats.loguniform(1e-4, 1e-1)``.
    n_iter : int
        Settings to draw, where there is no budget.
    budget : int or str, optional
        Instead of ``n_iter``, which then counts for nothing: fits, settings times splits (200, or as text without a unit), or a
        time as text ("60s", "5min", "1h"). One setting is always evaluated. Time is spent in batches of settings; the first
        batch is always finished, and a setting that time cut off leaves no trace.
    random_state
        Seed of the draws: the same settings in the same order, however many.

    Attributes
    ----------
    cv_results_, best_estimator_, best_params_, best_score_, best_index_, scorer_, n_splits_, refit_time_, multimetric_
        As in scikit-learn.
    how_, interrupted_
        What ran as a population; whether Ctrl-C ended the search.

    Source: Bergstra and Bengio, Random search for hyper-parameter optimization, JMLR 13 (2012).

    Examples
    --------
    >>> from scipy.stats import loguniform
    >>> from lamina import NeuralRegressor
    >>> from lamina.layers import Dense
    >>> X = np.linspace(-1, 1, 60)[:, None]
    >>> model = NeuralRegressor([Dense(4, "tanh")], epochs=20, random_state=0)
    >>> rates = {"optimizer__learning_rate": loguniform(1e-3, 1e-1)}
    >>> search = RandomizedSearchCV(model, rates, budget=12, cv=3, random_state=0).fit(X, X[:, 0] ** 2)
    >>> len(search.cv_results_["params"])
    4
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **model_selection.RandomizedSearchCV._parameter_constraints,
        **PopulationSearch._parameter_constraints,
        "budget": [Integral, str, None],
    }

    def __init__(
        self,
        estimator: Any,
        param_distributions: Any,
        *,
        n_iter: int = 10,
        budget: int | str | None = None,
        scoring: Any = None,
        n_jobs: int | None = None,
        refit: Any = True,
        cv: Any = None,
        verbose: int | None = None,
        pre_dispatch: int | str = "2*n_jobs",
        random_state: Any = None,
        error_score: float | str = np.nan,
        return_train_score: bool = False,
        memory: int | None = None,
    ) -> None:
        super().__init__(
            estimator,
            param_distributions,
            n_iter=n_iter,
            scoring=scoring,
            n_jobs=n_jobs,
            refit=refit,
            cv=cv,
            verbose=verbose,
            pre_dispatch=pre_dispatch,
            random_state=random_state,
            error_score=error_score,
            return_train_score=return_train_score,
        )
        self.budget = budget
        self.memory = memory

    def _bar(self) -> SearchBar:
        budget = self._parsed_budget()
        deadline = None if budget.seconds is None else time.monotonic() + budget.seconds
        return SearchBar(self._n_settings() * self.n_splits_, deadline, self.verbose)

    def _rounds(self, rounds: Rounds, callbacks: Any) -> None:
        budget = self._parsed_budget()
        if self.budget is None:
            super()._rounds(rounds, callbacks)
        elif budget.seconds is None:
            rounds.evaluate(self._settings(self._n_settings()))
        else:
            settings, size = self._settings(MOST_SETTINGS), FIRST_BATCH
            while not rounds.late() and (batch := list(itertools.islice(settings, size))):
                rounds.evaluate(batch)
                size = min(2 * size, LARGEST_BATCH)

    def _parsed_budget(self) -> Budget:
        return Budget() if self.budget is None else Budget.parse(self.budget)

    def _n_settings(self) -> int:
        """Settings that fits, as the budget or ``n_iter``, allow; at least one."""
        fits = self._parsed_budget().fits
        return int(self.n_iter) if fits is None else max(1, fits // self.n_splits_)

    def _settings(self, most: int) -> Iterator[Mapping[str, Any]]:
        """Settings drawn one by one; where all are lists, each combination once."""
        sampler = ParameterSampler(self.param_distributions, most, random_state=self.random_state)
        if sampler._is_all_lists():
            sampler.n_iter = min(most, len(ParameterGrid(self.param_distributions)))
        return iter(sampler)
