"""Effects against known truths, against statsmodels' textbook formulas, and against bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from misbehaving_models import Constant, Failing
from sklearn.cluster import KMeans
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from lamina import NeuralClassifier, NeuralRegressor
from lamina.errors import ArgumentTypeError, DataError, SpecificationError
from lamina.evaluation import effects
from lamina.layers import Dense
from lamina.model_selection import EnsembleRegressor
from lamina.training import Adam, Quantile

N = 240
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 3))
BINARY = (RNG.random(N) < 0.4).astype(float)
NOISE = RNG.normal(size=N)
LINEAR = 2 * X[:, 0] - X[:, 1] + NOISE
WITH_DUMMY = np.column_stack([X[:, :2], BINARY])
LABELS = (RNG.random(N) < 1 / (1 + np.exp(-(X[:, 0] - 0.5 * X[:, 1] + BINARY)))).astype(int)


class Known(Constant):
    """A function that no fit changes; ``kind`` says which."""

    def __init__(self, kind: str = "additive") -> None:
        self.kind = kind

    def fit(self, X: Any, y: Any) -> Known:
        self.n_features_in_ = 3
        return self

    def predict(self, X: Any) -> np.ndarray:
        x = np.asarray(X, float)
        return {
            "additive": lambda: x[:, 0] ** 2 + np.sin(x[:, 1]),
            "product": lambda: (x[:, 0] - X_MEAN[0]) * (x[:, 1] - X_MEAN[1]) + x[:, 2],
        }[self.kind]()


X_MEAN = X.mean(axis=0)
ADDITIVE = X[:, 0] ** 2 + np.sin(X[:, 1])


def known(kind: str, **arguments: Any) -> Any:
    return effects(Known(kind).fit(X, NOISE), X, NOISE, n_boot=0, **arguments)


def unpenalised() -> LogisticRegression:
    return LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)


def test_the_slope_of_a_linear_model_is_its_coefficient() -> None:
    model = LinearRegression().fit(X, LINEAR)
    found = effects(model, X, LINEAR, kinds=["ame"], n_boot=0)
    np.testing.assert_allclose(found.table["ame"], model.coef_, rtol=1e-7)
    assert found.table[["se", "low", "high"]].isna().all(axis=None)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_slope_of_a_network_without_hidden_layers_is_that_of_its_predictions(dtype: Any) -> None:
    x, y = X.astype(dtype), LINEAR.astype(dtype)
    model = NeuralRegressor([], epochs=5, random_state=0).fit(x, y)
    moved = [(model.predict(x + step) - model.predict(x)).mean() for step in np.eye(3, dtype=dtype)]
    found = effects(model, x, y, kinds=["ame"], n_boot=0)
    np.testing.assert_allclose(found.table["ame"], moved, rtol=1e-4)
    assert found.step == 0


def test_the_slopes_of_networks_are_those_of_small_differences_through_any_standardisation() -> None:
    """The default network draws columns into (-3, 3), which is no straight line."""
    model = NeuralRegressor(epochs=3, random_state=0).fit(X, LINEAR)
    h = 1e-5
    moved = [((model.predict(X + h * e) - model.predict(X - h * e)) / (2 * h)).mean() for e in np.eye(3)]
    np.testing.assert_allclose(
        effects(model, X, LINEAR, kinds=["ame"], n_boot=0).table["ame"], moved, rtol=1e-3
    )


def test_effects_of_a_known_function() -> None:
    found = known("additive", kinds=["ame", "ale", "pdp", "interactions"], grid=40)
    np.testing.assert_allclose(
        found.table["ame"], [2 * X[:, 0].mean(), np.cos(X[:, 1]).mean(), 0], rtol=1e-5, atol=1e-9
    )
    for name, truth in (("x0", np.square), ("x1", np.sin)):
        whole = truth(X[:, int(name[1])]).mean()
        for kind, mean, tolerance in (("ale", whole, 0.1), ("pdp", whole - ADDITIVE.mean(), 1e-9)):
            curve = found.curves[(found.curves["kind"] == kind) & (found.curves["column"] == name)]
            effect, value = curve["effect"].to_numpy(), truth(curve["value"].to_numpy(float))
            np.testing.assert_allclose(effect - effect[0], value - value[0], atol=1e-9)
            assert effect[0] == pytest.approx(value[0] - mean, abs=tolerance)
    np.testing.assert_allclose(found.interactions["h2"], 0, atol=1e-12)


def test_a_product_of_centred_columns_is_all_interaction() -> None:
    found = known("product", kinds=["interactions"]).interactions.set_index(["first", "second"])
    assert found.loc[("x0", "x1"), "h2"] > 0.85
    np.testing.assert_allclose(found.drop(("x0", "x1"))["h2"], 0, atol=1e-12)
    assert found.index[0] == ("x0", "x1")


def test_standard_errors_of_a_linear_model_are_the_textbooks() -> None:
    fitted = sm.OLS(LINEAR, sm.add_constant(X)).fit()
    found = effects(LinearRegression().fit(X, LINEAR), X, LINEAR, kinds=["ame"], n_boot=400)
    np.testing.assert_allclose(found.table["ame"], fitted.params[1:], rtol=1e-6)
    np.testing.assert_allclose(found.table["se"], fitted.bse[1:], rtol=0.2)
    np.testing.assert_allclose(found.table[["low", "high"]], fitted.conf_int()[1:], atol=0.04)


@pytest.mark.parametrize("dummy", [False, True])
def test_average_marginal_effects_are_those_of_statsmodels(dummy: bool) -> None:
    x = WITH_DUMMY if dummy else X
    margins = sm.Logit(LABELS, sm.add_constant(x)).fit(disp=0, tol=1e-12).get_margeff(dummy=dummy)
    model = unpenalised().fit(x, LABELS)
    found = effects(model, x, LABELS, kinds=["ame"], n_boot=300, intervals="conditional")
    np.testing.assert_allclose(found.table["ame"], margins.margeff, atol=1e-6)
    np.testing.assert_allclose(found.table["se"], margins.margeff_se, rtol=0.25)
    assert list(found.table["change"])[-1] == ("0 → 1" if dummy else "per unit")


def test_effects_on_the_probabilities_of_all_classes_add_up_to_nothing() -> None:
    labels = np.digitize(LINEAR, [-1, 1])
    frame = pd.DataFrame(X, columns=list("abc")).assign(town=np.where(BINARY > 0, "Ulm", "Bonn"))
    model = NeuralClassifier([Dense(3, "tanh")], optimizer=Adam(0.1), epochs=10, random_state=0)
    found = effects(model.fit(frame, labels), frame, labels, kinds=["ame", "pdp"], n_boot=4)
    sums = found.table.groupby("column")["ame"].sum()
    np.testing.assert_allclose(sums, 0, atol=1e-5)
    curves = found.curves.groupby(["column", "value"])["effect"].sum()
    np.testing.assert_allclose(curves, 1, atol=1e-5)
    assert found.table.loc["town", "change"].unique().tolist() == ["Bonn → Ulm"]
    assert "class" in str(found)


def test_refits_in_one_program_are_those_of_single_fits() -> None:
    """Each draw's effect is that of a network that its own fit, on the drawn rows and scales of all, would give."""
    from lamina.evaluation.effect.columns import Table
    from lamina.evaluation.effect.draws import draw_rows
    from lamina.evaluation.effect.refits import as_surface, refit

    model = NeuralRegressor([Dense(3, "tanh")], epochs=5, random_state=0).fit(X, LINEAR)
    table, draws = Table(X), draw_rows(N, 3, 0)
    found = refit(model, table, LINEAR, draws, None, lambda done: None)
    surface = as_surface([found.models[place] for place in range(3)], None, table)
    base = surface.code(table)
    [responses] = surface.each(base, [[]])
    for place in range(3):
        np.testing.assert_allclose(
            responses[place][:, 0], found.models[place][0].predict(X), rtol=1e-4, atol=1e-4
        )
    swapped = next(surface.each(base, [[(1, surface.rows(base, np.array([7])))]]))
    moved = X.copy()
    moved[:, 1] = X[7, 1]
    np.testing.assert_allclose(swapped[2][:, 0], found.models[2][0].predict(moved), rtol=1e-4, atol=1e-4)


