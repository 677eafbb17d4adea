"""The comparison as a whole: its table, verdict, text, JSON and picture, on data where the answer is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from misbehaving_models import Constant, Failing
from sklearn.datasets import load_wine
from sklearn.linear_model import LinearRegression
from sklearn.neural_network import MLPRegressor

from lamina import Comparison, NeuralClassifier, NeuralRegressor, compare
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.layers import Dense
from lamina.training.optimizers import Adam

RNG = np.random.default_rng(3)
N = 90
TABLE = pd.DataFrame(
    {
        "size": RNG.normal(size=N),
        "age": np.where(RNG.random(N) < 0.1, np.nan, RNG.uniform(0, 9, size=N)),
        "town": RNG.choice(["Ulm", "Bonn", "Kiel"], size=N),
    }
)
PRICE = pd.Series(3 * TABLE["size"] + (TABLE["town"] == "Ulm") + RNG.normal(size=N), name="price")
LABEL = pd.Series(np.where(PRICE > 0, "dear", "cheap"), name="class")
SMALL_NET = NeuralRegressor([Dense(4)], epochs=3, random_state=0)


@pytest.fixture(scope="module")
def regression() -> Comparison:
    return compare(
        TABLE, PRICE, models={"net": SMALL_NET}, include=["mean", "linear", "lasso"], dataset="flats", cv=5
    )


@pytest.fixture(scope="module")
def classification() -> Comparison:
    net = NeuralClassifier([Dense(4)], epochs=3, random_state=0)
    return compare(TABLE, LABEL, models={"net": net}, include=["majority", "logistic", "lda"], cv=5)


def test_the_table_has_the_promised_columns(regression: Comparison, classification: Comparison) -> None:
    for result, score in ((regression, "r2"), (classification, "accuracy")):
        columns = ["parameters", "inner_error", "error_mean", "error_se", score, "seconds"]
        assert list(result.table.columns) == columns
    assert list(regression.table.index) == ["mean", "linear", "lasso", "net"]
    assert regression.table.index.name == "model"
    assert regression.scores.shape == (4, 5)


def test_means_and_standard_errors_are_those_of_the_scores(regression: Comparison) -> None:
    scores = regression.scores.to_numpy()
    np.testing.assert_allclose(regression.table["error_mean"], scores.mean(axis=1))
    factor = 1 / 5 + 18 / 72
    np.testing.assert_allclose(regression.table["error_se"], np.sqrt(factor * scores.var(axis=1, ddof=1)))


def test_accuracy_is_one_minus_misclassification(classification: Comparison) -> None:
    np.testing.assert_allclose(classification.table["accuracy"], 1 - classification.table["error_mean"])


def test_the_verdict_is_that_of_the_paired_differences(regression: Comparison) -> None:
    verdict = regression.verdict
    reference = regression.table["inner_error"].idxmin()
    assert (verdict.network, verdict.reference) == ("net", reference)
    simple = [
        regression.scores.loc[name, split] for split, name in enumerate(verdict.choices.references, start=1)
    ]
    differences = regression.scores.loc["net"].to_numpy() - np.array(simple)
    reach = 2.7764451 * np.sqrt((1 / 5 + 1 / 4) * differences.var(ddof=1))
    assert verdict.difference == pytest.approx(differences.mean())
    assert verdict.interval == pytest.approx((differences.mean() - reach, differences.mean() + reach))
    assert (verdict.answer, verdict.recommended) == ("not worth it", reference)
    assert sum(verdict.reference_shares.values()) == 5


def test_a_network_is_worth_it_where_no_straight_line_will_do() -> None:
    x = np.random.default_rng(0).uniform(-3, 3, size=(150, 1))
    net = MLPRegressor(hidden_layer_sizes=(10,), solver="lbfgs", max_iter=2000, random_state=0)
    result = compare(x, np.sin(2 * x[:, 0]), models={"net": net}, include=["mean", "linear", "lasso"], cv=5)
    assert (result.verdict.answer, result.verdict.recommended) == ("worth it", "net")


def test_the_lowest_of_several_networks_is_judged_and_all_are_shown() -> None:
    worse = NeuralRegressor([Dense(4)], epochs=1, random_state=0)
    better = NeuralRegressor([Dense(4)], epochs=60, optimizer=Adam(0.03), random_state=0)
    result = compare(TABLE, PRICE, models={"worse": worse, "better": better}, include=["linear"], cv=3)
    assert result.networks == ("worse", "better")
    assert result.verdict.network == "better"
    assert len(result.table) == 3


@pytest.mark.parametrize(
    ("include", "models", "missing"),
    [(["mean"], {}, "no network was compared"), ([], {"net": SMALL_NET}, "no simple model was compared")],
)
def test_without_an_opponent_it_cannot_tell(include: list[str], models: Any, missing: str) -> None:
    verdict = compare(TABLE, PRICE, include=include, models=models, cv=2).verdict
    assert verdict.answer == "cannot tell"
    assert missing in verdict.reason


def test_the_metric_changes_error_and_verdict_alone() -> None:
    plain = compare(TABLE, PRICE, include=["mean", "linear"], cv=4)
    other = compare(TABLE, PRICE, include=["mean", "linear"], cv=4, metric="rmse")
    assert other.metric.name == "rmse"
    assert (other.table["error_mean"] > plain.table["error_mean"]).all()
    pd.testing.assert_series_equal(plain.table["r2"], other.table["r2"])


@pytest.mark.parametrize("metric", ["log_loss", "brier", "auc", "deviance"])
def test_metrics_of_probabilities_rank_the_models(metric: str) -> None:
    result = compare(TABLE, LABEL, include=["majority", "logistic"], cv=4, metric=metric)
    assert result.table.loc["logistic", "error_mean"] < result.table.loc["majority", "error_mean"]


def test_one_hold_out_takes_its_interval_from_the_test_rows() -> None:
    split = (np.arange(60), np.arange(60, 90))
    result = compare(
        TABLE, PRICE, models={"constant": Constant(0.0), "net": SMALL_NET}, include=[], cv=[split]
    )
    losses = np.abs(PRICE[60:])
    assert result.table.loc["constant", "error_se"] == pytest.approx(losses.std(ddof=1) / np.sqrt(30))
    assert "paired t over 30 test rows" in result.verdict.reason
    assert result.verdict.interval is not None


@pytest.mark.parametrize("more", [{"metric": "rmse"}, {"groups": np.arange(N) // 3}])
def test_other_hold_outs_leave_out_blocks_or_groups(more: dict[str, Any]) -> None:
    result = compare(TABLE, PRICE, models={"net": SMALL_NET}, include=["mean"], cv=0.3, **more)
    assert "jackknife" in result.verdict.reason
    assert result.table["error_se"].gt(0).all()


def test_polars_and_pandas_give_the_same_numbers() -> None:
    models = {"include": ["mean", "linear", "lasso"], "cv": 3}
    pandas = compare(TABLE, PRICE, **models)
    polars = compare(pl.from_pandas(TABLE), pl.Series("price", PRICE.to_numpy()), **models)
    pd.testing.assert_frame_equal(pandas.scores, polars.scores)
    assert polars.target == "price"


def test_the_same_seed_gives_the_same_numbers_and_the_order_of_models_does_not_matter() -> None:
    first = compare(
        TABLE, PRICE, include=["mean", "boosting"], models={"net": SMALL_NET}, cv=3, random_state=5
    )
    again = compare(TABLE, PRICE, include=["boosting"], models={"net": SMALL_NET}, cv=3, random_state=5)
    other = compare(TABLE, PRICE, include=["boosting"], cv=3, random_state=6)
    pd.testing.assert_frame_equal(first.scores.loc[["boosting", "net"]], again.scores)
    assert not np.allclose(first.scores.loc["boosting"], other.scores.loc["boosting"])


def test_collinear_and_missing_columns_make_no_noise() -> None:
    table = TABLE.assign(twice=2 * TABLE["size"], name=[f"flat number {i}" for i in range(N)])
    result = compare(table, LABEL, include=["logistic", "lasso", "lda", "boosting"], cv=3)
    assert result.failures == {}
    assert len(result.warnings) == 1  # the identifiers that are left out
    assert "name" in result.warnings[0]


def test_few_rows_are_enough() -> None:
    x = np.arange(6.0)[:, None]
    result = compare(x, x[:, 0] + [0, 0.1, 0, 0.1, 0, 0.1], include=["mean", "linear", "ridge", "lasso"])
    assert result.scores.shape == (4, 6)
    assert result.failures == {}


def test_splits_that_cannot_be_trained_on_are_refused() -> None:
    with pytest.raises(DataError, match="split 1 trains on one class only"):
        compare(TABLE[:6], ["a", "a", "a", "b", "b", "b"], include=["majority"], cv=[([0, 1, 2], [3, 4, 5])])
    with pytest.raises(DataError, match="needs all of them"):
        compare(TABLE, LABEL, include=["logistic"], metric="auc", cv=[(range(1, N), [0])])


@pytest.mark.parametrize(
    ("seed", "error"), [("zero", ArgumentTypeError), (True, ArgumentTypeError), (-1, SpecificationError)]
)
def test_a_seed_that_is_none_is_refused(seed: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="random_state"):
        compare(TABLE, PRICE, random_state=seed)


def test_a_rare_class_is_mentioned() -> None:
    labels = ["a"] * 30 + ["b"] * 28 + ["c"] * 2
    result = compare(TABLE[:60], labels, include=["majority", "lda"], cv=5)
    assert "the rarest, c, has 2 rows" in result.warnings[0]


KEYS = {"dataset", "task", "target", "rows", "splits", "seed", "metric", "models", "verdict", "warnings"}
MODEL_KEYS = {"name", "parameters", "inner_error", "error_mean", "error_se", "seconds"}
VERDICT_KEYS = {
    "answer",
    "recommended",
    "network",
    "reference",
    "difference",
    "interval",
    "level",
    "method",
    "margin",
    "probabilities",
    "reference_shares",
    "network_shares",
    "references",
    "inner_errors",
    "rows_needed",
    "reason",
}


def test_the_json_file_has_the_promised_keys(
    regression: Comparison, classification: Comparison, tmp_path: Path
) -> None:
    for result, score in ((regression, "r2"), (classification, "accuracy")):
        result.to_json(tmp_path / "result.json")
        written = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
        assert written == result.to_dict()
        assert written.keys() == KEYS
        assert all(model.keys() == MODEL_KEYS | {score} for model in written["models"])
        assert written["verdict"].keys() == VERDICT_KEYS
    assert regression.to_dict()["dataset"] == "flats"
    assert (written["task"], written["target"], written["rows"]) == ("classification", "class", N)
    assert written["metric"] == "misclassification"


def test_what_is_not_known_is_null_in_json() -> None:
    result = compare(TABLE, PRICE, include=["mean"], models={"bad": Failing(-99.0), "odd": Constant()}, cv=3)
    good, bad, odd = result.to_dict()["models"]
    assert bad["error_mean"] is None
    assert bad["failure"].startswith("failed in all 3 splits: RuntimeError: no luck today")
    assert odd["parameters"] is None
    assert good["parameters"] == 1
    json.dumps(result.to_dict(), allow_nan=False)


def test_the_text_is_a_table_of_fixed_width_and_a_sentence(regression: Comparison) -> None:
    lines = str(regression).splitlines()
    assert lines[0] == "flats: price (regression, 90 rows)"
    assert lines[1] == "5-fold cross-validation, the same for every model"
    assert lines[3].split("   ")[0].strip() == "model"
    rows = lines[3:10]
    assert len({len(line) for line in rows}) == 1
    assert [row.split("   ")[0].strip() for row in rows[2:6]].count(f"{regression.verdict.reference} *") == 1
    assert "Not worth it: the network (net) has" in str(regression)
    assert max(map(len, lines)) <= 88
    str(regression).encode("cp1252")  # a pipe on Windows
    assert repr(regression) == str(regression)


def test_percentages_in_the_text_of_a_classification(classification: Comparison) -> None:
    assert "class (classification of 2 classes, 90 rows)" in str(classification)
    error, se, accuracy = classification.table.loc["majority", ["error_mean", "error_se", "accuracy"]]
    assert f"{100 * error:.1f} ± {100 * se:.1f} %     {100 * accuracy:.1f} %" in str(classification)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_picture_is_drawn_without_touching_the_users_backend(
    regression: Comparison, tmp_path: Path, suffix: str
) -> None:
    import matplotlib
    import matplotlib.pyplot as plt

    backend, open_figures = matplotlib.rcParams._get("backend"), plt.get_fignums()
    figure = regression.plot(tmp_path / f"errors.{suffix}")
    assert (tmp_path / f"errors.{suffix}").stat().st_size > 1000
    assert (matplotlib.rcParams._get("backend"), plt.get_fignums()) == (backend, open_figures)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["mean", "linear", "lasso", "net"]
    points = [line.get_xdata()[0] for line in axes.lines[1::2]]
    np.testing.assert_allclose(points, regression.table["error_mean"])


def test_a_comparison_of_everything_by_default() -> None:
    data = load_wine(as_frame=True)
    rows = np.random.default_rng(0).permutation(len(data.target))[:90]
    result = compare(data.data.iloc[rows], data.target_names[data.target.iloc[rows]], cv=2)
    simple = ["majority", "logistic", "ridge", "lasso", "lda", "gam", "forest", "boosting"]
    assert list(result.table.index) == [*simple, "mlp", "mlp-ensemble"]
    assert result.verdict.network == "mlp-ensemble"
    assert result.table["inner_error"].notna().tolist() == [True] * 8 + [False] * 2
    assert result.failures == {}
    assert result.warnings == ()
    assert result.table["error_mean"].drop("majority").max() < 0.2


def test_own_models_are_left_as_they_were() -> None:
    mine = LinearRegression()
    compare(TABLE, PRICE, include=[], models={"mine": mine}, cv=2)
    assert not hasattr(mine, "coef_")
