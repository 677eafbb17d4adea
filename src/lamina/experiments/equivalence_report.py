"""Rows, table and picture of networks with disturbed inputs beside ridge regression."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.equivalence import Fitted, Rows, closest_strengths
from lamina.experiments.report import Row, counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS, NOISE, ONE = "#d1495b", "grey", "#1f6f8b"


@dataclass(frozen=True, eq=False)
class Comparison:
    """A fit of all settings with what they are called: "rate" and (0.1, 0.2, ...), say."""

    rows: Rows
    fitted: Fitted
    what: str
    settings: tuple[float, ...]

    @property
    def n_seeds(self) -> int:
        """Fits of each setting."""
        return int(self.fitted.coefficients.shape[1])

    def strength_rows(self) -> Iterator[Row]:
        """The ridge coefficient that each fit is nearest to, beside the theory's."""
        section = (
            "Ridge coefficient / n whose solution is nearest to what the network learnt; published: the theory's; "
            f"{counted(self.n_seeds, 'seed')}"
        )
        for setting, strength, learnt in zip(
            self.settings, self.fitted.strengths, self.fitted.coefficients, strict=True
        ):
            nearest = tuple(map(float, closest_strengths(self.rows, learnt)))
            yield Row(section, f"{self.what} {setting:g}", nearest, float(f"{strength:.4g}"), ".4f")

    def table(self) -> CrossTable:
        """Distances from ridge regression, in per cent of the length of its coefficients."""
        fitted = self.fitted
        lines = zip(
            self.settings,
            fitted.of_each,
            fitted.of_means,
            fitted.of_noise,
            fitted.of_least_squares,
            strict=True,
        )
        return CrossTable(
            "Distance of the coefficients from those of ridge regression, % of their length: of a single fit, of the mean "
            "over the seeds, what its standard errors alone would make, and of least squares",
            ("one fit", "mean of fits", "standard errors", "least squares"),
            tuple(
                (
                    f"{self.what} {setting:g}",
                    (
                        Estimate.of(100 * each),
                        *(Estimate(100 * float(value)) for value in (mean, noise, least)),
                    ),
                )
                for setting, each, mean, noise, least in lines
            ),
            ".2f",
        )

    def verdict(self) -> str:
        """How far the coefficients are from ridge regression, in standard errors."""
        fitted = self.fitted
        away = np.abs(fitted.means - fitted.ridge) / fitted.errors
        return (
            f"Of the {away.size} coefficients ({len(self.settings)} settings, {away.shape[1]} predictors), means over "
            f"{counted(self.n_seeds, 'seed')}, {np.mean(away < 2):.0%} are within 2 standard errors of ridge regression; under "
            f"the theory Student's t gives {_within(2, self.n_seeds):.0%}. They are not independent: settings share their seeds."
        )

    def draw(self, path: Any) -> None:
        """Coefficient paths of both, and the distance between the two."""
        from matplotlib.figure import Figure

        figure: Any = Figure(figsize=(10, 4.6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
        self._draw_paths(left)
        self._draw_distances(right)
        figure.savefig(path, dpi=130)

    def _draw_paths(self, axes: Axes) -> None:
        from matplotlib import colormaps

        fitted, n = self.fitted, len(self.rows.y)
        fine = np.geomspace(fitted.strengths[0] / 1.5, fitted.strengths[-1] * 1.5, 100)
        scale = np.diag(self.rows.x.T @ self.rows.x) / n
        paths = np.array([self.rows.ridge(n * strength * scale) for strength in fine])
        colours = colormaps["tab20"](np.arange(paths.shape[1]) % 20)
        for column, colour in enumerate(colours):
            axes.plot(fine, paths[:, column], color=colour, linewidth=1)
            axes.errorbar(
                fitted.strengths,
                fitted.means[:, column],
                2 * fitted.errors[:, column],
                fmt="o",
                color=colour,
                markersize=3,
                linewidth=1,
            )
        axes.set_xscale("log")
        axes.set_xlabel("ridge coefficient / n")
        axes.set_ylabel("coefficient of a standardised predictor")
        axes.set_title(
            f"lines: ridge regression; dots: linear network,\nmean of {self.n_seeds} seeds ± 2 standard errors",
            fontsize=9,
        )
        axes.spines[["top", "right"]].set_visible(False)

    def _draw_distances(self, axes: Axes) -> None:
        fitted = self.fitted
        lines: Sequence[tuple[Any, str, str, str]] = (
            (fitted.of_least_squares, "least squares", "black", "-"),
            (fitted.of_each.mean(axis=1), "one fit", ONE, "-"),
            (fitted.of_means, f"mean of {self.n_seeds} fits", OURS, "-"),
            (fitted.of_noise, "expected of its standard errors", NOISE, "--"),
        )
        for values, name, colour, style in lines:
            axes.plot(
                fitted.strengths, 100 * values, style, color=colour, marker="o", markersize=3, label=name
            )
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("ridge coefficient / n")
        axes.set_title("distance from ridge regression, %", fontsize=9)
        axes.legend(fontsize=8, frameon=False)
        axes.spines[["top", "right"]].set_visible(False)


def _within(bound: float, n: int) -> float:
    from scipy.stats import t

    return float(1 - 2 * t.sf(bound, n - 1))
