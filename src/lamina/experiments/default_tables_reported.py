"""The tables that are reported: real ones of several packages, and scikit-learn's generators."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from lamina.data.validation import Task
from lamina.experiments.default_tables_data import (
    CLASSIFICATION,
    REGRESSION,
    Source,
    as_categories,
    from_lamina,
    from_statsmodels,
    lagged,
    some_rows,
    with_outcome,
)

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 3000


def nyse() -> pd.DataFrame:
    """Trading volume from the five days before (ISLP, section 10.9.6)."""
    columns = ["DJ_return", "log_volume", "log_volatility"]
    frame = lagged(from_lamina("nyse"), columns, 5)
    return some_rows(frame.drop(columns=["date", "train", "DJ_return", "log_volatility"]), MOST_ROWS)


def auto() -> pd.DataFrame:
    """Fuel consumption, without the cars' names."""
    return as_categories(from_lamina("auto").drop(columns="name"), "origin")


def smarket() -> pd.DataFrame:
    """The direction of the day from the days before: neither the day's own return nor the year."""
    return from_lamina("smarket").drop(columns=["Today", "Year"])


def default() -> pd.DataFrame:
    """Some of the 10,000 customers."""
    return some_rows(from_lamina("default"), MOST_ROWS)


def star98() -> pd.DataFrame:
    """The share of pupils above the median in mathematics, from the districts' columns without their products."""
    frame = from_statsmodels("star98")
    share = frame["NABOVE"] / (frame["NABOVE"] + frame["NBELOW"])
    single = [name for name in frame.columns if "_" not in name and name not in ("NABOVE", "NBELOW")]
    return frame[single].assign(share=share)


def fair() -> pd.DataFrame:
    """Whether a married woman had an affair."""
    frame = from_statsmodels("fair")
    frame = as_categories(frame, "occupation", "occupation_husb")
    return some_rows(frame.assign(affair=frame["affairs"] > 0).drop(columns="affairs"), MOST_ROWS)


def randhie() -> pd.DataFrame:
    """Visits to doctors in the RAND health insurance experiment."""
    return some_rows(from_statsmodels("randhie"), MOST_ROWS)


def modechoice() -> pd.DataFrame:
    """How 210 travellers went, from the times and costs of all four ways."""
    frame = from_statsmodels("modechoice")
    wide = frame.pivot(index="individual", columns="mode", values=["ttme", "invc", "invt", "gc"])
    wide.columns = ["_".join(map(str, pair)) for pair in wide.columns.to_flat_index()]
    # The time at the terminal of a car is zero for all.
    wide = wide.loc[:, wide.nunique() > 1]
    own = frame.groupby("individual")[["hinc", "psize"]].first()
    chosen = frame[frame["choice"] == 1].set_index("individual")["mode"]
    return wide.join(own).assign(mode=chosen)


def anes96() -> pd.DataFrame:
    """Clinton or Dole, from opinions and circumstances."""
    return from_statsmodels("anes96").drop(columns="popul")


def grunfeld() -> pd.DataFrame:
    """Investment of firms over years."""
    return from_statsmodels("grunfeld")


def generated(maker: str, **settings: Any) -> pd.DataFrame:
    """Of one of scikit-learn's generators."""
    import sklearn.datasets

    return with_outcome(*getattr(sklearn.datasets, maker)(random_state=2026, **settings))


def _generated(name: str, task: Task, maker: str, **settings: Any) -> Source:
    return Source(name, task, "y", partial(generated, maker, **settings))


def _ours(name: str, task: Task, target: str) -> Source:
    return Source(name, task, target, partial(from_lamina, name))


REPORTED: tuple[Source, ...] = (
    _ours("hitters", REGRESSION, "Salary"),
    _ours("boston", REGRESSION, "medv"),
    Source("nyse", REGRESSION, "log_volume", nyse),
    _ours("diabetes", REGRESSION, "progression"),
    Source("auto", REGRESSION, "mpg", auto),
    _ours("carseats", REGRESSION, "Sales"),
    Source("star98", REGRESSION, "share", star98),
    Source("randhie", REGRESSION, "mdvis", randhie),
    Source("grunfeld", REGRESSION, "invest", grunfeld),
    _generated("friedman1", REGRESSION, "make_friedman1", n_samples=500, noise=1.0),
    _generated("friedman2", REGRESSION, "make_friedman2", n_samples=500, noise=125.0),
    _generated("friedman3", REGRESSION, "make_friedman3", n_samples=500, noise=0.1),
    _generated(
        "sparse", REGRESSION, "make_regression", n_samples=300, n_features=100, n_informative=10, noise=100.0
    ),
    _ours("breast_cancer", CLASSIFICATION, "diagnosis"),
    _ours("wine", CLASSIFICATION, "cultivar"),
    _ours("digits", CLASSIFICATION, "digit"),
    _ours("oj", CLASSIFICATION, "Purchase"),
    _ours("caravan", CLASSIFICATION, "Purchase"),
    Source("smarket", CLASSIFICATION, "Direction", smarket),
    Source("default", CLASSIFICATION, "default", default),
    Source("fair", CLASSIFICATION, "affair", fair),
    Source("modechoice", CLASSIFICATION, "mode", modechoice),
    Source("anes96", CLASSIFICATION, "vote", anes96),
    _generated("moons", CLASSIFICATION, "make_moons", n_samples=500, noise=0.3),
    _generated(
        "two_classes",
        CLASSIFICATION,
        "make_classification",
        n_samples=1000,
        n_features=20,
        n_informative=5,
        flip_y=0.05,
    ),
    _generated(
        "four_classes",
        CLASSIFICATION,
        "make_classification",
        n_samples=1000,
        n_features=12,
        n_informative=6,
        n_classes=4,
    ),
)
