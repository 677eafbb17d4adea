"""Errors of every setting of a grid with three factors: as arrays, as a table, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lamina.experiments.crosstable import CrossTable, Estimate

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]
Place = tuple[int, int, int]
SIMPLE = {"linear model": "black", "lasso": "#777777"}


@dataclass(frozen=True, eq=False)
class Surface:
    """Errors by width, dropout, ridge and fold: ``errors`` has shape (widths, dropouts, ridges, folds).

    Attributes
    ----------
    chosen
        Where the one-standard-error rule points.
    simple
        Errors of the linear model and of the lasso on the same folds.
    """

    widths: tuple[int, ...]
    dropouts: tuple[float, ...]
    ridges: tuple[float, ...]
    errors: Array
    chosen: Place
    simple: dict[str, tuple[float, ...]]

    @classmethod
    def of(
        cls,
        search: Any,
        widths: tuple[int, ...],
        dropouts: tuple[float, ...],
        ridges: tuple[float, ...],
        linear: tuple[float, ...],
        lasso: tuple[float, ...],
    ) -> Surface:
        """From a fitted search whose parameters stand in this order, the last one changing fastest."""
        results = search.cv_results_
        scores = np.array([results[f"split{fold}_test_score"] for fold in range(search.n_splits_)])
        shape = (len(widths), len(dropouts), len(ridges))
        place = np.unravel_index(search.best_index_, shape)
        errors = -scores.T.reshape(*shape, -1)
        return cls(
            widths, dropouts, ridges, errors, _place(place), dict(zip(SIMPLE, (linear, lasso), strict=True))
        )

    @property
    def means(self) -> Array:
        """Mean error of each setting."""
        return np.asarray(self.errors.mean(axis=-1))

    @property
    def standard_errors(self) -> Array:
        """Their standard errors over the folds."""
        return np.asarray(self.errors.std(axis=-1, ddof=1) / np.sqrt(self.errors.shape[-1]))

    @property
    def best(self) -> Place:
        """Where the mean error is smallest."""
        return _place(np.unravel_index(int(self.means.argmin()), self.means.shape))

    @property
    def within(self) -> NDArray[np.bool_]:
        """The settings within one standard error of the best."""
        return np.asarray(self.means <= self.means[self.best] + self.standard_errors[self.best])

    @property
    def n_within(self) -> int:
        """How many there are."""
        return int(self.within.sum())

    def at(self, place: Place) -> tuple[float, ...]:
        """Errors of one setting on every fold."""
        return tuple(map(float, self.errors[place]))

    def words(self, place: Place) -> str:
        """A setting in words, with its error."""
        width, dropout, ridge = self.widths[place[0]], self.dropouts[place[1]], self.ridges[place[2]]
        error = f"{self.means[place]:.1f} ± {self.standard_errors[place]:.1f}"
        return f"{width} units, dropout {dropout:g} and ridge {ridge:g} ({error})"

    def table(self) -> CrossTable:
        """Dropout and width down, ridge across."""

        def cell(place: Place) -> Estimate:
            return Estimate(
                float(self.means[place]), float(self.standard_errors[place]), bool(self.within[place])
            )

        return CrossTable(
            "The surface: mean absolute error ± standard error over the folds, by dropout and units (rows) and ridge (columns); "
            "* within one standard error of the best",
            tuple(f"{ridge:g}" for ridge in self.ridges),
            tuple(
                (
                    f"dropout {dropout:g}: {units} units",
                    tuple(cell((width, drop, ridge)) for ridge in range(len(self.ridges))),
                )
                for drop, dropout in enumerate(self.dropouts)
                for width, units in enumerate(self.widths)
            ),
            ".1f",
        )

    def draw(self, path: Any) -> None:
        """A panel for each rate of dropout, a line for each width, ridge across."""
        from matplotlib.figure import Figure

        figure: Any = Figure(figsize=(3 * len(self.dropouts) + 1.5, 4.6), layout="constrained")
        panels = figure.subplots(1, len(self.dropouts), sharey=True, squeeze=False)[0]
        for drop, axes in enumerate(panels):
            self._draw_panel(axes, drop)
        panels[0].set_ylabel("mean absolute error, thousand dollars")
        figure.legend(
            *panels[0].get_legend_handles_labels(), loc="outside right upper", fontsize=8, frameon=False
        )
        figure.savefig(path, dpi=130)

    def _draw_panel(self, axes: Axes, drop: int) -> None:
        from matplotlib import colormaps

        across = np.arange(len(self.ridges))
        colours = colormaps["viridis"](np.linspace(0, 0.9, len(self.widths)))
        for width, (units, colour) in enumerate(zip(self.widths, colours, strict=True)):
            shift = 0.12 * (width - (len(self.widths) - 1) / 2)
            axes.errorbar(
                across + shift,
                self.means[width, drop],
                self.standard_errors[width, drop],
                color=colour,
                marker="o",
                markersize=3,
                linewidth=1,
                elinewidth=0.6,
                label=f"{units} units",
            )
            for place, marker in ((self.best, "o"), (self.chosen, "*")):
                if place[:2] == (width, drop):
                    at = (place[2] + shift, self.means[place])
                    axes.plot(*at, marker, color="#d1495b", fillstyle="none", markersize=12, zorder=5)
        for name, errors in self.simple.items():
            axes.axhline(
                float(np.mean(errors)), color=SIMPLE[name], linewidth=0.9, linestyle="--", label=name
            )
        axes.set_xticks(across, [f"{ridge:g}" for ridge in self.ridges])
        axes.set_xlabel("ridge")
        axes.set_title(f"dropout {self.dropouts[drop]:g}{self._marks(drop)}", fontsize=9, loc="left")
        axes.spines[["top", "right"]].set_visible(False)

    def _marks(self, drop: int) -> str:
        """What is marked in a panel."""
        marks = [
            words
            for place, words in ((self.best, "ring: smallest"), (self.chosen, "star: one standard error"))
            if place[1] == drop
        ]
        return "".join(f"\n{words}" for words in marks)


def _place(indices: Sequence[Any]) -> Place:
    width, dropout, ridge = map(int, indices)
    return width, dropout, ridge