def test_leaving_out_a_column_costs_what_it_explains() -> None:
    found = effects(LinearRegression().fit(X, LINEAR), X, LINEAR, kinds=["loco"], metric="mse", n_boot=0)
    # Without x_j the mean squared error grows by about b_j² var(x_j).
    np.testing.assert_allclose(found.loco["increase"], [4, 1, 0], atol=0.6)
    low, high = found.loco.loc["x2", ["low", "high"]]
    assert low < 0.01
    assert high > -0.01
    assert found.loco.loc["x0", "low"] > 1


def test_sets_of_columns_are_left_out_of_networks_and_ensembles() -> None:
    network = NeuralRegressor([], optimizer=Adam(0.1), epochs=20, random_state=0)
    for model in (network, EnsembleRegressor(network, 2, random_state=0)):
        fitted = model.fit(X, LINEAR)
        found = effects(fitted, X, LINEAR, kinds=["loco"], columns=["x2"], sets={"both": ["x0", 1]}, cv=2)
        assert found.loco.loc["both", "low"] > 0.4
        assert abs(found.loco.loc["x2", "increase"]) < 0.2
        assert "both" in str(found)


def test_the_effects_of_an_ensemble_are_the_mean_of_its_members() -> None:
    network = NeuralRegressor([Dense(3, "tanh")], optimizer=Adam(0.1), epochs=10)
    ensemble = EnsembleRegressor(network, 2, random_state=0).fit(X, LINEAR)
    members = [effects(m, X, LINEAR, kinds=["ame"], n_boot=0).table["ame"] for m in ensemble.estimators_]
    found = effects(ensemble, X, LINEAR, kinds=["ame"], n_boot=3)
    np.testing.assert_allclose(found.table["ame"], np.mean(members, axis=0), rtol=1e-4)
    assert found.finished == 3
    assert (found.table["se"] > 0).all()


