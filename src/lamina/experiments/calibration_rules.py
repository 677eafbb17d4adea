"""What rules say of simulated draws, whose truth is known: answers, recommendations, regrets, and whether intervals hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.evaluation.estimate import t_quantile
from lamina.evaluation.rule import decide
from lamina.experiments.calibration_engine import Measured
from lamina.experiments.calibration_truths import Array

ANSWERS = ("worth it", "not worth it", "cannot tell")
LEVEL = 0.95
RULE, ARGMIN, ONE_SE, SIMPLE = "the rule", "lowest error", "one standard error", "reference always"
RECOMMENDERS = (RULE, ARGMIN, ONE_SE, SIMPLE)


@dataclass(frozen=True, eq=False)
class Judged:
    """The rule's answers on D draws of a cell, and what is true there.

    Attributes
    ----------
    answers
        Places in ``ANSWERS``, shape (D,).
    estimated, low, high
        The difference (network minus reference) that the rule saw, and its interval, shape (D,).
    naive_half
        Half the width of the interval that takes the splits for independent.
    true
        Expected error of the draw's own fits, network minus reference, shape (D,).
    gap_to_best
        Expected difference between the network and the best single simple model of the cell, shape (D,).
    recommended
        The contender that each of ``RECOMMENDERS`` recommends, shape (4, D).
    regret
        Its expected error as a share above that of the cell's best contender, shape (4, D).
    reference_error
        Expected error of the reference procedure, shape (D,).
    """

    answers: NDArray[np.int64]
    estimated: Array
    low: Array
    high: Array
    naive_half: Array
    true: Array
    gap_to_best: Array
    recommended: NDArray[np.int64]
    regret: Array
    reference_error: Array

    @property
    def difference(self) -> float:
        """Expected difference over training sets of this size; below zero the network is truly better."""
        return float(self.true.mean())

    @property
    def null(self) -> bool:
        """Whether *worth it* would be false."""
        return self.difference >= 0

    @property
    def null_by_best(self) -> bool:
        """Whether it would be false against the simple model that is best in the cell, which nobody knows."""
        return float(self.gap_to_best.mean()) >= 0

    def rate(self, answer: str) -> float:
        """Share of draws with an answer."""
        return float(np.mean(self.answers == ANSWERS.index(answer)))

    def count(self, answer: str) -> int:
        """Draws with an answer."""
        return int(np.sum(self.answers == ANSWERS.index(answer)))

    @property
    def gain(self) -> float:
        """By which share of the reference's error the network is truly better."""
        return -self.difference / float(self.reference_error.mean())

    @property
    def standardised(self) -> float:
        """The true gain in standard deviations of its estimate."""
        return -self.difference / float(self.estimated.std(ddof=1))


def judge(measured: Measured, metric: int) -> Judged:
    """Let every rule decide on every draw by one metric."""
    test, fresh, inner = measured.test[metric], measured.fresh[metric], measured.inner[metric]
    splits, folds = np.arange(test.shape[2]), round(1 / measured.test_to_train) + 1
    expected = fresh.mean(axis=2)
    answers, spans, chosen, rule = [], [], [], []
    for draw in range(measured.draws):
        found = decide(test[-1, draw], test[:-1, draw], inner[:, draw], measured.test_to_train)
        answers.append(ANSWERS.index(found.answer))
        spans.append((found.difference.mean, *(found.interval or (-np.inf, np.inf))))
        chosen.append(found.chosen)
        rule.append((len(inner) if found.recommended == "network" else found.reference, found.reference))
    by_reference = np.array([fresh[each, draw, splits] for draw, each in enumerate(chosen)])
    test_reference = np.array([test[each, draw, splits] for draw, each in enumerate(chosen)])
    ours, reference = np.array(rule).T
    recommended = np.stack(
        [ours, test.mean(axis=2).argmin(axis=0), one_standard_error(test, folds), reference]
    )
    best = expected.mean(axis=1).min()
    found_regret = np.take_along_axis(expected, recommended, axis=0) / best - 1
    best_simple = int(expected[:-1].mean(axis=1).argmin())
    spread = (test[-1] - test_reference).std(axis=1, ddof=1) / np.sqrt(len(splits))
    estimated, low, high = np.array(spans).T
    return Judged(
        np.array(answers),
        estimated,
        low,
        high,
        reach(len(splits)) * spread,
        (fresh[-1] - by_reference).mean(axis=1),
        expected[-1] - expected[best_simple],
        recommended,
        found_regret,
        by_reference.mean(axis=1),
    )


def one_standard_error(test: Array, folds: int) -> NDArray[np.int64]:
    """The first contender within one standard error of the best in one cross-validation, shape (D,), from errors (S + 1, D, T).

    Of repeated cross-validation only the first counts: its standard error is what the rule was made for.

    >>> errors = np.array([[[2.0, 2.2]], [[1.0, 4.0]], [[1.5, 2.5]]])
    >>> one_standard_error(errors, 2).tolist()
    [0]
    """
    errors = test[..., :folds]
    means = errors.mean(axis=2)
    best = means.argmin(axis=0)[None]
    spread = errors.std(axis=2, ddof=1) / np.sqrt(folds)
    bound = np.take_along_axis(means, best, 0) + np.take_along_axis(spread, best, 0)
    return np.asarray((means <= bound).argmax(axis=0))


def reach(splits: int) -> float:
    """Student's quantile of a 95 % interval over splits.

    >>> round(reach(10), 3)
    2.262
    """
    return t_quantile(splits - 1, LEVEL)


@dataclass(frozen=True)
class Share:
    """A count of draws out of a number, and its 95 % interval by Wilson.

    >>> share = Share(0, 200)
    >>> share.rate, round(share.interval[1], 4)
    (0.0, 0.0188)
    >>> Share(7, 200).text
    '3.5 % (1.7 to 7.0)'
    """

    count: int
    number: int

    @property
    def rate(self) -> float:
        """Their ratio; not a number where there are no draws."""
        return self.count / self.number if self.number else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson (1927): where a score test of the rate does not reject."""
        z, n, rate = 1.959964, max(self.number, 1), self.rate if self.number else 0.5
        middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
        return max(0.0, float(middle - half)), min(1.0, float(middle + half))

    @property
    def error(self) -> float:
        """Binomial standard error."""
        return float(np.sqrt(self.rate * (1 - self.rate) / max(self.number, 1)))

    @property
    def text(self) -> str:
        """In per cent."""
        low, high = self.interval
        return f"{100 * self.rate:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
