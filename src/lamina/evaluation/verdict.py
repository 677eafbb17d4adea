"""Is the network worth it? The answer of the rule, with the numbers behind it, in plain words.

*Worth it* if the whole interval of (network's error - reference's error) lies below minus the margin, *not worth it* if the
whole of it lies above, otherwise *cannot tell*. The reference is the simple model with the lowest inner error; it is
recommended unless the network is worth it. `lamina.evaluation.rule` holds the rule itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from lamina.evaluation.bayes import Probabilities, posterior_probabilities, region_of_equality
from lamina.evaluation.estimate import LEVEL, Estimate
from lamina.evaluation.margins import Margin
from lamina.evaluation.rule import Answer, answer
from lamina.evaluation.wording import as_amount, as_interval, as_number

__all__ = ["Answer", "Choices", "RowsNeeded", "Side", "Verdict", "by_one_se", "judge", "no_contest"]


class RowsNeeded(Protocol):
    """At how many rows it could be told, as text; the learning curve fills it in."""

    def __str__(self) -> str: ...


@dataclass(frozen=True)
class Side:
    """A model in the verdict: its name and mean error."""

    name: str
    error: float


@dataclass(frozen=True)
class Choices:
    """What inner errors chose: the simple model and the network of each split, and the mean inner errors by name.

    ``reference_error`` is the mean test error of what each split chose as its simple model.
    """

    references: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    inner_errors: Mapping[str, float] = field(default_factory=dict)
    reference_error: float | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer, the model to use, and the numbers behind it.

    Attributes
    ----------
    answer
        "worth it", "not worth it" or "cannot tell".
    recommended
        The reference, unless the network is worth it.
    network, reference
        The two models; the reference is the simple model with the lowest mean inner error.
    difference
        The network's error minus that of the simple model which each split's inner errors chose, so below zero the
        network is better.
    interval
        Holds the difference at the given ``level``.
    reason
        All of it in a sentence or two.
    method
        The test that the interval is of.
    margin
        By how much the network must be better, in the units of the error.
    probabilities
        That the network is better, practically equal, worse (`lamina.evaluation.bayes`).
    choices
        Which simple model, and which network, the inner errors of each split chose.
    rows_needed
        At how many rows it could be told, where the answer is "cannot tell".
    """

    answer: Answer
    recommended: str | None
    network: str | None
    reference: str | None
    difference: float | None
    interval: tuple[float, float] | None
    level: float
    reason: str
    method: str = ""
    margin: float = 0.0
    probabilities: Probabilities | None = None
    choices: Choices = field(default_factory=Choices)
    rows_needed: RowsNeeded | None = None

    def __str__(self) -> str:
        return self.reason

    @property
    def reference_shares(self) -> dict[str, int]:
        """In how many splits each simple model was the reference, the most frequent first.

        >>> judge(Side("mlp", 2.0), Side("lasso", 3.0), Estimate(-1.0, 0.1, 2, ""), "error",
        ...       choices=Choices(("lasso", "ridge", "lasso"))).reference_shares
        {'lasso': 2, 'ridge': 1}
        """
        return dict(Counter(self.choices.references).most_common())

    @property
    def network_shares(self) -> dict[str, int]:
        """In how many splits each network stood for the networks, the most frequent first."""
        return dict(Counter(self.choices.networks).most_common())


def judge(
    network: Side,
    simple: Side,
    difference: Estimate,
    metric: str,
    percent: bool = False,
    margin: Margin | None = None,
    choices: Choices | None = None,
) -> Verdict:
    """The verdict on a network and the simple model that the inner errors chose.

    >>> estimate = Estimate(-40.0, 10.0, 29, "corrected resampled t over 30 splits")
    >>> verdict = judge(Side("mlp", 212.0), Side("lasso", 252.0), estimate, "mean absolute error")
    >>> verdict.answer, verdict.recommended
    ('worth it', 'mlp')
    """
    choices, margin = choices or Choices(), margin or Margin()
    amount = margin.at(simple.error)
    interval = difference.interval()
    given = answer(interval, amount)
    contest = _Contest(network, simple, difference, metric, percent, margin, choices)
    return Verdict(
        answer=given,
        recommended=network.name if given == "worth it" else simple.name,
        network=network.name,
        reference=simple.name,
        difference=difference.mean,
        interval=interval,
        level=LEVEL,
        reason=contest.sentence(given),
        method=difference.method,
        margin=amount,
        probabilities=posterior_probabilities(difference, region_of_equality(amount, simple.error)),
        choices=choices,
    )


