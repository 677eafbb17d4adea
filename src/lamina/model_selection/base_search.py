"""What all searches share: the order of a search, with its fits run as populations."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from numbers import Integral
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import _fit_context, clone
from sklearn.metrics._scorer import _MultimetricScorer
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_method_params, _num_samples, indexable

from lamina.errors import SpecificationError, nearest_name
from lamina.estimators.base import is_network
from lamina.model_selection.budget import SearchBar
from lamina.model_selection.callbacks import begin_callbacks, run_search
from lamina.model_selection.candidates import with_one_seed
from lamina.model_selection.one_se import ONE_SE, complexities, simplest_within_error
from lamina.model_selection.rounds import CutShort, Rounds
from lamina.model_selection.splitters import splitter
from lamina.training.haste import in_haste


class PopulationSearch(BaseSearchCV):  # type: ignore[misc]
    """What all searches share: the order of a search, with its fits run as populations.

    Attributes
    ----------
    how_ : str
        What ran as a population, what did not, and why.
    interrupted_ : bool
        Whether Ctrl-C ended the search; settings that were not finished have NaN for scores and rank last.
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseSearchCV._parameter_constraints,
        "verbose": ["verbose", None],
        "memory": [Interval(Integral, 1, None, closed="left"), None],
    }

    @_fit_context(prefer_skip_nested_validation=False)  # type: ignore[untyped-decorator]
    def fit(self, X: Any, y: Any = None, **params: Any) -> Self:
        """Evaluate all settings by cross-validation, choose one, and fit it on all rows.

        Parameters
        ----------
        X
            Array or data frame.
        y
            Outcome.
        params
            ``groups`` for the splitter, ``sample_weight`` and others for ``fit`` and the scorer, as in scikit-learn.

        Raises
        ------
        SpecificationError
            If a parameter has an unknown name, or the memory is too small for one network.
        ValueError
            If every fit failed; the message has the reasons.
        KeyboardInterrupt
            If Ctrl-C came before a setting was complete; after that those that are complete are kept, with a warning.
        """
        self._check_refit_name()
        scorer, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        callbacks = begin_callbacks(self, X, y)
        self._n_samples_orig = _num_samples(X)
        self._checked_cv_orig = splitter(self.cv, y, self.estimator)
        if hasattr(self, "_check_input_parameters"):
            self._check_input_parameters(X=X, y=y, split_params=routed.splitter.split)
        self.n_splits_ = self._checked_cv_orig.get_n_splits(X, y, **routed.splitter.split)
        rounds = Rounds(self, with_one_seed(self.estimator), X, y, scorer, routed, self._bar())
        self._run(rounds, callbacks)
        self._choose(rounds, refit_metric)
        if self.refit:
            with in_haste():
                self._refit(X, y, routed.estimator.fit)
        self.scorer_ = scorer._scorers if isinstance(scorer, _MultimetricScorer) else scorer
        callbacks.call_on_fit_task_end(estimator=self, X=X, y=y)
        return self

    def _bar(self) -> SearchBar:
        """The bar of a search whose number of fits is not known before."""
        return SearchBar(None, None, self.verbose)

    def _rounds(self, rounds: Rounds, callbacks: Any) -> None:
        """Evaluate settings round by round."""
        run_search(self, rounds.evaluate, callbacks)

    def _run(self, rounds: Rounds, callbacks: Any) -> None:
        try:
            with rounds.interrupt:
                self._rounds(rounds, callbacks)
        except CutShort:
            complete, known = int(rounds.complete.sum()), len(rounds.settings)
            if not complete:
                raise KeyboardInterrupt from None
            what = f"its results are of {known} settings, all complete."
            if complete < known:
                what = f"{complete} of {known} settings are complete; the others have NaN for scores and rank last."
            warnings.warn(
                f"the search was interrupted: {what}",
                UserWarning,
                stacklevel=4,  # the caller of fit, which scikit-learn wraps
            )
        finally:
            rounds.bar.close()
        self.how_, self.interrupted_ = str(rounds.ways), rounds.interrupted
        if self.verbose:
            print(self.how_)

    def _choose(self, rounds: Rounds, refit_metric: str) -> None:
        """Keep the results and choose a setting."""
        results = rounds.results()
        first = rounds.outs[0]["test_scores"]
        self.multimetric_ = isinstance(first, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first)
            refit_metric = self.refit
        self.cv_results_ = results
        if not self.refit and self.multimetric_:
            return
        if self.refit == ONE_SE:
            keys = complexities(self.estimator, rounds.settings, np.array(rounds.n_parameters))
            among = self._eligible(results)
            self.best_index_ = simplest_within_error(results, keys, among=among)
        else:
            self.best_index_ = self._select_best_index(self.refit, refit_metric, results)
        if not callable(self.refit):
            self.best_score_ = results[f"mean_test_{refit_metric}"][self.best_index_]
        self.best_params_ = results["params"][self.best_index_]

    def _eligible(self, results: Mapping[str, Any]) -> np.ndarray | None:
        """Settings that may be chosen; None for all."""
        return None

    def _refit(self, X: Any, y: Any, fit_params: Mapping[str, Any]) -> None:
        """Fit the chosen setting on all rows, as a fit of its own."""
        model = clone(self.estimator).set_params(**clone(self.best_params_, safe=False))
        clock = time.time()
        self.best_estimator_ = model.fit(X, **({} if y is None else {"y": y}), **fit_params)
        self.refit_time_ = time.time() - clock
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_

    def _check_refit_name(self) -> None:
        """A word for ``refit`` must mean something: otherwise a slip would silently choose by another rule."""
        several = not (self.scoring is None or isinstance(self.scoring, str) or callable(self.scoring))
        if not isinstance(self.refit, str) or several:
            return
        if self.refit == ONE_SE and not is_network(self.estimator):
            raise SpecificationError(
                f"refit='one_se' must know which setting is simpler, and knows it of Lamina's networks, not of "
                f"{type(self.estimator).__name__}: give refit=OneStandardError(complexity), complexity being a function "
                "of a setting's parameters."
            )
        if not callable(self.scoring) and self.refit not in (ONE_SE, "score", self.scoring):
            raise SpecificationError(
                f"refit={self.refit!r}: give True, False, 'one_se' or a function of cv_results_; "
                f"{nearest_name(self.refit, [ONE_SE])}."
            )

    def _check_refit_for_multimetric(self, scores: Any) -> None:
        if self.refit == ONE_SE and ONE_SE not in scores:
            raise SpecificationError(
                "refit='one_se' with several scores does not say which: give refit=OneStandardError(complexity, metric)."
            )
        super()._check_refit_for_multimetric(scores)