def test_several_outcomes_and_quantiles() -> None:
    both = np.column_stack([LINEAR, 3 * X[:, 2]])
    found = effects(LinearRegression().fit(X, both), X, both, kinds=["ame", "loco"], n_boot=3)
    slopes = found.table.set_index("outcome", append=True)["ame"]
    assert slopes["x2", 1] == pytest.approx(3)
    assert slopes["x0", 0] == pytest.approx(2, abs=0.3)
    assert found.loco.loc["x2", "increase"] == pytest.approx(3 * np.abs(X[:, 2]).mean() / 2, rel=0.1)
    network = NeuralRegressor(
        [], loss=Quantile((0.1, 0.5, 0.9)), optimizer=Adam(0.1), epochs=20, random_state=0
    )
    median = effects(network.fit(X, LINEAR), X, LINEAR, kinds=["ame"], n_boot=3)
    np.testing.assert_allclose(median.table["ame"], [2, -1, 0], atol=0.4)
    assert median.step > 0


def test_rows_to_watch_are_held_back_before_drawing() -> None:
    from lamina.evaluation.effect.columns import Table
    from lamina.evaluation.effect.refits import _lessons

    model = NeuralRegressor([], optimizer=Adam(0.1), epochs=6, early_stopping=True, random_state=0).fit(
        X, LINEAR
    )
    drawn = np.random.default_rng(0).integers(N, size=N)
    lessons = _lessons(model, Table(X), LINEAR, 0)
    for lesson in lessons:
        kept = np.flatnonzero(lesson.place >= 0)
        assert set(kept[lesson.taken(drawn, 0)]) <= set(drawn)
        held = np.setdiff1d(np.arange(N), kept)
        np.testing.assert_array_equal(lesson.source.fit_params["y_val"], LINEAR[held])
    assert len({tuple(lesson.place) for lesson in lessons}) == len(lessons) == 8
    found = effects(model, X, LINEAR, kinds=["ame"], n_boot=10)
    assert found.finished == 10
    np.testing.assert_allclose(found.table["ame"], [2, -1, 0], atol=0.4)


