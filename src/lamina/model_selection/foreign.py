"""What cannot be a member of a population: scikit-learn's own code, one fit after the other or by joblib."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.base import clone
from sklearn.model_selection._validation import _fit_and_score
from sklearn.utils.parallel import Parallel, delayed

Out = dict[str, Any]


@dataclass(eq=False)
class ForeignFits:
    """Arguments that all fits of :func:`fit_and_score_foreign` share."""

    estimator: Any
    X: Any
    y: Any
    splits: Sequence[tuple[Any, Any]]
    keywords: dict[str, Any] = field(default_factory=dict)
    n_jobs: int | None = None
    pre_dispatch: int | str = "2*n_jobs"

    def jobs(self, settings: Mapping[int, Mapping[str, Any]]) -> Iterator[Any]:
        """A call of scikit-learn's ``_fit_and_score`` for each setting and split."""
        for number, params in enumerate(settings.values()):
            for split, (train, test) in enumerate(self.splits):
                yield delayed(_fit_and_score)(
                    clone(self.estimator),
                    self.X,
                    self.y,
                    train=train,
                    test=test,
                    parameters=params,
                    split_progress=(split, len(self.splits)),
                    candidate_progress=(number, len(settings)),
                    return_n_test_samples=True,
                    return_times=True,
                    **self.keywords,
                )


def fit_and_score_foreign(
    fits: ForeignFits,
    settings: Mapping[int, Mapping[str, Any]],
    receive: Callable[[int, Out], None],
    stop: Callable[[], bool],
) -> None:
    """Fit and score settings, by their places among all, with scikit-learn's own code, until ``stop`` says to end."""
    places = [place * len(fits.splits) + split for place in settings for split in range(len(fits.splits))]
    parallel = Parallel(n_jobs=fits.n_jobs, pre_dispatch=fits.pre_dispatch, return_as="generator")
    outs = parallel(fits.jobs(settings))
    for place, out in zip(places, outs, strict=True):
        receive(place, out)
        if stop():
            outs.close()
            break
