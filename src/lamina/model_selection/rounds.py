"""The rounds of a search: batches of settings, evaluated and gathered into ``cv_results_``."""

from __future__ import annotations

import time
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn.model_selection._validation import _insert_error_scores

from lamina.errors import DataError, SpecificationError
from lamina.model_selection.budget import SearchBar
from lamina.model_selection.collecting import NothingFinished
from lamina.model_selection.evaluate import Evaluated, fit_and_score_all
from lamina.model_selection.foreign import Out
from lamina.model_selection.wording import Ways
from lamina.training.interrupt import InterruptFlag


class CutShort(Exception):
    """Leaves the loop of a search whose user pressed Ctrl-C."""


@dataclass(eq=False)
class Rounds:
    """What a search has evaluated so far.

    Attributes
    ----------
    search
        The search estimator, whose parameters and ``_format_results`` are used.
    estimator
        An unfitted clone of its estimator, with a seed.
    interrupt
        To be open while the search runs: Ctrl-C between two rounds ends it as Ctrl-C within one does.
    routed
        Parameters for the estimator, the scorer and the splitter.
    """

    search: Any
    estimator: Any
    X: Any
    y: Any
    scorer: Any
    routed: Any
    bar: SearchBar
    settings: list[Mapping[str, Any]] = field(default_factory=list)
    outs: list[Out] = field(default_factory=list)
    more: defaultdict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    finished: list[bool] = field(default_factory=list)
    n_parameters: list[int] = field(default_factory=list)
    ways: Ways | None = None
    interrupted: bool = False
    best: float = np.nan
    fits_done: int = 0
    interrupt: InterruptFlag = field(default_factory=InterruptFlag)
    _usual_splits: list[tuple[Any, Any]] = field(default_factory=list)
    _formatted: dict[str, Any] | None = None

    def evaluate(
        self,
        candidate_params: Iterable[Mapping[str, Any]],
        cv: Any = None,
        more_results: Mapping[str, Sequence[Any]] | None = None,
        callback_ctx: Any = None,
    ) -> dict[str, Any]:
        """Evaluate a batch of settings, as scikit-learn's ``_run_search`` asks; all results so far.

        Raises
        ------
        CutShort
            After Ctrl-C; what was finished is kept.
        """
        if self.settings and self.interrupt.requested:
            self.interrupted = True
            raise CutShort
        settings = list(candidate_params)
        splits = self._splits(cv)
        if self.search.verbose:
            print(
                f"Fitting {len(splits)} folds for each of {len(settings)} candidates, "
                f"totalling {len(splits) * len(settings)} fits"
            )
        if not settings or not splits:
            raise DataError("No fits were performed. Was the CV iterator empty? Were there no candidates?")
        try:
            evaluated = self._fit(settings, splits)
        except NothingFinished:
            if not self.settings:
                raise KeyboardInterrupt from None
            if not self.interrupt.requested:  # time is up
                return self.results()
            self.interrupted = True
            raise CutShort from None
        self._add(settings, evaluated, more_results or {}, len(splits))
        if self.interrupted:
            raise CutShort
        return self.results()

    def results(self) -> dict[str, Any]:
        """``cv_results_`` of everything so far."""
        if self._formatted is not None:
            return self._formatted
        with warnings.catch_warnings():
            if self.interrupted:
                warnings.filterwarnings("ignore", "One or more of the .* scores are non-finite", UserWarning)
            self._formatted = self.search._format_results(
                self.settings, self.search.n_splits_, self.outs, self.more
            )
        assert self._formatted is not None
        return self._formatted

    @property
    def complete(self) -> np.ndarray:
        """Whether all fits of each setting are finished, shape (settings,)."""
        return np.asarray(np.array(self.finished, bool).reshape(len(self.settings), -1).all(axis=1))

    def _splits(self, cv: Any) -> list[tuple[Any, Any]]:
        if cv is None and self._usual_splits:
            return self._usual_splits  # a splitter without a seed must not part each batch in another way
        cv, usual = cv or self.search._checked_cv_orig, cv is None
        splits = list(cv.split(self.X, self.y, **self.routed.splitter.split))
        if len(splits) != self.search.n_splits_:
            raise SpecificationError(
                f"cv.split and cv.get_n_splits return inconsistent results: {self.search.n_splits_} splits were "
                f"announced and {len(splits)} came. Mend the splitter."
            )
        if usual:
            self._usual_splits = splits
        return splits

    def _fit(self, settings: Sequence[Mapping[str, Any]], splits: Sequence[tuple[Any, Any]]) -> Evaluated:
        search = self.search
        scores: defaultdict[int, list[float]] = defaultdict(list)

        def show(outs: Sequence[tuple[int, Out]]) -> None:
            self.fits_done += len(outs)
            for place, out in outs:
                scores[place // len(splits)].append(_number(out["test_scores"], search.refit))
                if len(scores[place // len(splits)]) == len(splits):
                    self.best = float(np.fmax(self.best, np.mean(scores[place // len(splits)])))
            self.bar.update(self.fits_done, self.best)

        return fit_and_score_all(
            self.estimator,
            settings,
            self.X,
            self.y,
            splits,
            scorer=self.scorer,
            fit_params=self.routed.estimator.fit,
            score_params=self.routed.scorer.score,
            error_score=search.error_score,
            return_train_score=search.return_train_score,
            memory=search.memory,
            on_done=show,
            stop=self.late if self.settings and self.bar.deadline is not None else None,
            n_jobs=search.n_jobs,
            pre_dispatch=getattr(search, "pre_dispatch", "2*n_jobs"),
            verbose=search.verbose or 0,
        )

    def late(self) -> bool:
        """Whether time is up."""
        return self.bar.deadline is not None and time.monotonic() > self.bar.deadline

    def _add(
        self,
        settings: list[Mapping[str, Any]],
        evaluated: Evaluated,
        more: Mapping[str, Sequence[Any]],
        n_splits: int,
    ) -> None:
        outs, finished = evaluated.out, evaluated.finished.reshape(len(settings), n_splits)
        self.ways = evaluated.ways if self.ways is None else self.ways + evaluated.ways
        self.interrupted, self._formatted = evaluated.interrupted or self.interrupt.requested, None
        evaluated.warn_of_failures(self.search.error_score)
        if callable(self.search.scoring):
            _insert_error_scores(outs, self.search.error_score)
        # Time that ran out leaves only whole settings; Ctrl-C leaves all, so that the user sees what is missing.
        kept = [place for place in range(len(settings)) if evaluated.interrupted or finished[place].all()]
        for place in kept:
            self.settings.append(settings[place])
            self.outs += outs[place * n_splits : (place + 1) * n_splits]
            self.finished += finished[place].tolist()
            self.n_parameters.append(int(evaluated.n_parameters[place]))
            for name, values in more.items():
                self.more[name].append(values[place])


def _number(scores: Any, refit: Any) -> float:
    """The score that the bar shows: the one that decides, or the first of several."""
    if not isinstance(scores, dict):
        return float(scores)
    return float(scores[refit] if isinstance(refit, str) and refit in scores else next(iter(scores.values())))
