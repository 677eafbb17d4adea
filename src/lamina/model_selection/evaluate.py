"""The core of model selection: every setting on every split, fitted and scored, as one population where that can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.base import is_classifier
from sklearn.model_selection._validation import _warn_or_raise_about_fit_failures

from lamina.model_selection.candidates import make_candidates
from lamina.model_selection.collecting import Collector, Done, check_error_score
from lamina.model_selection.folds import part_folds, warn_of_missing_classes
from lamina.model_selection.foreign import ForeignFits, Out
from lamina.model_selection.wording import Ways


@dataclass
class Evaluated:
    """What became of every setting on every split.

    Attributes
    ----------
    out
        A dictionary each, as scikit-learn's ``_fit_and_score`` returns; all splits of the first setting come first.
        What was cut short has NaN for scores.
    ways
        How many fits ran in each way.
    finished
        Whether each was fitted and scored, or failed; shape (settings · splits,).
    interrupted
        Whether Ctrl-C ended it.
    n_parameters
        Parameters of each setting's network, 0 where unknown.
    """

    out: list[Out]
    ways: Ways
    finished: np.ndarray
    interrupted: bool = False
    n_parameters: np.ndarray = field(default_factory=lambda: np.zeros(0, np.int64))

    @property
    def how(self) -> str:
        """What ran as a population, what did not, and why, in a sentence."""
        return str(self.ways)

    def warn_of_failures(self, error_score: float | str) -> None:
        """FitFailedWarning with the reasons, and ValueError if every fit failed, as scikit-learn has it."""
        done = [out for out, finished in zip(self.out, self.finished, strict=True) if finished]
        if done:
            _warn_or_raise_about_fit_failures(done, error_score)


def fit_and_score_all(
    estimator: Any,
    candidates: Sequence[Mapping[str, Any]],
    X: Any,
    y: Any,
    splits: Sequence[tuple[Any, Any]],
    *,
    scorer: Any,
    fit_params: Mapping[str, Any] | None = None,
    score_params: Mapping[str, Any] | None = None,
    error_score: float | str = np.nan,
    return_train_score: bool = False,
    return_estimator: bool = False,
    memory: int | None = None,
    on_done: Done | None = None,
    stop: Callable[[], bool] | None = None,
    n_jobs: int | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    verbose: int = 0,
) -> Evaluated:
    """Fit each setting of an estimator on the training rows of each split, and score it on the test rows.

    Parameters
    ----------
    estimator
        Networks of Lamina's, alone or as the last step of a pipeline, run as one population; the steps before are fitted once a
        split for all settings that share them. Anything else runs by scikit-learn's own code.
    candidates
        Parameters of each setting.
    splits
        Indices of training and test rows.
    scorer
        As scikit-learn's ``check_scoring`` gives it, or a function of (model, X, y).
    fit_params, score_params
        For ``fit`` and the scorer; what has as many rows as X is parted with it.
    error_score
        Score of a fit that fails, or ``"raise"``.
    memory
        Bytes that the networks under way may take.
    on_done
        Given (place, dictionary) of fits as they finish, several at a time.
    stop
        Asked now and then whether to end.
    n_jobs, pre_dispatch, verbose
        For what runs by scikit-learn's own code.

    Raises
    ------
    SpecificationError
        If a parameter has an unknown name, or ``memory`` is too small for one network.
    KeyboardInterrupt
        If Ctrl-C came before any fit was finished; after that what is finished is returned.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.metrics import get_scorer
    >>> X, y = np.eye(4), np.arange(4.0)
    >>> splits = [([0, 1], [2, 3]), ([2, 3], [0, 1])]
    >>> done = fit_and_score_all(Ridge(), [{"alpha": 1.0}], X, y, splits, scorer=get_scorer("neg_mean_squared_error"))
    >>> [round(out["test_scores"], 2) for out in done.out]
    [-4.25, -4.25]
    >>> done.how
    "2 fits by scikit-learn's own code: Ridge joins no population."
    """
    check_error_score(error_score)
    made = make_candidates(estimator, candidates)
    keywords = {"scorer": scorer, "error_score": error_score, "return_train_score": return_train_score}
    collector = Collector(
        len(made), len(splits), return_estimator=return_estimator, on_done=on_done, stop=stop, **keywords
    )
    joining = [candidate for candidate in made if y is not None and candidate.joins]
    others = {candidate.place: candidate.params for candidate in made if candidate not in joining}
    with collector.interrupt:
        if joining:
            folds = part_folds(estimator, X, y, splits, fit_params or {}, score_params or {})
            if is_classifier(estimator):
                warn_of_missing_classes(y, folds)
            collector.fit_networks(joining, folds, memory)
        if others and not collector.ended:
            shared = {
                "fit_params": fit_params,
                "score_params": score_params,
                "return_estimator": return_estimator,
            }
            fits = ForeignFits(
                estimator, X, y, splits, keywords | shared | {"verbose": verbose}, n_jobs, pre_dispatch
            )
            collector.fit_others(fits, others)
    return Evaluated(
        collector.complete(),
        Ways.of(made, len(splits), supervised=y is not None, refused=collector.refused),
        collector.finished,
        collector.interrupted,
        collector.n_parameters,
    )
