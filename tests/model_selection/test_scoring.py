"""Scores of all members at once are scikit-learn's, score by score."""

from __future__ import annotations

import copy
import functools
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import check_scoring, get_scorer, make_scorer, mean_squared_error
from small_searches import CLASSIFIER, LABELS, REGRESSOR, X, Y

from lamina.estimators.many import Source
from lamina.model_selection.candidates import Candidate
from lamina.model_selection.fitting import Fit
from lamina.model_selection.folds import Fold, Part, Rows
from lamina.model_selection.scoring import MemberScorer

N = len(X)
WEIGHTS = np.random.default_rng(2).uniform(0.1, 3, N)
REGRESSION = ["r2", "neg_mean_squared_error", "neg_root_mean_squared_error", "neg_mean_absolute_error", None]
CLASSIFICATION = ["accuracy", "balanced_accuracy", "neg_log_loss", None]


@functools.cache
def fit_once(kind: type, y: bytes, dtype: str, shape: tuple[int, ...]) -> Any:
    model = REGRESSOR if kind is type(REGRESSOR) else CLASSIFIER
    return clone(model).fit(X, np.frombuffer(y, dtype).reshape(shape))


def fits(model: Any, y: Any, params: dict[str, Any] | None = None, members: int = 4) -> list[Fit]:
    """Members whose predictions are drawn at random, on the rows X."""
    fitted = fit_once(type(model), y.tobytes(), y.dtype.str, y.shape)
    rng = np.random.default_rng(1)
    part = Part(X, y, params or {}, query=X)
    fold = Fold(0, part, part, {})
    rows = Rows(fold, Source(X, y), part, part)
    made = []
    for place in range(members):
        network = copy.copy(fitted)
        outputs = fitted.network_.output_shape((X.shape[1],))[-1]
        network._answers = [(X, rng.normal(0, 2, (N, outputs)).astype(np.float32))]
        made.append(Fit(place, Candidate(place, {}, network), fold, network, rows))
    return made


@pytest.fixture
def only_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError("went member by member")

    monkeypatch.setattr(MemberScorer, "_alone", refuse)


CASES = [
    *[(REGRESSOR, Y, name) for name in REGRESSION],
    *[(REGRESSOR, np.column_stack([Y, Y**2]), name) for name in REGRESSION],
    *[(CLASSIFIER, LABELS, name) for name in CLASSIFICATION],
    *[(CLASSIFIER, Y > 0.5, name) for name in CLASSIFICATION],
]


@pytest.mark.usefixtures("only_at_once")
@pytest.mark.parametrize("params", [{}, {"sample_weight": WEIGHTS}], ids=["plain", "weighted"])
@pytest.mark.parametrize(("model", "y", "name"), CASES)
def test_scores_are_those_of_the_scorer(model: Any, y: Any, name: str | None, params: dict[str, Any]) -> None:
    scorer = check_scoring(model, name)
    members = fits(model, y, params)
    found = MemberScorer(scorer, "raise").scores(members, "test")
    wanted = [scorer(fit.network, X, y, **params) for fit in members]
    np.testing.assert_allclose(found, wanted, rtol=2e-6)


@pytest.mark.usefixtures("only_at_once")
def test_an_outcome_that_does_not_vary_has_no_r2_but_what_scikit_learn_says() -> None:
    members = fits(REGRESSOR, Y)
    for fit in members:
        assert fit.rows is not None
        fit.rows.test.y = np.full(N, 2.0)
    assert MemberScorer(get_scorer("r2"), "raise").scores(members, "test") == [0.0] * len(members)


def test_a_score_that_is_not_known_is_asked_member_by_member() -> None:
    members = fits(REGRESSOR, Y)
    for scorer in (get_scorer("explained_variance"), make_scorer(mean_squared_error), lambda m, x, y: 7):
        found = MemberScorer(scorer, "raise").scores(members, "test")
        assert found == [scorer(fit.network, X, Y) for fit in members]


def test_only_scorers_that_ask_for_predictions_are_answered() -> None:
    assert MemberScorer(get_scorer("r2"), "raise").answered
    assert not MemberScorer(lambda model, x, y: 0.0, "raise").answered


def test_a_class_that_the_members_do_not_know_counts_as_wrong() -> None:
    members = fits(CLASSIFIER, LABELS)
    for fit in members:
        assert fit.rows is not None
        fit.rows.test.y = np.where(LABELS == "mid", "other", LABELS)
    scorer = get_scorer("accuracy")
    found = MemberScorer(scorer, "raise").scores(members, "test")
    assert found == [scorer(fit.network, X, np.where(LABELS == "mid", "other", LABELS)) for fit in members]


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true:UserWarning")
def test_a_class_of_weight_zero_is_balanced_as_scikit_learn_does() -> None:
    params = {"sample_weight": np.where(LABELS == "mid", 0.0, WEIGHTS)}
    members, scorer = fits(CLASSIFIER, LABELS, params), get_scorer("balanced_accuracy")
    found = MemberScorer(scorer, "raise").scores(members, "test")
    assert found == [scorer(fit.network, X, LABELS, **params) for fit in members]


def test_infinite_predictions_get_the_error_score() -> None:
    members = fits(REGRESSOR, Y, members=2)
    assert members[0].network is not None
    members[0].network._answers[0][1][3] = np.inf
    with pytest.warns(UserWarning, match="Scoring failed.*set to -5"):
        found = MemberScorer(get_scorer("r2"), -5.0).scores(members, "test")
    assert found[0] == -5.0
    assert found[1] == get_scorer("r2")(members[1].network, X, Y)
