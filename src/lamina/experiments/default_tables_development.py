"""The tables on which defaults may be chosen: real ones that packages have beside their tests, and simulated truths."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.default_tables_data import (
    CLASSIFICATION,
    REGRESSION,
    Source,
    as_categories,
    from_lamina,
    from_package,
    from_statsmodels,
    lagged,
    some_rows,
    with_outcome,
)

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
MOST_ROWS = 1500


def births() -> pd.DataFrame:
    """Births in Pennsylvania, without columns that another one follows from."""
    frame = from_package("treatment/tests/results/cataneo2.csv")
    derived = ["mbsmoke_", "mmarried_", "fbaby_", "prenatal1_", "mage2", "lbweight", "msmoke", "prenatal1"]
    return some_rows(frame.drop(columns=derived), MOST_ROWS)


def private_insurance() -> pd.DataFrame:
    """Whether someone of 65 or more has private insurance."""
    frame = from_package("sandbox/regression/tests/racd10data_with_transformed.csv")
    kept = ["age", "educyr", "medicaid", "female", "phylim", "actlim", "income", "totchr", "docvis"]
    return some_rows(frame[[*kept, "private"]], MOST_ROWS)


def doctor_visits() -> pd.DataFrame:
    """Logarithm of one plus the visits to a doctor."""
    frame = from_package("sandbox/regression/tests/racd10data_with_transformed.csv")
    kept = ["age", "educyr", "medicaid", "private", "female", "phylim", "actlim", "income", "totchr"]
    return frame[kept].assign(visits=np.log1p(frame["docvis"])).sample(1000, random_state=0)


def wages() -> pd.DataFrame:
    """Logarithm of the wages of young men in 1980, from what was known of them before."""
    frame = from_package("sandbox/regression/tests/griliches76.dta").astype(float)
    return as_categories(frame.drop(columns=["lw", "tenure80", "expr80"]), "year")


def car_prices() -> pd.DataFrame:
    """Logarithm of prices of cars of 1985: categories, and gaps."""
    frame = from_package("gam/tests/results/autos.csv").dropna(subset="price")
    return frame.assign(price=np.log(frame["price"]))


def pigs() -> pd.DataFrame:
    """The weight of pigs by week, fodder and litter."""
    frame = from_package("regression/tests/results/dietox.csv").drop(columns="Pig")
    return as_categories(frame, "Evit", "Cu", "Litter")


def framing() -> pd.DataFrame:
    """Whether someone sends a message to Congress after reading on immigration."""
    frame = from_package("stats/tests/results/framing.csv")
    return frame.drop(columns=["Unnamed: 0", "cond"])


def seizures() -> pd.DataFrame:
    """Epileptic seizures in two weeks."""
    frame = from_package("genmod/tests/results/epil.csv")
    return frame[["y", "trt", "base", "age", "period"]]


def low_birth_weight() -> pd.DataFrame:
    """Whether a child weighs less than 2,500 g."""
    return from_package("genmod/tests/results/stata_lbw_glm.csv").drop(columns=["id", "bwt"])


def fertility() -> pd.DataFrame:
    """Fertility of countries in 2010 from the 1960s: columns that say nearly the same, and gaps."""
    frame = from_statsmodels("fertility").dropna(subset="2010")
    return frame[[str(year) for year in range(1960, 1970)] + ["2010"]].astype(float)


def sunspots() -> pd.DataFrame:
    """Sunspots of a year from the nine years before."""
    return lagged(from_statsmodels("sunspots"), ["SUNACTIVITY"], 9).drop(columns="YEAR")


def mnist() -> pd.DataFrame:
    """Digits by the mean of 49 squares of 4 x 4 pixels."""
    from lamina.data.datasets import load_mnist, locate

    locate("mnist", download=False)
    (images, labels), _ = load_mnist()
    pooled = np.asarray(images[:1000], np.float64).reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
    return with_outcome(pooled.reshape(len(pooled), -1), np.asarray(labels[:1000]).astype(np.int64))


def linear_signal(x: Array) -> Array:
    """A dense linear function."""
    return np.asarray(x @ np.random.default_rng(1).normal(size=x.shape[1]))


def additive_signal(x: Array) -> Array:
    """A sum of curves."""
    return np.asarray(np.sin(2 * x[:, 0]) + x[:, 1] ** 2 / 2 + np.exp(-(x[:, 2] ** 2)) * 2 + np.abs(x[:, 3]))


def interaction_signal(x: Array) -> Array:
    """Products of columns."""
    return x[:, 0] * x[:, 1] + x[:, 2] * (x[:, 3] > 0) + 0.5 * x[:, 4]


def step_signal(x: Array) -> Array:
    """Constant on boxes, as trees like it."""
    box = (x[:, 0] > 0) & (x[:, 1] > -0.5)
    return np.asarray(2.0 * box + 1.0 * (x[:, 2] > 0.5) - 1.0 * (np.abs(x[:, 3]) < 0.3))


def deep_signal(x: Array) -> Array:
    """Waves of waves of linear functions."""
    rng = np.random.default_rng(2)
    for _ in range(3):
        x = np.sin(x @ rng.normal(size=(x.shape[1], 6)) * 1.2 / np.sqrt(x.shape[1]) + rng.normal(size=6))
    return np.asarray(2 * x.sum(axis=1))


def simulated(signal: Any, n: int, p: int, ratio: float, heavy: bool = False) -> pd.DataFrame:
    """Normal columns (or with the tails of Student's t with three degrees), a signal, and ``ratio`` of its sd as noise."""
    rng = np.random.default_rng([n, p])
    x = rng.standard_t(3, size=(n, p)) if heavy else rng.normal(size=(n, p))
    mean = signal(x)
    return with_outcome(x, mean + ratio * mean.std() * rng.normal(size=n))


def with_towns() -> pd.DataFrame:
    """Classes that depend on a category of twelve levels, a skewed number, and their product."""
    rng = np.random.default_rng(3)
    town, size = rng.integers(0, 12, 800), rng.lognormal(0, 1, 800)
    effect, slope = rng.normal(size=12), rng.normal(size=12)
    z = effect[town] + slope[town] * np.log(size) + rng.logistic(size=800)
    return with_outcome(np.column_stack([size, rng.normal(size=(800, 3))]), (z > 0).astype(np.int64)).assign(
        town=[f"town {number}" for number in town]
    )


def rings(n: int) -> pd.DataFrame:
    """Two rings in the plane among four columns of noise."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 2, n)
    radius, angle = 1 + 0.7 * y + rng.normal(0, 0.3, n), rng.uniform(0, 2 * np.pi, n)
    x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), rng.normal(size=(n, 4))])
    return with_outcome(x, y)


def rare() -> pd.DataFrame:
    """One row in ten of the second class, told by six of fifteen columns."""
    from sklearn.datasets import make_classification

    x, y = make_classification(1200, 15, n_informative=6, weights=[0.9], class_sep=0.8, random_state=11)
    return with_outcome(x, y)


def quantiles() -> pd.DataFrame:
    """Three shells of a normal cloud in five dimensions."""
    from sklearn.datasets import make_gaussian_quantiles

    x, y = make_gaussian_quantiles(n_samples=600, n_features=5, n_classes=3, random_state=12)
    return with_outcome(x, y)


def _simulated(name: str, signal: Any, n: int, p: int, ratio: float, heavy: bool = False) -> Source:
    return Source(name, REGRESSION, "y", partial(simulated, signal, n, p, ratio, heavy))


DEVELOPMENT: tuple[Source, ...] = (
    Source("birth_weight", REGRESSION, "bweight", births),
    Source("doctor_visits", REGRESSION, "visits", doctor_visits),
    Source("wages", REGRESSION, "lw80", wages),
    Source("car_prices", REGRESSION, "price", car_prices),
    Source("pigs", REGRESSION, "Weight", pigs),
    Source("seizures", REGRESSION, "y", seizures),
    Source("fertility", REGRESSION, "2010", fertility),
    Source("sunspots", REGRESSION, "SUNACTIVITY", sunspots),
    Source("engel", REGRESSION, "foodexp", partial(from_statsmodels, "engel")),
    Source("cancer", REGRESSION, "cancer", partial(from_statsmodels, "cancer")),
    _simulated("linear", linear_signal, 200, 20, 1.0),
    _simulated("additive", additive_signal, 500, 8, 0.5),
    _simulated("interactions", interaction_signal, 800, 10, 0.5),
    _simulated("steps", step_signal, 800, 8, 0.4),
    _simulated("deep", deep_signal, 1000, 6, 0.3),
    _simulated("heavy_tails", additive_signal, 600, 6, 0.5, True),
    Source("iris", CLASSIFICATION, "species", partial(from_lamina, "iris")),
    Source("low_birth_weight", CLASSIFICATION, "low", low_birth_weight),
    Source("framing", CLASSIFICATION, "cong_mesg", framing),
    Source("smoking", CLASSIFICATION, "mbsmoke", births),
    Source("private_insurance", CLASSIFICATION, "private", private_insurance),
    Source("mnist", CLASSIFICATION, "y", mnist),
    Source("towns", CLASSIFICATION, "y", with_towns),
    Source("rings", CLASSIFICATION, "y", partial(rings, 500)),
    Source("rare", CLASSIFICATION, "y", rare),
    Source("quantiles", CLASSIFICATION, "y", quantiles),
)
