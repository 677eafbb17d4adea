"""Is the network worth it? Its paired difference to the best simple model, with an interval, in plain words.

*Worth it* if the whole interval of (network's error - simple model's error) lies below zero, *not worth it* if the
whole of it lies above, otherwise *cannot tell*. The simple model is recommended unless the network is worth it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lamina.evaluation.intervals import LEVEL, Estimate
from lamina.evaluation.wording import as_interval, as_number

Answer = Literal["worth it", "not worth it", "cannot tell"]


@dataclass(frozen=True)
class Verdict:
    """The answer, the model to use, and the numbers behind it.

    ``difference`` is the network's mean error minus the simple model's (``reference``), so below zero the network is
    better; ``interval`` holds it at the given level.
    """

    answer: Answer
    recommended: str | None
    network: str | None
    reference: str | None
    difference: float | None
    interval: tuple[float, float] | None
    level: float
    reason: str

    def __str__(self) -> str:
        return self.reason


@dataclass(frozen=True)
class Side:
    """A model in the verdict: its name and mean error."""

    name: str
    error: float


def answer(interval: tuple[float, float] | None) -> Answer:
    """Where the interval of the difference lies.

    >>> answer((-3.0, -1.0)), answer((1.0, 3.0)), answer((-1.0, 3.0)), answer(None)
    ('worth it', 'not worth it', 'cannot tell', 'cannot tell')
    """
    if interval is None or interval[0] <= 0 <= interval[1]:
        return "cannot tell"
    return "worth it" if interval[1] < 0 else "not worth it"


def judge(network: Side, simple: Side, difference: Estimate, metric: str, percent: bool = False) -> Verdict:
    """The verdict on a network and the best simple model.

    >>> estimate = Estimate(-40.0, 10.0, 29, "corrected resampled t over 30 splits")
    >>> verdict = judge(Side("mlp", 212.0), Side("lasso", 252.0), estimate, "mean absolute error")
    >>> verdict.answer, verdict.recommended
    ('worth it', 'mlp')
    """
    interval = difference.interval()
    given = answer(interval)
    chosen = network.name if given == "worth it" else simple.name
    reason = _sentence(given, network, simple, difference, metric, percent)
    return Verdict(given, chosen, network.name, simple.name, difference.mean, interval, LEVEL, reason)


def no_contest(
    network: Side | None, simple: Side | None, networks_tried: bool = True, simple_tried: bool = True
) -> Verdict:
    """The verdict where one side is missing: it cannot tell, and says why: none was tried, or none has a result.

    >>> print(no_contest(None, Side("lasso", 3.0)))
    Cannot tell: no network has a result. Of the simple models lasso has the lowest error.
    >>> print(no_contest(None, Side("lasso", 3.0), networks_tried=False))
    No verdict: no network was compared (add mlp). Of the simple models lasso has the lowest error.
    """
    best = network or simple
    if network is None:
        missing = "neither a network nor a simple model has" if simple is None else "no network has"
        rest = "" if simple is None else f" Of the simple models {simple.name} has the lowest error."
    else:
        missing = "no simple model has"
        rest = f" Of the networks {network.name} has the lowest error."
    reason = f"Cannot tell: {missing} a result."
    if not networks_tried:
        reason = "No verdict: no network was compared (add mlp)."
    elif not simple_tried:
        reason = "No verdict: no simple model was compared (add boosting)."
    return Verdict(
        "cannot tell",
        best.name if best else None,
        network.name if network else None,
        simple.name if simple else None,
        None,
        None,
        LEVEL,
        f"{reason}{rest}",
    )


_ENDINGS: dict[Answer, str] = {
    "worth it": "The whole interval is on the network's side: use {network}.",
    "not worth it": "The whole interval is on the simple model's side: use {simple}.",
    "cannot tell": "The interval includes zero, so these data do not decide between them: stay with {simple}.",
}


def _sentence(
    given: Answer, network: Side, simple: Side, difference: Estimate, metric: str, percent: bool
) -> str:
    scale = max(network.error, simple.error)
    errors = [as_number(side.error, scale, percent) for side in (network, simple)]
    gap = as_number(difference.mean, scale, percent, signed=True)
    if percent:
        gap = gap.removesuffix(" %") + " percentage points"
    interval = difference.interval()
    start = (
        f"{given.capitalize()}: the network ({network.name}) has a {metric} of {errors[0]}, the best simple "
        f"model ({simple.name}) {errors[1]}. "
    )
    if interval is None:
        return (
            f"{start}The difference is {gap}, but so few test rows give no interval: stay with {simple.name}."
        )
    bounds = as_interval(interval, scale, percent)
    ending = _ENDINGS[given].format(network=network.name, simple=simple.name)
    return f"{start}The difference is {gap}, {LEVEL:.0%} interval {bounds} ({difference.method}). {ending}"
