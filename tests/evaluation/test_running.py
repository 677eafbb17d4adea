"""Every model meets the same rows; what one model does never harms another."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from misbehaving_models import Constant, Failing, Interrupted, Interrupting, Recording, Warner, raw
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.model_selection import KFold

from lamina.errors import DataError
from lamina.evaluation import compare

N = 24
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame({"row": np.arange(N), "x": RNG.normal(size=N)})
Y = pd.Series(2 * TABLE["x"] + RNG.normal(size=N), name="price")
LABELS = np.where(Y > 0, "up", "down")


def run(models: dict[str, Any], y: Any = Y, cv: Any = 4, include: Any = (), **more: Any) -> Any:
    return compare(TABLE, y, models=models, include=include, cv=cv, **more)


def test_all_models_meet_the_same_rows_and_test_rows_are_never_fitted() -> None:
    logs: dict[str, list[Any]] = {"one": [], "two": []}
    run({name: raw(Recording(log=log)) for name, log in logs.items()})
    assert logs["one"] == logs["two"]
    assert len(logs["one"]) == 2 * 4 * (1 + 5)  # the splits, and five inner folds in each
    outer = [entry for split in range(4) for entry in logs["one"][12 * split : 12 * split + 2]]
    fits, predictions = outer[::2], outer[1::2]
    for (_, train, y), (_, test) in zip(fits, predictions, strict=True):
        assert sorted(train + test) == list(range(N))
        assert y == Y[train].tolist()
    assert sorted(row for _, test in predictions for row in test) == list(range(N))


def test_errors_are_those_of_a_loop_by_hand() -> None:
    splitter = KFold(4, shuffle=True, random_state=3)
    result = run({"ridge of mine": raw(Ridge())}, cv=splitter)
    expected = [
        np.abs(Ridge().fit(TABLE.iloc[train], Y[train]).predict(TABLE.iloc[test]) - Y[test]).mean()
        for train, test in splitter.split(TABLE)
    ]
    np.testing.assert_allclose(result.scores.loc["ridge of mine"], expected)
    assert result.table.loc["ridge of mine", "error_mean"] == pytest.approx(np.mean(expected))


def test_a_column_that_knows_the_test_rows_is_of_no_use() -> None:
    """Codes that stand for y tell nothing when their group is not trained on, unless all rows were encoded."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=120)
    codes = [f"code {rank:03d}" for rank in np.argsort(np.argsort(noise)) // 2]  # two rows a code, alike in y
    groups = np.argsort(np.argsort(noise)) // 2
    X = pd.DataFrame({"code": codes, "x": rng.normal(size=120)})
    result = compare(X, noise, include=["mean", "linear", "ridge", "lasso"], cv=5, groups=groups)
    assert (result.table["r2"] < 0.05).all()


def test_a_failing_model_is_set_down_with_its_reason_and_loses_no_other() -> None:
    result = run({"bad": Failing(value=float(Y.max())), "good": Constant(1.0)}, include=["mean"])
    assert list(result.table.index) == ["mean", "bad", "good"]
    # The largest outcome is in the training rows of all splits but the one that tests it.
    assert result.failures == {"bad": "failed in 3 of 4 splits: RuntimeError: no luck today"}
    assert result.table.loc["bad"].drop("parameters").isna().all()
    assert result.scores.loc["bad"].isna().sum() == 3
    assert "bad" not in result.estimates
    assert result.table.loc["good", "error_mean"] == pytest.approx(np.abs(Y - 1).mean())
    assert "bad failed in 3 of 4 splits: RuntimeError: no luck today" in str(result)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (Constant(np.nan), "predictions are not finite"),
        (Constant(np.inf), "predictions are not finite"),
    ],
)
def test_predictions_that_are_no_numbers_are_a_failure(model: Any, reason: str) -> None:
    assert reason in run({"odd": model}, include=["mean"]).failures["odd"]


