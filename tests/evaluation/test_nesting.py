"""Inner errors against a loop by hand; nothing chosen or learnt in a split depends on its test rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from misbehaving_models import Constant, Failing, raw
from sklearn.linear_model import LassoCV, LinearRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from threadpoolctl import threadpool_limits

from lamina.data.tables import TableEncoder
from lamina.evaluation import compare
from lamina.evaluation.comparison import check_problem
from lamina.evaluation.contenders import choose_contenders
from lamina.evaluation.fits import Problem
from lamina.evaluation.nesting import INNER_FOLDS, Nest, inner_folds
from lamina.evaluation.rule import decide, lowest
from lamina.evaluation.running import run

N = 60
RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(
    {"x": RNG.normal(size=N), "z": RNG.normal(size=N), "town": RNG.choice(["Ulm", "Bonn"], size=N)}
)
Y = pd.Series(2 * TABLE["x"] + (TABLE["town"] == "Ulm") + RNG.normal(size=N), name="price")
LABELS = np.where(Y.median() < Y, "dear", "cheap")
HALVES = [(np.arange(30, N), np.arange(30)), (np.arange(30), np.arange(30, N))]


def problem(y: Any = Y, table: Any = TABLE, cv: Any = 3, groups: Any = None, metric: Any = None) -> Problem:
    return check_problem(table, y, None, metric, cv, groups, 0)


def quiet(name: str, fold: int, folds: int) -> None:
    """Progress that nobody sees."""


def test_inner_folds_cut_the_training_rows_and_nothing_else() -> None:
    groups = np.arange(N) // 3
    for given in (problem(), problem(LABELS), problem(groups=groups)):
        for number, (train, test) in enumerate(given.splits):
            folds = inner_folds(given, number)
            assert len(folds) == INNER_FOLDS
            assert sorted(np.concatenate([inside for _, inside in folds])) == sorted(train)
            for fit, inside in folds:
                assert not set(fit) & set(inside)
                assert not (set(fit) | set(inside)) & set(test)
                if given.groups is not None:
                    assert not set(groups[fit]) & set(groups[inside])


def test_training_rows_of_one_group_are_cut_all_the_same() -> None:
    given = problem(groups=np.repeat([0, 1], 30), cv=2)
    assert [len(inner_folds(given, number)) for number in (0, 1)] == [5, 5]


def test_inner_errors_are_those_of_a_loop_by_hand() -> None:
    models = {"one": raw(Ridge()), "two": raw(LinearRegression())}
    X = TABLE[["x", "z"]]
    found = compare(X, Y, models=models, include=[], cv=KFold(3))
    given = problem(table=X, cv=KFold(3))
    by_split = []
    for number in range(3):
        losses = [
            np.abs(Ridge().fit(X.iloc[a], Y[a]).predict(X.iloc[b]) - Y[b])
            for a, b in inner_folds(given, number)
        ]
        by_split.append(np.concatenate(losses).mean())
    assert found.table.loc["one", "inner_error"] == pytest.approx(np.mean(by_split))
    assert found.verdict.choices.inner_errors == {}  # no network: no verdict


def test_settings_are_those_chosen_on_the_training_rows() -> None:
    X = TABLE[["x", "z"]]
    given = problem(table=X, cv=KFold(3))
    tuned = {
        "lasso": raw(LassoCV(cv=4)),
        "search": raw(GridSearchCV(Ridge(), {"alpha": [0.1, 10.0, 1000.0]}, cv=4)),
    }
    contenders = choose_contenders("regression", [], tuned)
    nest = Nest.of(given)
    for contender in contenders:
        training, _ = given.rows(0)
        fitted = contender.make(training, 0).fit(training.table, training.y)
        alpha = fitted[-1].alpha_ if contender.name == "lasso" else fitted[-1].best_params_["alpha"]
        by_hand = (
            LassoCV(cv=4)._get_estimator().set_params(alpha=alpha)
            if contender.name == "lasso"
            else Ridge(alpha)
        )
        losses = [
            np.abs(by_hand.fit(X.iloc[a], Y[a]).predict(X.iloc[b]) - Y[b]) for a, b in inner_folds(given, 0)
        ]
        assert nest.error_of(contender, fitted, 0) == pytest.approx(np.concatenate(losses).mean(), rel=1e-3)


def test_the_area_under_the_curve_takes_all_inner_rows_where_a_fold_has_one_class() -> None:
    rare = np.array(["a"] * 54 + ["b"] * 6)[RNG.permutation(N)]
    found = compare(TABLE, rare, include=["majority", "lda"], metric="auc", cv=2)
    assert np.isfinite(found.table["inner_error"]).all()


def test_a_model_that_cannot_be_fitted_to_fewer_rows_is_no_reference() -> None:
    class Hungry(Constant):
        """Needs more rows than inner folds have."""

        def fit(self, X: Any, y: Any) -> Hungry:
            if len(X) < 35:
                raise RuntimeError("too few rows")
            super().fit(X, y)
            return self

    found = compare(TABLE, Y, models={"hungry": Hungry(float(Y.median()))}, include=["mean", "linear"], cv=3)
    assert found.failures == {}
    assert "hungry" not in found.verdict.choices.references
    assert any(
        "no inner error, so no reference: RuntimeError: too few rows (hungry)" in text
        for text in found.warnings
    )


def test_a_model_that_fails_in_some_splits_is_not_ranked() -> None:
    perfect = Failing(value=float(Y.max()))
    found = compare(TABLE, Y, models={"bad": perfect, "net": LinearRegression()}, include=["mean"], cv=3)
    assert found.failures["bad"].startswith("failed in 2 of 3 splits: ")
    assert "failed in 2 of 3 splits" in str(found).split("* recommended")[0]
    assert found.verdict.recommended != "bad"
    assert "bad" not in found.estimates


def simple_models(given: Problem) -> list[Any]:
    return [contender for contender in choose_contenders(given.outcome.task) if not contender.network]


@pytest.mark.parametrize("y", [Y, LABELS], ids=["numbers", "classes"])
def test_what_a_split_learns_and_chooses_depends_on_its_training_rows_alone(y: Any) -> None:
    """Other test rows, values and outcomes: each built-in model, its settings and inner error stay the same, bit by bit."""
    rng = np.random.default_rng(5)
    test = HALVES[0][1]
    table, other = TABLE.copy(), np.array(y)
    table.loc[test, ["x", "z"]] = rng.normal(50, 30, size=(30, 2))
    table.loc[test, "town"] = rng.choice(["Rome", "Oslo", "Ulm"], size=30)
    other[test] = rng.permutation(other[test]) if other.dtype.kind in "UO" else rng.normal(9, 9, size=30)
    probes = TABLE.iloc[30:40]

    def learnt(table: Any, y: Any) -> dict[str, tuple[Any, ...]]:
        given = problem(y, table, cv=HALVES[:1])
        nest = Nest.of(given)
        found = {}
        for contender in simple_models(given):
            training, _ = given.shared_rows(0)
            model = contender.make(training, 0).fit(training.table, training.y)
            found[contender.name] = (
                contender.count(model),
                nest.error_of(contender, model, 0),
                model.predict(probes).tolist(),
            )
        return found

    with threadpool_limits(1):
        first, second = learnt(TABLE, y), learnt(table, other)
    assert first == second
    inner = np.array([error for _, error, _ in first.values()])
    assert lowest(inner) == lowest(np.array([error for _, error, _ in second.values()]))


def encoded(column: pd.Series, outcome: pd.Series, rows: Any) -> pd.Series:
    """The mean outcome of each level, told by some rows."""
    means = outcome.iloc[rows].groupby(column.iloc[rows]).mean()
    return column.map(means).fillna(outcome.iloc[rows].mean())


class TargetMeans(TableEncoder):
    """The same, learnt in a pipeline: on the training rows of each fit."""

    def fit(self, X: Any, y: Any = None) -> Any:
        self.means_ = pd.Series(y).groupby(X["code"].to_numpy()).mean()
        self.overall_ = np.mean(y)
        return self

    def transform(self, X: Any) -> Any:
        return X["code"].map(self.means_).fillna(self.overall_).to_numpy()[:, None]

    def fit_transform(self, X: Any, y: Any = None, **more: Any) -> Any:
        return self.fit(X, y).transform(X)


def test_a_column_computed_from_all_rows_is_a_leak_and_in_the_fold_it_is_none() -> None:
    """Sixty codes of two rows each, and an outcome that is noise: the truth is that nothing can be predicted."""
    from sklearn.pipeline import make_pipeline

    rng = np.random.default_rng(0)
    noise = pd.Series(rng.normal(size=120), name="y")
    X = pd.DataFrame({"code": [f"code {i}" for i in np.repeat(np.arange(60), 2)], "x": rng.normal(size=120)})
    leaking = X.assign(code=encoded(X["code"], noise, np.arange(120)))
    honest = {"honest": make_pipeline(TargetMeans(), LinearRegression())}
    inside = compare(X, noise, models=honest, include=["mean", "linear", "ridge"], cv=5)
    outside = compare(leaking, noise, include=["mean", "linear"], cv=5)
    unknown = inside.table.loc["mean", "error_mean"]
    assert outside.table.loc["linear", "error_mean"] < 0.8 * unknown  # the leak is seen
    assert (inside.table["error_mean"] > 0.97 * unknown).all()  # ours and a pipeline's encodings do not leak


def test_a_choice_made_on_the_test_rows_is_a_leak_and_ours_is_not_made_there() -> None:
    """Thirty models that guess: the best one's error on the folds that chose it is too low, ours is what it is."""
    rng = np.random.default_rng(1)
    splits, rows, models, draws = 5, 20, 30, 300
    best, ours, worth = [], [], 0
    for _ in range(draws):
        outer, inner = (rng.binomial(rows, 0.5, size=(models, splits)) / rows for _ in range(2))
        network = rng.binomial(rows, 0.5, size=splits) / rows
        best.append(outer.mean(axis=1).min())
        found = decide(network, outer, inner, 1 / (splits - 1))
        ours.append(outer[found.chosen, np.arange(splits)].mean())
        # A network judged against the others by the best of thirty would look bad for no reason.
        worth += found.answer != "cannot tell"
    assert np.mean(best) < 0.42
    assert np.mean(ours) == pytest.approx(0.5, abs=4 * 0.5 / np.sqrt(rows * splits * draws))
    assert worth / draws < 0.05