def test_a_data_frame_of_polars_gives_what_one_of_pandas_does() -> None:
    import polars

    frame = pd.DataFrame(X, columns=list("abc")).assign(town=np.where(BINARY > 0, "Ulm", "Bonn"))
    model = NeuralRegressor([], optimizer=Adam(0.1), epochs=5, random_state=0)
    tables = [
        effects(model.fit(one, LINEAR), one, LINEAR, kinds=["ame", "pdp"], n_boot=2)
        for one in (frame, polars.from_pandas(frame))
    ]
    pd.testing.assert_frame_equal(tables[0].table, tables[1].table)
    pd.testing.assert_frame_equal(tables[0].curves, tables[1].curves)


def test_pipelines_take_text_and_keep_their_columns() -> None:
    town = np.where(BINARY > 0, "Ulm", "Bonn")
    frame = pd.DataFrame({"x": X[:, 0], "town": town})
    encoder = make_pipeline(OneHotEncoder(), LinearRegression())
    from sklearn.compose import ColumnTransformer

    model = make_pipeline(
        ColumnTransformer([("x", StandardScaler(), ["x"]), ("town", OneHotEncoder(), ["town"])]),
        LinearRegression(),
    )
    y = 2 * X[:, 0] + 3 * BINARY + 0.1 * NOISE
    found = effects(model.fit(frame, y), frame, y, n_boot=20, kinds=["ame", "loco"])
    np.testing.assert_allclose(found.table["ame"], [2, 3], atol=0.1)
    assert (found.table["loco_low"] > 0).all()
    assert encoder is not None


def test_trees_are_given_a_large_step() -> None:
    forest = RandomForestClassifier(5, random_state=0).fit(X, LABELS)
    found = effects(forest, X, LABELS, kinds=["ame"], n_boot=0)
    assert found.step == 0.5
    assert found.table.loc["x0", "ame"] > 0.02


def test_groups_are_drawn_whole() -> None:
    """Rows given three times over, each copy in its row's group, have the standard errors of the rows given once."""
    x, y, groups = np.repeat(X, 3, axis=0), np.repeat(LINEAR, 3), np.repeat(np.arange(N), 3)
    once = effects(LinearRegression().fit(X, LINEAR), X, LINEAR, kinds=["ame"])
    model = LinearRegression().fit(x, y)
    thrice = effects(model, x, y, kinds=["ame"], groups=groups)
    ignored = effects(model, x, y, kinds=["ame"])
    np.testing.assert_allclose(thrice.table["se"], once.table["se"], rtol=1e-6)
    assert (ignored.table["se"] < 0.75 * once.table["se"]).all()


def test_rows_alone_vary_without_refits() -> None:
    """Of a linear model every row has the same slope; of x² the mean of 2x has the standard error of a mean."""
    linear = effects(LinearRegression().fit(X, LINEAR), X, LINEAR, kinds=["ame"], intervals="data")
    np.testing.assert_allclose(linear.table["se"], 0, atol=1e-9)
    square = effects(Known("additive").fit(X, NOISE), X, NOISE, kinds=["ame"], intervals="data", n_boot=600)
    assert square.table.loc["x0", "se"] == pytest.approx(2 * X[:, 0].std() / np.sqrt(N), rel=0.1)


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    rng, hits = np.random.default_rng(1), 0
    for _ in range(60):
        x = rng.normal(size=(40, 1))
        y = 1.5 * x[:, 0] + rng.normal(size=40)
        row = effects(LinearRegression().fit(x, y), x, y, kinds=["ame"], n_boot=40).table.iloc[0]
        hits += bool(row["low"] < 1.5 < row["high"])
    assert 51 <= hits < 60


