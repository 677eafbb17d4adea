"""Default tables: what they hold, that everybody gets the same splits, and the report's arithmetic on planted errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import log_loss, mean_absolute_error, root_mean_squared_error

from lamina.errors import SpecificationError
from lamina.experiments.crosstable import Estimate
from lamina.experiments.default_tables import Plan, constants
from lamina.experiments.default_tables_data import (
    CLASSIFICATION,
    REGRESSION,
    Collection,
    Table,
    development,
    reported,
    reported_tables,
)
from lamina.experiments.default_tables_development import DEVELOPMENT
from lamina.experiments.default_tables_fits import (
    BOOSTING,
    FOREST,
    LAMINA,
    METRICS,
    MODELS,
    PEERS,
    SKLEARN,
    Outcome,
    as_population,
    errors_of,
    make_sklearn,
    splits_of,
)
from lamina.experiments.default_tables_report import (
    Measured,
    duel,
    ranks,
    ratios,
    remark_on_claim,
    rows,
    tables,
)
from lamina.experiments.default_tables_reported import REPORTED

RNG = np.random.default_rng(0)
SMALL = Table(
    "small", pd.DataFrame(RNG.normal(size=(60, 2)), columns=["a", "b"]), RNG.normal(size=60), REGRESSION
)
CLASSES = Table("classes", SMALL.X, np.repeat([0, 1, 2], [30, 20, 10]), CLASSIFICATION)


@pytest.fixture(scope="module")
def both() -> tuple[Collection, Collection]:
    return reported(), development()


def test_no_table_is_in_both_lists() -> None:
    one, other = ({source.name for source in sources} for sources in (REPORTED, DEVELOPMENT))
    assert not one & other
    assert len(one) == len(REPORTED) >= 22
    assert len(other) == len(DEVELOPMENT)


def test_every_table_is_here_or_says_why_not(both: tuple[Collection, Collection]) -> None:
    for collection, sources in zip(both, (REPORTED, DEVELOPMENT), strict=True):
        found = [table.name for table in collection.tables]
        assert set(found) | set(collection.absent) == {source.name for source in sources}
        assert all(collection.absent.values())


def test_tables_have_what_their_task_needs(both: tuple[Collection, Collection]) -> None:
    for table in (*both[0].tables, *both[1].tables):
        assert len(table.X) == len(table.y) >= 100
        assert table.X.index.equals(pd.RangeIndex(len(table.y)))
        assert table.X.columns.is_unique
        if table.task == REGRESSION:
            assert np.isfinite(table.y).all()
            assert np.std(table.y) > 0
        else:
            counts = np.bincount(table.y)
            assert len(counts) >= 2
            assert counts.min() >= 10


def test_the_outcome_is_not_among_the_predictors(both: tuple[Collection, Collection]) -> None:
    """No column orders the rows as the outcome does, nor parts them into its classes."""
    for table in (*both[0].tables, *both[1].tables):
        for name in table.X:
            levels = pd.factorize(table.X[name])[0]
            if table.task == CLASSIFICATION:
                pairs = pd.factorize(pd.Series(zip(levels, table.y, strict=True)))[0]
                assert not levels.max() == pairs.max() == table.y.max(), f"{table.name}: {name}"
            elif pd.api.types.is_numeric_dtype(table.X[name]):
                order = table.X[name].rank().corr(pd.Series(table.y).rank())
                assert not abs(order) > 0.99, f"{table.name}: {name}"


def test_tables_are_the_same_at_every_call() -> None:
    once, again = reported_tables(["friedman1", "moons"]), reported_tables(["friedman1", "moons"])
    for one, other in zip(once, again, strict=True):
        pd.testing.assert_frame_equal(one.X, other.X)
        assert np.array_equal(one.y, other.y)


def test_an_unknown_table_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'hitters'"):
        reported(["hiters"])


@pytest.mark.parametrize("table", [SMALL, CLASSES], ids=lambda table: table.name)
def test_splits_part_the_rows_and_do_not_depend_on_their_number(table: Table) -> None:
    splits = splits_of(table, 4)
    for split, again in zip(splits_of(table, 2), splits, strict=False):
        assert np.array_equal(split.test, again.test)
    for split in splits:
        assert np.array_equal(np.sort(np.concatenate([split.train, split.test])), np.arange(60))
        assert len(split.test) == 15
    assert not np.array_equal(splits[0].test, splits[1].test)


def test_classes_are_on_both_sides_in_their_shares() -> None:
    for split in splits_of(CLASSES, 3):
        assert np.bincount(CLASSES.y[split.train]).tolist() == pytest.approx([22.5, 15, 7.5], abs=0.5)


def test_errors_are_scikit_learns() -> None:
    truth, output = RNG.normal(size=9), RNG.normal(size=9)
    expected = [mean_absolute_error(truth, output), root_mean_squared_error(truth, output)]
    assert list(errors_of(REGRESSION, truth, output).values()) == pytest.approx(expected)
    labels, chances = np.arange(9) % 3, RNG.dirichlet(np.ones(3), 9)
    found = errors_of(CLASSIFICATION, labels, chances)
    assert found["log_loss"] == pytest.approx(log_loss(labels, chances))
    assert found["misclassification"] == np.mean(chances.argmax(axis=1) != labels)


def test_one_impossible_row_costs_no_more_than_a_millionth() -> None:
    assert errors_of(CLASSIFICATION, np.array([0]), [[0.0, 1.0]])["log_loss"] == pytest.approx(np.log(1e6))


@pytest.mark.parametrize("table", [SMALL, CLASSES], ids=lambda table: table.name)
def test_peers_can_be_run_in_portions(table: Table) -> None:
    splits = splits_of(table, 2)
    outcomes = list(PEERS[FOREST](table, splits, 0))
    assert [set(outcome.errors) for outcome in outcomes] == [set(METRICS[table.task])] * 2
    assert outcomes[0].errors != outcomes[1].errors
    (second,) = PEERS[FOREST](table, splits[1:], 1)
    assert second.errors == outcomes[1].errors


def test_a_population_gives_what_an_ensemble_alone_gives() -> None:
    from lamina.model_selection import EnsembleRegressor

    (split,) = splits_of(SMALL, 1)
    (outcome,) = as_population("mlp-ensemble", SMALL, [split], 5)
    model = EnsembleRegressor(n_members=8, random_state=5, verbose=False)
    predicted = model.fit(SMALL.X.iloc[split.train], SMALL.y[split.train]).predict(SMALL.X.iloc[split.test])
    assert outcome.errors == pytest.approx(errors_of(REGRESSION, SMALL.y[split.test], predicted), rel=1e-2)


def test_scikit_learns_network_has_its_defaults_on_standardised_columns() -> None:
    from sklearn.base import clone
    from sklearn.neural_network import MLPRegressor

    scale, model = make_sklearn(REGRESSION, 3).steps[-2:]
    assert type(scale[1]).__name__ == "StandardScaler"
    assert repr(clone(model[1])) == repr(MLPRegressor(random_state=3))


def test_the_constant_is_learnt_from_training_rows() -> None:
    (split,) = splits_of(CLASSES, 1)
    (found,) = constants(CLASSES, [split])
    shares = np.bincount(CLASSES.y[split.train]) / 45
    expected = log_loss(CLASSES.y[split.test], np.tile(shares, (15, 1)))
    assert found["log_loss"] == pytest.approx(expected)


# Four tables, two splits, planted errors: (table, model) -> errors of the splits by both metrics.


def planted(name: str, task: Any, found: dict[str, list[float]]) -> Measured:
    first, second = METRICS[task]
    outcomes = {
        model: tuple(Outcome({first: value, second: 1 + value}, 3.0) for value in values)
        for model, values in found.items()
    }
    return Measured(name, task, 50, 1 / 3, outcomes, ({first: 4.0, second: 8.0},))


STUDY = (
    planted("a", REGRESSION, {LAMINA: [1.0, 1.0], SKLEARN: [2.0, 2.0], BOOSTING: [0.5, 0.6]}),
    planted("b", REGRESSION, {LAMINA: [3.0, 1.0], SKLEARN: [1.0, 9.0], BOOSTING: [2.0, 2.0]}),
    planted("c", CLASSIFICATION, {LAMINA: [0.0, 0.0], SKLEARN: [0.1, 0.1], BOOSTING: [0.0, 0.0]}),
    planted("d", CLASSIFICATION, {LAMINA: [0.2, 0.2], SKLEARN: [0.1, 0.1], BOOSTING: [0.3, 0.3]}),
)


def test_wins_are_counted() -> None:
    found = duel(STUDY, LAMINA, SKLEARN, 0)
    assert (found.wins, found.ties, found.share) == (3, 0, 75.0)
    # On "b" the difference is 2 on one split and -8 on the other: of two splits that says nothing.
    assert (found.clear_wins, found.clear_losses) == (2, 1)
    against = duel(STUDY, LAMINA, BOOSTING, 0)
    assert (against.wins, against.ties) == (1, 2)


def test_ratios_are_multiplied_and_counts_have_half_a_row() -> None:
    # Half a row of fifty is 0.01; errors that are no counts have none.
    expected = (1 / 2) * (2 / 5) * (0.01 / 0.11) * (0.21 / 0.11)
    assert duel(STUDY, LAMINA, SKLEARN, 0).ratio == pytest.approx(expected ** (1 / 4))
    assert STUDY[3].ratio(LAMINA, SKLEARN, 1) == pytest.approx(1.2 / 1.1)


def test_ranks_are_those_of_mean_errors_and_ties_share_them() -> None:
    found = ranks(STUDY, [LAMINA, SKLEARN, BOOSTING], 0)
    assert found.tolist() == [[2, 3, 1], [1.5, 3, 1.5], [1.5, 3, 1.5], [2, 1, 3]]


def test_the_table_shows_errors_in_per_cent_of_the_constants() -> None:
    shown = {table.title.split(",")[0]: table for table in tables(STUDY)}
    assert shown["Mean absolute error"].estimate("b", "lamina") == Estimate(50.0, 25.0)
    assert shown["Misclassified test rows"].estimate("d", "sk MLP") == Estimate(10.0, 0.0)


def test_the_claim_is_judged_by_both_measures() -> None:
    assert "75 % by mae or misclassification" in remark_on_claim(STUDY)
    assert "does not hold" in remark_on_claim(STUDY)
    assert "the claim holds" in remark_on_claim(STUDY[:3])


def test_rows_say_wins_ratios_ranks_and_seconds() -> None:
    found = {(row.section.split(" ")[0], row.quantity): row for row in rows(STUDY)}
    assert found["Tables", f"than {SKLEARN}"].values == (75.0,)
    assert found["Tables", f"than {SKLEARN}"].note == "3 of 4; clear 2 to 1"
    assert found["Rank", LAMINA].mean == pytest.approx(1.75)
    assert found["Seconds", BOOSTING].values == (3.0,) * 4


def test_a_plan_runs_every_model_on_the_same_splits() -> None:
    seen = []

    def spy(table: Table, splits: Any, first: int) -> Any:
        seen.append([split.test.tolist() for split in splits])
        return [Outcome(dict.fromkeys(METRICS[table.task], 1.0), 0.0) for _ in splits]

    study = Plan(Collection((SMALL, CLASSES), {}), 2, dict.fromkeys(MODELS, spy)).run(progress=False)
    assert [table.name for table in study] == ["small", "classes"]
    assert all(each == seen[0] for each in seen[: len(MODELS)])
    assert study[0].tested == 30
    assert study[0].test_to_train == pytest.approx(1 / 3)


def test_the_table_of_ratios_has_both_measures() -> None:
    found = ratios(STUDY)
    assert found.columns == ("lamina, mae", "lamina, rmse")
    shown = found.estimate(f"over {SKLEARN}", "lamina, rmse")
    assert shown is not None
    assert shown.mean == pytest.approx(((2 / 3) * (3 / 6) * (1 / 1.1) * (1.2 / 1.1)) ** (1 / 4))
    assert found.estimate(f"over {LAMINA}", "lamina, mae") is None