def by_one_se(verdict: Verdict, simplest: str) -> Verdict:
    """The verdict of the one-standard-error rule, ``simplest`` being its choice; the numbers stay as they are.

    >>> estimate = Estimate(-4.0, 10.0, 29, "corrected resampled t over 30 splits")
    >>> usual = judge(Side("mlp", 212.0), Side("lasso", 216.0), estimate, "error")
    >>> print(by_one_se(usual, "lasso").reason.split(", the simplest")[0])
    By the one-standard-error rule, which asks no interval: use lasso
    """
    given: Answer = "worth it" if simplest == verdict.network else "not worth it"
    numbers = verdict.reason.split(": ", 1)[1].rsplit(verdict.method, 1)[0]
    start = f"By the one-standard-error rule, which asks no interval: use {simplest}, the simplest model within one"
    reason = (
        f"{start} standard error of the lowest error. {numbers[0].upper()}{numbers[1:]}{verdict.method})."
    )
    return replace(
        verdict, answer=given, recommended=simplest, reason=reason, method="one-standard-error rule"
    )


def no_contest(
    network: Side | None, simple: Side | None, networks_tried: bool = True, simple_tried: bool = True
) -> Verdict:
    """The verdict where one side is missing: it cannot tell, and says why: none was tried, or none has a result.

    >>> print(no_contest(None, Side("lasso", 3.0)))
    Cannot tell: no network has a result; the table says why. Of the simple models lasso has the lowest inner error.
    >>> print(no_contest(None, Side("lasso", 3.0), networks_tried=False))
    No verdict: no network was compared (add mlp). Of the simple models lasso has the lowest inner error.
    """
    best = network or simple
    if network is None:
        missing = "neither a network nor a simple model has" if simple is None else "no network has"
        rest = "" if simple is None else f" Of the simple models {simple.name} has the lowest inner error."
    else:
        missing = "no simple model has"
        rest = f" Of the networks {network.name} has the lowest error."
    reason = f"Cannot tell: {missing} a result; the table says why."
    if not networks_tried:
        reason = "No verdict: no network was compared (add mlp)."
    elif not simple_tried:
        reason = "No verdict: no simple model was compared (add boosting)."
    return Verdict(
        answer="cannot tell",
        recommended=best.name if best else None,
        network=network.name if network else None,
        reference=simple.name if simple else None,
        difference=None,
        interval=None,
        level=LEVEL,
        reason=f"{reason}{rest}",
    )


_ENDINGS: dict[Answer, str] = {
    "worth it": "The whole interval is on the network's side{beyond}: use {network}.",
    "not worth it": "The whole interval is on the simple model's side{beyond}: use {simple}.",
    "cannot tell": "The interval includes {edge}, so these data do not decide between them: stay with {simple}.",
}


@dataclass(frozen=True)
class _Contest:
    """Two models and their difference, to be put into words."""

    network: Side
    simple: Side
    difference: Estimate
    metric: str
    percent: bool
    margin: Margin
    choices: Choices

    def sentence(self, given: Answer) -> str:
        scale = max(self.network.error, self.simple.error)
        errors = [as_number(side.error, scale, self.percent) for side in (self.network, self.simple)]
        gap = as_amount(self.difference.mean, scale, self.percent, signed=True)
        interval = self.difference.interval()
        start = (
            f"{given.capitalize()}: the network ({self.network.name}) has a {self.metric} of {errors[0]}, the "
            f"reference among the simple models ({self.simple.name}) {errors[1]}. {self.changes}"
        )
        if interval is None:
            return (
                f"{start}The difference is {gap}, but so few test rows give no interval: "
                f"stay with {self.simple.name}."
            )
        bounds = as_interval(interval, scale, self.percent)
        end = _ENDINGS[given].format(
            network=self.network.name, simple=self.simple.name, **self._margin_words(scale)
        )
        return (
            f"{start}The difference is {gap}, {LEVEL:.0%} interval {bounds} ({self.difference.method}). {end}"
        )

    @property
    def changes(self) -> str:
        """Said where splits chose differently, since the difference is to each split's own choice."""
        words = [
            f"{kind} was {counted(names)}; "
            for kind, names in (("reference", self.choices.references), ("network", self.choices.networks))
            if len(set(names)) > 1
        ]
        if not words:
            return ""
        own, scale = self.choices.reference_error, max(self.network.error, self.simple.error)
        several = own is not None and len(set(self.choices.references)) > 1
        mean = f", {as_number(own, scale, self.percent)} on average" if several else ""
        return f"By inner error the {''.join(words)}each split counts its own{mean}. "

    def _margin_words(self, scale: float) -> dict[str, str]:
        amount = self.margin.at(self.simple.error)
        if amount == 0:
            return {"beyond": "", "edge": "zero"}
        size = as_amount(amount, scale, self.percent)
        origin = f", {self.margin.amount:.3g} of the reference's error" if self.margin.kind == "share" else ""
        return {
            "beyond": f" of the margin ({size}{origin})",
            "edge": f"minus the margin ({size}{origin})",
        }


def counted(names: tuple[str, ...]) -> str:
    """How often each was chosen, the most frequent first.

    >>> counted(("lasso", "ridge", "lasso"))
    'lasso in 2 of 3 splits, ridge in 1'
    """
    (first, times), *others = Counter(names).most_common()
    return ", ".join(
        [f"{first} in {times} of {len(names)} splits", *(f"{name} in {n}" for name, n in others)]
    )
