"""Scores gathered as fits finish, in the form in which scikit-learn's own code keeps them."""

from __future__ import annotations

import numbers
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.metrics._scorer import _MultimetricScorer

from lamina.errors import ArgumentTypeError, SpecificationError
from lamina.estimators.many import forget_answers
from lamina.model_selection.candidates import Candidate, reason
from lamina.model_selection.fitting import Fit, fit_networks
from lamina.model_selection.folds import Fold
from lamina.model_selection.foreign import ForeignFits, Out, fit_and_score_foreign
from lamina.model_selection.scoring import MemberScorer
from lamina.networks.summary import count_parameters
from lamina.training.interrupt import InterruptFlag

Done = Callable[[Sequence[tuple[int, Out]]], None]


class NothingFinished(KeyboardInterrupt):
    """The fits were ended before one of them was finished."""


def check_error_score(error_score: Any) -> None:
    """A number, or ``"raise"``."""
    if not isinstance(error_score, numbers.Number) and error_score != "raise":
        raise SpecificationError(
            f"error_score={error_score!r}: give 'raise', or the score of a fit that fails as a number."
        )


class Collector:
    """Runs the fits of all settings on all splits and keeps what became of them, in the order settings, splits.

    Attributes
    ----------
    finished
        Which fits have ended, well or not.
    interrupt
        To be open while fits run: Ctrl-C then ends the run after what is under way.
    n_parameters
        Of each setting's network; 0 where unknown.
    refused
        Fits of each setting whose parameters were refused when they began.
    """

    def __init__(
        self,
        n_settings: int,
        n_splits: int,
        *,
        scorer: Any,
        error_score: float | str,
        return_train_score: bool,
        return_estimator: bool,
        on_done: Done | None,
        stop: Callable[[], bool] | None,
    ) -> None:
        self._outs: list[Out | None] = [None] * (n_settings * n_splits)
        self._n_splits = n_splits
        self._scorer, self._error_score = MemberScorer(scorer, error_score), error_score
        self._parts = ("test", "train") if return_train_score else ("test",)
        self._return_estimator = return_estimator
        self._on_done, self._stop = on_done, stop
        self._failure: Exception | None = None
        self._stopped = False
        self.interrupt = InterruptFlag()
        self.n_parameters = np.zeros(n_settings, np.int64)
        self.refused: Counter[int] = Counter()

    @property
    def finished(self) -> np.ndarray:
        return np.array([out is not None for out in self._outs], bool)

    @property
    def ended(self) -> bool:
        """Whether no further fit should begin."""
        return self._stopped or self.interrupted

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C asked to end."""
        return self.interrupt.requested

    def fit_networks(
        self, candidates: Sequence[Candidate], folds: Sequence[Fold], memory: int | None
    ) -> None:
        """Fit and score the settings that are networks."""
        fit_networks(
            candidates,
            folds,
            self._receive,
            train_scores=len(self._parts) > 1,
            keep_models=self._return_estimator or not self._scorer.answered,
            memory=memory,
            stop=self._stopping,
        )
        if self._failure is not None:
            raise self._failure

    def fit_others(self, fits: ForeignFits, settings: Mapping[int, Mapping[str, Any]]) -> None:
        """Fit and score the settings that are no networks, with scikit-learn's own code."""

        def receive(place: int, out: Out) -> None:
            self._keep([(place, out)])

        fit_and_score_foreign(fits, settings, receive, self._stopping)

    def complete(self) -> list[Out]:
        """What became of every fit; NaN for the scores of those that were cut short."""
        done = [out for out in self._outs if out is not None]
        if not done:
            raise NothingFinished
        pattern: Any = next((out["test_scores"] for out in done if out["fit_error"] is None), np.nan)
        missing = dict.fromkeys(pattern, np.nan) if isinstance(pattern, dict) else np.nan
        return [self._out(None, missing, 0) if out is None else out for out in self._outs]

    def _stopping(self) -> bool:
        asked = self._stop is not None and self._stop()
        self._stopped = self._stopped or asked or self._failure is not None
        return self.ended

    def _receive(self, fits: Sequence[Fit]) -> None:
        """Score fits; what goes wrong ends the run, once the threads that fit are back."""
        if self._failure is not None:
            return
        try:
            by_fold: dict[int, list[Fit]] = {}
            for fit in fits:
                by_fold.setdefault(fit.fold.place, []).append(fit)
            for alike in by_fold.values():
                self._keep(self._scored(alike))
        except Exception as error:
            self._failure = error

    def _scored(self, fits: Sequence[Fit]) -> list[tuple[int, Out]]:
        """Dictionaries of fits on one fold."""
        failed = [fit for fit in fits if fit.error is not None]
        if failed and self._error_score == "raise":
            assert failed[0].error is not None
            raise failed[0].error
        outs = [(fit.place, self._failed(fit)) for fit in failed]
        good = [fit for fit in fits if fit.error is None]
        clock = time.perf_counter()
        scores = [self._scorer.scores(good, part) for part in self._parts] if good else []
        seconds = (time.perf_counter() - clock) / max(len(good), 1)
        for place, fit in enumerate(good):
            assert fit.network is not None
            out = self._out(fit, scores[0][place], len(fit.fold.test))
            if len(scores) > 1:
                out["train_scores"] = scores[1][place]
            out["score_time"] = seconds
            if self._return_estimator:
                out["estimator"] = fit.model()
                forget_answers(fit.network)
            if not self.n_parameters[fit.candidate.place]:
                self.n_parameters[fit.candidate.place] = count_parameters(
                    fit.network.network_, fit.network.input_shape_
                )
            outs.append((fit.place, out))
        return outs

    def _failed(self, fit: Fit) -> Out:
        assert fit.error is not None
        if isinstance(fit.error, (SpecificationError, ArgumentTypeError)):
            self.refused[fit.candidate.place] += 1
        scorer = self._scorer.scorer
        score: Any = self._error_score
        if isinstance(scorer, _MultimetricScorer):
            score = dict.fromkeys(scorer._scorers, score)
        out = self._out(fit, score, len(fit.fold.test))
        out["fit_error"] = reason(fit.error)
        if self._return_estimator:
            out["estimator"] = fit.candidate.pipeline or fit.candidate.network
        return out

    def _out(self, fit: Fit | None, scores: Any, n: int) -> Out:
        copies = [dict(scores) if isinstance(scores, dict) else scores for _ in self._parts]
        out = {f"{part}_scores": copy for part, copy in zip(self._parts, copies, strict=True)}
        seconds = 0.0 if fit is None else fit.seconds
        return out | {"fit_error": None, "n_test_samples": n, "fit_time": seconds, "score_time": 0.0}

    def _keep(self, outs: Sequence[tuple[int, Out]]) -> None:
        for place, out in outs:
            self._outs[place] = out
        if self._on_done is not None:
            self._on_done(outs)
