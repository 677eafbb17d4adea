"""Every experiment of the list runs, in its quick form, and gives the published facts that no seed changes."""

from __future__ import annotations

from functools import cache

import pytest

from lamina.data.datasets import list_datasets
from lamina.errors import SpecificationError
from lamina.experiments import registry
from lamina.experiments.rendering import WIDTH
from lamina.experiments.report import Report

LONG = {
    "coverage",
    "copy",
    "dates",
    "genz",
    "sgd-minimum-norm",
    "cifar100",
    "transfer",
    "residual-depth",
    "imdb",
    "imdb-rnn",
    "imdb-lstm",
    "default-tables",
    "validation-overfitting",
    "verdict-calibration",
    "universal-approximation",
    "hidden-layer-geometry",
    "optimizers",
    "initialisation",
    "swish",
    "loss-landscape",
}
NAMES = [
    pytest.param(name, marks=pytest.mark.long) if name in LONG else name for name, _, _ in registry.names()
]
ON_THIS_MACHINE = {
    data.name for data in list_datasets() if not data.where.startswith(("to download", "absent"))
}
NEEDS = {
    "mnist": "mnist",
    "mnist-cnn": "mnist",
    "cifar100": "cifar100",
    "transfer": "cifar100",
    "residual-depth": "cifar100",
    "optimizers": "mnist",
    "initialisation": "mnist",
    "swish": "mnist",
    "loss-landscape": "mnist",
    "imdb": "imdb",
    "imdb-rnn": "imdb",
    "imdb-lstm": "imdb",
    "credit": "default",
}


@cache
def quick(name: str) -> Report:
    if NEEDS.get(name, "hitters") not in ON_THIS_MACHINE:
        pytest.skip(
            f"the data set {NEEDS[name]} is not on this machine: set LAMINA_DATA to the folder that holds it"
        )
    return registry.run(name, quick=True, progress=False)


def mean(report: Report, section: str, quantity: str) -> float:
    return next(row.mean for row in report.rows if section in row.section and row.quantity == quantity)


@pytest.mark.parametrize("name", NAMES)
def test_a_quick_run_gives_a_report_that_fits_a_terminal(name: str) -> None:
    report = quick(name)
    assert report.quick
    assert report.name == name
    assert report.rows
    assert report.versions.keys() >= {"Python", "lamina", "jax"}
    assert max(map(len, str(report).splitlines())) <= WIDTH


def test_an_unknown_experiment_is_told_with_the_nearest() -> None:
    with pytest.raises(SpecificationError, match="did you mean 'boston'"):
        registry.run("bostn")


def test_the_linear_model_on_the_books_split_is_the_books() -> None:
    report = quick("hitters")
    assert mean(report, "R edition", "linear model: mean absolute error") == pytest.approx(254.6687, abs=5e-5)
    assert mean(report, "R edition", "linear model: R²") == pytest.approx(0.56, abs=0.005)
    assert mean(report, "Python edition", "linear model: mean absolute error") == pytest.approx(
        259.7153, abs=5e-5
    )


def test_the_lasso_on_the_books_split_is_the_books() -> None:
    report = quick("hitters")
    assert mean(report, "R edition", "lasso: mean absolute error") == pytest.approx(252.2994, abs=0.1)
    assert mean(report, "R edition", "lasso: R²") == pytest.approx(0.51, abs=0.005)
    assert mean(report, "R edition", "lasso: parameters") == 12
    assert mean(report, "Python edition", "lasso: mean absolute error") == pytest.approx(235.6755, abs=0.01)


def test_the_networks_have_the_published_numbers_of_parameters() -> None:
    assert mean(quick("hitters"), "R edition", "network: parameters") == 1345
    assert mean(quick("mnist"), "Parameters", "network 256-128, dropout") == 235_146


def test_the_networks_learn_something_even_in_a_quick_run() -> None:
    assert mean(quick("hitters"), "R edition", "network, RMSProp: R²") > 0.4
    assert mean(quick("boston"), "random splits", "network, Adam: mean squared error") < 25
    assert mean(quick("iris"), "random splits", "network: test error, %") < 15


def test_digits_are_learnt_from_few_epochs() -> None:
    report = quick("mnist")
    assert mean(report, "Test error", "network 256-128, dropout") < 15
    assert [confusion.array.sum() for confusion in report.confusions] == [10_000, 10_000]
    assert any("ridge coefficient" in remark for remark in report.remarks)


def test_six_filters_learn_the_digits() -> None:
    report = quick("mnist-cnn")
    assert mean(report, "Parameters", "six filters, 32 units") == 7_430
    assert mean(report, "Accuracy", "linear filters, Adam") > 60
    assert report.confusions[0].array.sum() == 10_000


def test_intervals_and_sets_hold_nine_outcomes_in_ten() -> None:
    """Within four binomial standard errors of what theory says; the spreads of networks hold far fewer.

    A split with 75 scored rows covers 69 / 76. CV+ covers 0.9 or, where the networks of its folds differ, up to 0.03 more.
    """
    n_draws = 20
    for table in quick("coverage").tables:
        for method, (coverage, size, _) in table.rows:
            assert coverage is not None
            assert size is not None
            low, high, scored = (69 / 76, 69 / 76, 75) if "split" in method else (0.9, 0.93, 150)
            slack = 4 * (0.1 * 0.9 * (1 / scored + 1 / 400) / n_draws) ** 0.5
            if method.endswith("spread"):
                assert coverage.mean < 0.75
            else:
                assert low - slack < coverage.mean < high + slack
                assert size.mean < 3