@pytest.mark.parametrize("method", ["percentile", "basic", "normal"])
def test_methods_agree_where_draws_are_normal(method: str) -> None:
    found = effects(LinearRegression().fit(X, LINEAR), X, LINEAR, kinds=["ame"], method=method, n_boot=400)
    fitted = sm.OLS(LINEAR, sm.add_constant(X)).fit()
    np.testing.assert_allclose(found.table[["low", "high"]], fitted.conf_int()[1:], atol=0.06)


def test_what_can_not_be_changed_is_said() -> None:
    frame = pd.DataFrame(X, columns=list("abc")).assign(same=1.0, when=pd.date_range("2020", periods=N))
    model = make_pipeline(_Numbers(), LinearRegression()).fit(frame, LINEAR)
    found = effects(model, frame, LINEAR, kinds=["ame"], n_boot=0)
    assert found.table.index.tolist() == ["a", "b", "c"]
    assert any("same (constant)" in note for note in found.notes)
    assert any("when (dates" in note for note in found.notes)
    assert "Note: same" in str(found)


def test_what_predicts_no_outcome_and_what_is_no_pair_is_refused() -> None:
    frame = pd.DataFrame(X, columns=list("abc"))
    with pytest.raises(ArgumentTypeError, match="KMeans predicts no outcome"):
        effects(KMeans(2, n_init=1).fit(frame), frame, LINEAR)
    line = LinearRegression().fit(frame[["a", "b"]], LINEAR)
    with pytest.raises(DataError, match="it has beside them c"):
        effects(line, frame, LINEAR)
    with pytest.raises(SpecificationError, match="two different columns"):
        effects(line, frame[["a", "b"]], LINEAR, kinds=["interactions"], pairs=[("a", "a")], n_boot=0)


class _Numbers(StandardScaler):
    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        return super().fit(X[["a", "b", "c"]])

    def transform(self, X: Any, copy: Any = None) -> Any:
        return super().transform(X[["a", "b", "c"]])


def test_gaps_are_the_models_to_fill() -> None:
    frame = pd.DataFrame(X, columns=list("abc"))
    frame.loc[::7, "a"] = np.nan
    model = NeuralRegressor([], optimizer=Adam(0.1), epochs=20, random_state=0).fit(frame, LINEAR)
    found = effects(model, frame, LINEAR, kinds=["ame", "ale", "pdp"], n_boot=3)
    assert np.isfinite(found.table["ame"]).all()
    assert np.isfinite(found.curves["effect"]).all()
    assert found.table.loc["a", "ame"] == pytest.approx(2, abs=0.4)


def test_draws_that_fail_are_left_out_and_said() -> None:
    model = Failing(LINEAR.max()).fit(X[:10], np.zeros(10))
    found = effects(model, X, LINEAR, kinds=["ame"], n_boot=30)
    assert 5 < found.finished < 20
    assert any(f"{30 - found.finished} of 30 refits failed" in note for note in found.notes)
    with pytest.raises(RuntimeError, match="no luck"):
        effects(
            Failing(-1e9).set_params(value=1e9).fit(X, LINEAR).set_params(value=-1e9), X, LINEAR, n_boot=3
        )


class _Pressing(LinearRegression):
    """Presses Ctrl-C in the sixth fit."""

    fits = 0

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        type(self).fits += 1
        if type(self).fits == 6:
            raise KeyboardInterrupt  # the signal itself is ignored where tests run in the background
        return super().fit(X, y)