def test_predictions_of_another_length_are_a_failure() -> None:
    class Short(Constant):
        def predict(self, X: Any) -> np.ndarray:
            return np.zeros(1)

    assert (
        "predictions of shape (1,) for 6 rows" in run({"short": Short()}, include=["mean"]).failures["short"]
    )


class Stubborn(ClassifierMixin, BaseEstimator):
    """Predict a class that y does not have."""

    def fit(self, X: Any, y: Any) -> Stubborn:
        self.classes_ = np.unique(y)
        return self

    def predict(self, X: Any) -> np.ndarray:
        return np.full(len(X), "sideways")


def test_a_class_that_y_does_not_have_is_a_failure() -> None:
    failures = run({"odd": Stubborn(), "fine": LogisticRegression()}, LABELS).failures
    assert list(failures) == ["odd"]
    assert "predicted the class 'sideways', which y does not have" in failures["odd"]


def test_a_model_without_probabilities_fails_only_where_they_are_needed() -> None:
    models = {"ridge": RidgeClassifier(), "logit": LogisticRegression()}
    assert run(models, LABELS).failures == {}
    failures = run(models, LABELS, metric="log_loss").failures
    assert list(failures) == ["ridge"]
    assert "metric='log_loss' needs class probabilities" in failures["ridge"]


def test_a_class_missing_in_training_has_probability_zero() -> None:
    labels = np.array(["a", "b"] * 11 + ["c", "c"])
    split = [(list(range(22)), [22, 23]), (list(range(2, 24)), [0, 1])]
    result = run({"logit": LogisticRegression()}, labels, cv=split, metric="log_loss")
    assert result.scores.loc["logit", 1] == pytest.approx(-np.log(np.finfo(float).eps))
    assert result.scores.loc["logit", 2] < 3


def test_warnings_are_said_once_with_the_models_that_gave_them() -> None:
    result = run({"loud": Warner(), "louder": Warner(), "calm": Constant()})
    assert len(result.warnings) == 1
    assert result.warnings[0].startswith("the gap is ")
    assert result.warnings[0].endswith("(loud, louder)")
    assert str(result).count("Warning: the gap is") == 1


def test_a_warning_of_every_fit_of_all_models_names_none() -> None:
    assert "(" not in run({"loud": Warner(), "louder": Warner()}).warnings[0]


@pytest.mark.parametrize("stop", [Interrupting(), Interrupted()], ids=["raised", "kept by a network"])
def test_ctrl_c_returns_what_is_finished(stop: Any) -> None:
    result = run({"stop": stop, "later": Constant()}, include=["mean", "linear"])
    assert list(result.table.index) == ["mean", "linear"]
    assert result.unfinished == ("stop", "later")
    assert "Interrupted: stop, later not finished." in str(result)


def test_ctrl_c_before_anything_is_finished_is_passed_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        run({"stop": Interrupting()})


def test_a_table_that_no_model_can_use_is_refused_with_the_reason_said_once() -> None:
    identifiers = pd.DataFrame({"name": [f"flat number {i} of the house" for i in range(N)]})
    with pytest.raises(
        DataError,
        match=r"no model could be fitted. mean, linear failed in all 2 splits: DataError: no column can",
    ) as told:
        compare(identifiers, Y, include=["mean", "linear"], cv=2)
    assert str(told.value).count("no column can be used") == 1


def test_progress_is_told_after_every_fit() -> None:
    told: list[tuple[str, int, int]] = []
    run({"mine": Constant()}, include=["mean"], cv=2, progress=lambda *now: told.append(now))
    assert told == [("mean", 1, 2), ("mean", 2, 2), ("mine", 1, 2), ("mine", 2, 2)]


def test_seconds_are_those_of_one_fit() -> None:
    class Slow(Constant):
        def fit(self, X: Any, y: Any) -> Slow:
            time.sleep(0.05)
            super().fit(X, y)
            return self

    assert 0.05 <= run({"slow": Slow()}, cv=2).table.loc["slow", "seconds"] < 0.09


def test_the_bar_is_quiet_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    run({"mine": Constant()}, cv=2, verbose=True)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
