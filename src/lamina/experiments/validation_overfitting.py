"""Overfitting the validation set: the best of k settings looks ever better, and is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.equivalence import Rows
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings, Row, counted
from lamina.experiments.validation_overfitting_data import (
    HITTERS_TRAINING,
    HITTERS_VALIDATION,
    NOISE,
    TRAINING,
    VALIDATION,
    Array,
    Draw,
    Errors,
    Setting,
    hitters_split,
    measure,
    random_settings,
    seeds_of_one,
    simulated,
)
from lamina.experiments.validation_overfitting_theory import (
    Spread,
    best_of,
    expected_optimism,
    normal_errors,
    resampled_errors,
)

TITLE = "how much better the best of k settings looks on the rows that chose it"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 5.1; Cawley and Talbot "
    "(2010), On over-fitting in model selection and subsequent selection bias in performance evaluation."
)
WIDTHS, EPOCHS, FRESH = (4, 16, 64), 200, 2000
TRIED = (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300)
SHOWN = (1, 3, 10, 30, 100, 300)
CHUNK = 5
"""Draws of one population."""
SIMULATIONS = 200
THEORIES = {"normal errors": normal_errors, "rows drawn again": resampled_errors}
RANDOM, SEEDS, HITTERS = "random settings", "one setting, k seeds", "Hitters, random settings"

REMARKS = (
    f"Simulated: {TRAINING} training rows, {VALIDATION} validation rows, ten columns, Friedman's first function, noise of about "
    f"its variance; squared error, of which {NOISE**2:g} is noise. Hitters: {HITTERS_TRAINING} training and {HITTERS_VALIDATION} "
    "validation rows, the other 100 fresh; absolute error in standard deviations of the salary. A network has one hidden layer "
    "of 4, 16 or 64 rectifiers, dropout 0 to 0.5, ridge 10^-5 to 10^-1 and Adam's rate 10^-3 to 10^-1, uniform on the log "
    "scale, and its own seed; 200 full-batch epochs. The one setting: 16 units, dropout 0.2, ridge 0.001, rate 0.01.",
    "All settings of a draw are fitted once; what is averaged over draws is the mean over all sets of k of them, which is exact: "
    "the chance that the j-th best is the best of k is a ratio of binomial coefficients. Fresh errors of the simulated draws are "
    f"those of {FRESH:,} new rows, without their noise.",
    "Optimism is the fresh error of the chosen less its validation error, and less the mean of that difference over all "
    "settings: zero on average over draws, it is the luck that all settings share on the same rows. The same is taken from the "
    "error on rows that chose nothing, where it is compared with the fresh one.",
    "'Normal errors' are validation errors drawn as normal about the fresh ones, with the covariance of the losses of fresh rows "
    "over the number of validation rows; 'rows drawn again' are fresh rows drawn in their place, as skew as squared errors are: "
    "no validation row enters. 'sqrt(2 log k)' times the standard error of what a setting does not share with the others is the "
    "asymptote for settings equally good, and too much where they differ in quality.",
    "Rows that choose nothing give the error of the chosen without optimism, whatever k: that is what nested validation does. "
    "For the simulated draws these are as many further rows as the validation set has, and both sets take both parts in turn.",
)


@dataclass(frozen=True)
class Kind:
    """A population: where rows come from, which settings are tried on them, whether normal theory is asked."""

    name: str
    draw: Callable[[int], Draw]
    settings: Callable[[int, int, Sequence[int]], list[Setting]]
    theory: bool


@dataclass(frozen=True, eq=False)
class Found:
    """Errors of the best of k, one row a draw, shape (draws, k); the first k is 1.

    Attributes
    ----------
    seen, fresh, honest, oracle
        Validation error of the chosen; its fresh error; its error on as many rows that chose nothing; the smallest fresh error
        of the k.
    expected
        Optimism by theory, under its name.
    spreads
        One a draw.
    """

    name: str
    tried: tuple[int, ...]
    seen: Array
    fresh: Array
    oracle: Array
    honest: Array | None
    expected: dict[str, Array]
    spreads: tuple[Spread, ...]

    @property
    def optimism(self) -> Array:
        """Fresh error of the chosen less its validation error, and less what all settings share: the difference at k = 1."""
        return _beyond_first(self.fresh - self.seen)

    @property
    def dishonesty(self) -> Array | None:
        """Error of the chosen on rows that chose nothing less its fresh error, and less the difference at k = 1."""
        return None if self.honest is None else _beyond_first(self.honest - self.fresh)

    @property
    def bounds(self) -> Array:
        """sqrt(2 log k) standard errors, by draw."""
        return np.array([[spread.bound(k) for k in self.tried] for spread in self.spreads])

    @property
    def n_draws(self) -> int:
        """Number of draws."""
        return len(self.seen)

    def at(self, k: int) -> int:
        """The column of k."""
        return self.tried.index(k)


def _beyond_first(values: Array) -> Array:
    return np.asarray(values - values[:, :1])


def choose(name: str, errors: Sequence[Errors], tried: Sequence[int], theory: bool) -> Found:
    """The best of k by validation error in every draw, averaged over all sets of k.

    Where there are as many rows that chose nothing, both sets of rows take both parts in turn, which halves the noise.
    """

    def curves(of: Callable[[Errors], tuple[Array, Array]]) -> Array:
        return np.array(
            [np.mean([best_of(tried, *of(part)) for part in _both_ways(each)], axis=0) for each in errors]
        )

    def expected(which: str, number: int, each: Errors) -> Array:
        rng = np.random.default_rng([41, number])
        drawn = THEORIES[which](each.losses, each.n_validation, SIMULATIONS, rng)
        return expected_optimism(tried, each.fresh, drawn)

    honest = all(each.honest is not None for each in errors)
    return Found(
        name,
        tuple(tried),
        curves(lambda each: (each.validation, each.validation)),
        curves(lambda each: (each.validation, each.fresh)),
        curves(lambda each: (each.fresh, each.fresh)),
        curves(lambda each: (each.validation, np.asarray(each.honest))) if honest else None,
        {
            which: np.array([expected(which, number, each) for number, each in enumerate(errors)])
            for which in (THEORIES if theory else ())
        },
        tuple(Spread.of(each.losses, each.n_validation) for each in errors),
    )


def _both_ways(errors: Errors) -> list[Errors]:
    if errors.honest is None:
        return [errors]
    return [errors, replace(errors, validation=errors.honest, honest=errors.validation)]


def run(quick: bool, progress: bool) -> Findings:
    """Every kind of population."""
    tried = (1, 3, 12) if quick else TRIED
    n_draws, epochs, n_fresh = (2, 5, 200) if quick else (40, EPOCHS, FRESH)
    widths = WIDTHS[:1] if quick else WIDTHS
    hitters = Rows.hitters()
    kinds = (
        Kind(RANDOM, lambda number: simulated(number, n_fresh), random_settings, True),
        Kind(SEEDS, lambda number: simulated(number, n_fresh), seeds_of_one, True),
        Kind(HITTERS, lambda number: hitters_split(hitters, number), random_settings, False),
    )
    found, total = [], len(kinds) * n_draws * tried[-1]
    clock = time.perf_counter()
    with counted_up(total, "networks", progress) as advance:
        for kind in kinds:
            errors: list[Errors] = []
            for first in range(0, n_draws, CHUNK):
                numbers = range(first, min(first + CHUNK, n_draws))
                settings = [kind.settings(number, tried[-1], widths) for number in numbers]
                errors += measure([kind.draw(number) for number in numbers], settings, epochs, advance)
            found.append(choose(kind.name, errors, tried, kind.theory))
    seconds = time.perf_counter() - clock
    return Findings(
        tuple(row for each in found for row in _rows(each)),
        (
            *REMARKS,
            f"{total:,} networks in {seconds:.0f} seconds, compilation included, {1000 * seconds / total:.1f} ms a fit.",
        ),
        tables=tuple(_table(each) for each in found),
        picture=partial(_picture, tuple(found)),
    )


def _rows(found: Found) -> Iterator[Row]:
    most = found.tried[-1]
    section = f"{found.name[0].upper()}{found.name[1:]}, {counted(found.n_draws, 'draw')}"
    yield _row(section, f"optimism of the best of {most}", found.optimism[:, -1])
    yield _row(
        section,
        f"in standard errors; sqrt(2 log {most}) = {np.sqrt(2 * np.log(most)):.2f}",
        _ratios(found),
    )
    yield _row(section, f"gained by {most} tries, as it seems", found.seen[:, 0] - found.seen[:, -1])
    yield _row(section, f"gained by {most} tries, in truth", found.fresh[:, 0] - found.fresh[:, -1])
    if found.dishonesty is not None:
        yield _row(section, "rows that chose nothing, minus fresh", found.dishonesty[:, -1])
    for what, values in (
        ("standard error of a validation error", [spread.error for spread in found.spreads]),
        ("of these errors, the correlation", [spread.correlation for spread in found.spreads]),
        ("standard deviation of fresh errors", [spread.quality for spread in found.spreads]),
    ):
        yield Row(section, what, tuple(values), form=".3f")


def _ratios(found: Found) -> Array:
    return np.asarray(found.optimism[:, -1] / np.array([spread.own for spread in found.spreads]))


def _row(section: str, quantity: str, values: Array) -> Row:
    """With the 95 % interval of the mean over draws, by Student's t."""
    from scipy.stats import t

    estimate = Estimate.of(values)
    note = ""
    if estimate.error:
        half = float(t.isf(0.025, len(values) - 1)) * estimate.error
        note = f"95 %: {estimate.mean - half:+.2f} to {estimate.mean + half:+.2f}"
    return Row(section, quantity, tuple(map(float, values)), form="+.2f", note=note)


def _table(found: Found) -> CrossTable:
    lines: dict[str, Array | None] = {
        "validation error of the chosen": found.seen,
        "its error on rows that chose nothing": found.honest,
        "its fresh error": found.fresh,
        "smallest fresh error of the k": found.oracle,
        "optimism": found.optimism,
        **{f"optimism, {name}": values for name, values in found.expected.items()},
        "sqrt(2 log k) standard errors": found.bounds,
    }
    shown = [k for k in found.tried if k in SHOWN or k == found.tried[-1]]
    places = [found.at(k) for k in shown]
    rows = tuple(
        (name, tuple(Estimate.of(values[:, place]) for place in places))
        for name, values in lines.items()
        if values is not None
    )
    title = f"{found.name}: the best of k by validation error, {counted(found.n_draws, 'draw')} ± standard error, by k"
    return CrossTable(title[0].upper() + title[1:], tuple(f"k = {k}" for k in shown), rows, ".2f")


def _picture(found: Sequence[Found], path: object) -> None:
    from lamina.experiments.validation_overfitting_picture import draw

    draw(path, found)
