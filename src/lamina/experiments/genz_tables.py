"""Errors on Genz's functions, summed up by family, size, dimension and design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.crosstable import CrossTable, Estimate, starred
from lamina.experiments.genz_functions import FAMILIES
from lamina.experiments.genz_networks import BASE, Trial, log_error

Array = NDArray[np.float64]
NAMES = tuple(family.name for family in FAMILIES)
SHORT = ("oscillat.", "product", "corner", "Gaussian", "continuous", "discont.")
MEAN, MAXIMUM = 0, 1
NETWORK = "network"
BY_FAMILY_AT = 100
RUN_AWAY = 100.0


@dataclass(frozen=True, eq=False)
class Study:
    """Errors by model: arrays of shape (families, dimensions, sizes, draws, 2), NaN where nothing was run.

    Attributes
    ----------
    dimensions, sizes, more, draws
        The factors; ``more`` are the sizes of the base design and the baselines alone.
    """

    dimensions: tuple[int, ...]
    sizes: tuple[int, ...]
    more: tuple[int, ...]
    draws: int
    errors: dict[str, Array] = field(default_factory=dict)

    @property
    def all_sizes(self) -> tuple[int, ...]:
        """Sizes of the base design."""
        return (*self.sizes, *self.more)

    def of(self, model: str) -> Array:
        """The errors of a model, to be filled if it is new."""
        shape = (len(NAMES), len(self.dimensions), len(self.all_sizes), self.draws, 2)
        return self.errors.setdefault(model, np.full(shape, np.nan))

    def take(self, trials: Sequence[Trial], errors: Array) -> None:
        """Note the errors of fits."""
        for trial, error in zip(trials, errors, strict=True):
            place = (trial.family, *self.place(trial.sample.d, trial.n), trial.sample.draw)
            self.of(trial.design.name)[place] = error

    def place(self, d: int, n: int) -> tuple[int, int]:
        """Where a dimension and a size stand."""
        return self.dimensions.index(d), self.all_sizes.index(n)

    @property
    def run_away(self) -> int:
        """Fits whose mean error is beyond a hundred standard deviations."""
        return sum(int((errors[..., MEAN] > RUN_AWAY).sum()) for errors in self.errors.values())

    @property
    def baselines(self) -> tuple[str, ...]:
        """Models that are no networks, then designs: those without a colon in their name, but for the base."""
        return tuple(name for name in self.errors if ":" not in name and name != BASE.name)

    @property
    def others(self) -> tuple[str, ...]:
        """All models but the base, networks first."""
        designs = tuple(name for name in self.errors if ":" in name)
        return (*designs, *self.baselines)


def tables(study: Study) -> tuple[CrossTable, ...]:
    """The base design by family and size in each dimension, then every other design and model against it."""
    return (
        *(_errors_table(study, d) for d in study.dimensions),
        _maximum_table(study),
        _differences_table(study),
        _ratios_table(study),
        _family_table(study),
        _dimension_table(study),
    )


def _points(sizes: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{n:,} points" if place == 0 else f"{n:,}" for place, n in enumerate(sizes))


def _beside(study: Study) -> dict[str, str]:
    """Labels of the base design and the baselines."""
    return {NETWORK: BASE.name} | {name: name for name in study.baselines}


def _errors_table(study: Study, d: int) -> CrossTable:
    place = study.dimensions.index(d)
    rows = tuple(
        (
            f"{family}: {label}",
            tuple(_estimate(values[..., MEAN]) for values in study.errors[name][number, place]),
        )
        for number, family in enumerate(NAMES)
        for label, name in _beside(study).items()
    )
    title = f"Mean error in standard deviations, {d} dimensions; ± standard error over {study.draws} draws"
    return CrossTable(title, _points(study.all_sizes), rows)


def _maximum_table(study: Study) -> CrossTable:
    rows = tuple(
        (
            f"{d} dimensions: {label}",
            tuple(_estimate(values) for values in study.errors[name][:, place, ..., MAXIMUM].mean(axis=0)),
        )
        for place, d in enumerate(study.dimensions)
        for label, name in _beside(study).items()
    )
    title = "Maximum error at 1,000 test points in standard deviations, mean over the six families"
    return CrossTable(title, _points(study.all_sizes), rows, ".2f")


def _estimate(values: Array) -> Estimate | None:
    return None if np.isnan(values).any() else Estimate.of(values)


def _differences_table(study: Study) -> CrossTable:
    def difference(name: str, size: int) -> Array:
        change = study.errors[name][..., size, :, MEAN] - study.errors[BASE.name][..., size, :, MEAN]
        return np.asarray(change.mean(axis=(0, 1)))

    title = (
        "Mean error minus that of the base design on the same points, mean over families and dimensions; "
        "below zero is better"
    )
    return CrossTable(
        title, _points(study.all_sizes), _compared(study, len(study.all_sizes), difference), "+.3f"
    )


def _log_ratio(study: Study, name: str) -> Array:
    logs = np.vectorize(log_error)
    ratio: Array = logs(study.errors[name][..., MEAN]) - logs(study.errors[BASE.name][..., MEAN])
    return ratio


def _ratios_table(study: Study) -> CrossTable:
    title = "Ratio of the mean error to that of the base design, geometric mean over families and dimensions"
    ratios = {name: _log_ratio(study, name) for name in study.others}
    rows = _compared(
        study, len(study.all_sizes), lambda name, size: ratios[name][:, :, size].mean(axis=(0, 1))
    )
    return CrossTable(title, _points(study.all_sizes), _as_ratios(rows), ".2f")


def _family_table(study: Study) -> CrossTable:
    size = study.sizes.index(BY_FAMILY_AT)
    title = f"The same ratio by family at {BY_FAMILY_AT} points, geometric mean over dimensions"
    ratios = {name: _log_ratio(study, name) for name in study.others}
    rows = _compared(study, len(NAMES), lambda name, family: ratios[name][family, :, size].mean(axis=0))
    return CrossTable(title, SHORT, _as_ratios(rows), ".2f")


def _dimension_table(study: Study) -> CrossTable:
    size = study.sizes.index(BY_FAMILY_AT)
    title = f"The same ratio by dimension at {BY_FAMILY_AT} points, geometric mean over families"
    ratios = {name: _log_ratio(study, name) for name in study.others}
    rows = _compared(
        study, len(study.dimensions), lambda name, place: ratios[name][:, place, size].mean(axis=0)
    )
    columns = tuple(f"{d} dimensions" if place == 0 else f"{d}" for place, d in enumerate(study.dimensions))
    return CrossTable(title, columns, _as_ratios(rows), ".2f")


Rows = tuple[tuple[str, tuple[Estimate | None, ...]], ...]


def _compared(study: Study, columns: int, values: Callable[[str, int], Array]) -> Rows:
    """Estimates of every other model by column, from one value a draw."""
    found = [[values(name, column) for column in range(columns)] for name in study.others]
    present = [[None if np.isnan(each).any() else each for each in row] for row in found]
    return tuple(zip(study.others, starred(present), strict=True))


def _as_ratios(rows: Rows) -> Rows:
    """Means of logarithms as ratios, their standard errors to first order."""

    def ratio(estimate: Estimate | None) -> Estimate | None:
        if estimate is None:
            return None
        mean = float(np.exp(estimate.mean))
        return replace(estimate, mean=mean, error=None if estimate.error is None else mean * estimate.error)

    return tuple((label, tuple(ratio(each) for each in estimates)) for label, estimates in rows)