def test_among_ones_own_networks_the_inner_error_chooses() -> None:
    from sklearn.neural_network import MLPRegressor

    net = MLPRegressor(hidden_layer_sizes=(3,), solver="lbfgs", alpha=1.0, max_iter=500, random_state=0)
    idle = MLPRegressor(
        hidden_layer_sizes=(3,), solver="sgd", learning_rate_init=1e-9, max_iter=1, tol=1e9, random_state=0
    )
    X = TABLE[["x", "z"]]
    found = compare(X, Y, models={"idle": idle, "net": net}, include=["linear"], cv=2)
    assert set(found.verdict.network_shares) == {"net"}
    assert found.table.loc["net", "inner_error"] < found.table.loc["idle", "inner_error"]


def test_a_run_keeps_what_a_learning_curve_needs() -> None:
    import pickle

    found = compare(TABLE, Y, include=["mean", "linear"], cv=2)
    assert [contender.name for contender in found.contenders] == ["mean", "linear"]
    assert found.problem is not None
    copy = pickle.loads(pickle.dumps(found))
    assert (copy.problem, copy.contenders) == (None, ())
    assert str(copy) == str(found)
    contenders = choose_contenders("regression", ["mean"])
    assert run(problem(cv=2), contenders, quiet).contenders == contenders
