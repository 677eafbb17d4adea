"""The three answers, what is recommended, and the sentence."""

from __future__ import annotations

import math

import pytest

from lamina.evaluation.intervals import Estimate
from lamina.evaluation.verdict import Side, judge, no_contest
from lamina.evaluation.wording import as_interval, as_number, decimals

NETWORK, SIMPLE = Side("mlp", 250.0), Side("lasso", 252.0)
WIDE = 2.045 * 10  # about half of the interval of an estimate with se 10 and 29 degrees of freedom


@pytest.mark.parametrize(
    ("difference", "answer", "recommended"),
    [
        (-WIDE - 1, "worth it", "mlp"),
        (-WIDE + 1, "cannot tell", "lasso"),
        (0.0, "cannot tell", "lasso"),
        (WIDE - 1, "cannot tell", "lasso"),
        (WIDE + 1, "not worth it", "lasso"),
    ],
)
def test_the_answer_follows_the_side_of_the_interval(
    difference: float, answer: str, recommended: str
) -> None:
    verdict = judge(NETWORK, SIMPLE, Estimate(difference, 10.0, 29, "method"), "error")
    assert (verdict.answer, verdict.recommended) == (answer, recommended)
    assert (verdict.network, verdict.reference, verdict.difference) == ("mlp", "lasso", difference)
    assert verdict.interval == pytest.approx((difference - WIDE, difference + WIDE), abs=0.01)
    assert verdict.level == 0.95


@pytest.mark.parametrize(
    ("difference", "answer"), [(-1.0, "worth it"), (0.0, "cannot tell"), (1.0, "not worth it")]
)
def test_a_difference_without_spread_decides_unless_it_is_nothing(difference: float, answer: str) -> None:
    assert judge(NETWORK, SIMPLE, Estimate(difference, 0.0, 9, ""), "error").answer == answer


@pytest.mark.parametrize("estimate", [Estimate(-9.0, math.nan, 0, ""), Estimate(-9.0, math.nan, 9, "")])
def test_without_an_interval_it_cannot_tell(estimate: Estimate) -> None:
    verdict = judge(NETWORK, SIMPLE, estimate, "error")
    assert (verdict.answer, verdict.recommended, verdict.interval) == ("cannot tell", "lasso", None)
    assert "no interval" in verdict.reason


def test_the_sentence_has_the_numbers() -> None:
    verdict = judge(
        Side("mlp", 212.04), Side("lasso", 252.3), Estimate(-40.26, 10.0, 29, "the method"), "mean error"
    )
    assert str(verdict) == (
        "Worth it: the network (mlp) has a mean error of 212.0, the reference among the simple models (lasso) 252.3. "
        "The difference is -40.3, 95% interval -60.7 to -19.8 (the method). The whole interval is on the network's side: use mlp."
    )


def test_shares_are_told_as_percentages() -> None:
    verdict = judge(
        Side("mlp", 0.043), Side("lda", 0.05), Estimate(-0.007, 0.001, 29, "m"), "error", percent=True
    )
    assert "4.3 %" in verdict.reason
    assert "-0.7 percentage points, 95% interval -0.9 to -0.5 (m)" in verdict.reason


def test_one_side_alone_is_no_contest() -> None:
    for verdict, recommended, missing in [
        (no_contest(NETWORK, None), "mlp", "no simple model"),
        (no_contest(None, SIMPLE), "lasso", "no network"),
        (no_contest(None, None), None, "neither a network nor a simple model"),
    ]:
        assert (verdict.answer, verdict.recommended) == ("cannot tell", recommended)
        assert (verdict.difference, verdict.interval) == (None, None)
        assert missing in verdict.reason


def test_a_side_that_nobody_compared_is_told_to_be_added() -> None:
    for verdict, said in [
        (no_contest(None, SIMPLE, networks_tried=False), "No verdict: no network was compared (add mlp)."),
        (no_contest(NETWORK, None, simple_tried=False), "No verdict: no simple model was compared"),
    ]:
        assert verdict.answer == "cannot tell"
        assert verdict.reason.startswith(said)


@pytest.mark.parametrize(
    ("value", "scale", "text"),
    [
        (1234567.0, 2e6, "1,234,567"),
        (0.0, 0.0, "0.000"),
        (3e-12, 4e-12, "3e-12"),
        (math.nan, 1.0, "-"),
        (None, 1.0, "-"),
        (9.9996, 10.0, "10.00"),
    ],
)
def test_numbers_for_people(value: float | None, scale: float, text: str) -> None:
    assert as_number(value, scale) == text


def test_an_interval_has_signs_and_one_unit() -> None:
    assert as_interval((-0.01, 0.02), 1.0, percent=True) == "-1.0 to +2.0"
    assert decimals(math.inf) == 3