def test_an_interrupt_keeps_what_is_finished() -> None:
    model = _Pressing().fit(X, LINEAR)
    with pytest.warns(UserWarning, match="4 of 30 refits"):
        found = effects(model, X, LINEAR, kinds=["ame", "loco"], n_boot=30)
    assert found.finished == 4
    assert found.unfinished == ("loco",)
    assert np.isfinite(found.table["se"]).all()


BAD: dict[str, tuple[Any, Any, Any, dict[str, Any], type[Exception], str]] = {
    "unfitted": (LinearRegression(), X, LINEAR, {}, SpecificationError, "not fitted"),
    "a class": (LinearRegression, X, LINEAR, {}, ArgumentTypeError, "is a class"),
    "no model": ("lasso", X, LINEAR, {}, ArgumentTypeError, "fitted model"),
    "columns": (None, X[:, :2], LINEAR, {}, DataError, "2 columns"),
    "rows": (None, X, LINEAR[:5], {}, DataError, "y has 5"),
    "few": (None, X[:5], LINEAR[:5], {}, DataError, "at least 10"),
    "text": (None, np.full((N, 3), "a"), LINEAR, {}, DataError, "data frame"),
    "dimensions": (None, X[:, 0], LINEAR, {}, DataError, "dimensions"),
    "name": (None, X, LINEAR, {"columns": ["x9"]}, DataError, "no column 'x9'"),
    "place": (None, X, LINEAR, {"columns": 7}, DataError, "none in place 7"),
    "kind": (None, X, LINEAR, {"kinds": ["amee"]}, SpecificationError, "did you mean 'ame'"),
    "method": (None, X, LINEAR, {"method": "normall"}, SpecificationError, "did you mean 'normal'"),
    "intervals": (None, X, LINEAR, {"intervals": "rows"}, SpecificationError, "unknown"),
    "level": (None, X, LINEAR, {"level": 95}, SpecificationError, "0.95"),
    "draws": (None, X, LINEAR, {"n_boot": 1}, SpecificationError, "n_boot=1"),
    "draws of a kind": (None, X, LINEAR, {"n_boot": 1.5}, ArgumentTypeError, "whole number"),
    "step": (None, X, LINEAR, {"step": -1}, SpecificationError, "positive"),
    "groups": (None, X, LINEAR, {"groups": [1, 2]}, DataError, "one group for each row"),
    "one group": (None, X, LINEAR, {"groups": np.ones(N)}, DataError, "one group only"),
    "folds": (None, X, LINEAR, {"cv": 1000, "kinds": ["loco"]}, SpecificationError, "cv=1000"),
    "metric": (None, X, LINEAR, {"metric": "rmse", "kinds": ["loco"]}, SpecificationError, "mean over rows"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_told(what: str) -> None:
    model, x, y, arguments, error, match = BAD[what]
    model = LinearRegression().fit(X, LINEAR) if model is None else model
    with pytest.raises(error, match=match):
        effects(model, x, y, **{"n_boot": 0, "kinds": ["ame"]} | arguments)


def test_classes_that_the_model_does_not_know_or_that_are_one_only() -> None:
    model = unpenalised().fit(X, LABELS)
    with pytest.raises(DataError, match="one class only"):
        effects(model, X, np.zeros(N, int), n_boot=0)
    with pytest.raises(DataError, match="class 2 that the model"):
        effects(model, X, LABELS + 1, n_boot=0)


def test_the_picture_has_a_forest_and_a_curve_a_column(tmp_path: Any) -> None:
    found = effects(
        LinearRegression().fit(X, LINEAR), X, LINEAR, n_boot=5, kinds=["ame", "ale", "pdp"], grid=5
    )
    figure = found.plot(tmp_path / "effects.png")
    assert len(figure.axes) == 4
    assert (tmp_path / "effects.png").stat().st_size > 10_000
