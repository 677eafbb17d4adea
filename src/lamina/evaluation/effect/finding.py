"""Every kind of effect in turn: of the model as it is, and of its refits, whose spread gives the intervals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lamina.errors import SpecificationError
from lamina.evaluation.effect.assembling import assemble
from lamina.evaluation.effect.average import View, average_effects, chosen_step, contrasts_of
from lamina.evaluation.effect.columns import Column, chosen
from lamina.evaluation.effect.curves import Bins, accumulated_effects, grid_of, partial_dependences
from lamina.evaluation.effect.draws import Draws, draw_rows
from lamina.evaluation.effect.interactions import Pair, h_squared, some_rows, strongest_pairs
from lamina.evaluation.effect.intervals import bounds
from lamina.evaluation.effect.left_out import Exam, increase, refuse_one_column, row_losses, splits_of
from lamina.evaluation.effect.problem import Problem, Wishes, read
from lamina.evaluation.effect.refits import Refits, as_surface, refit
from lamina.evaluation.effect.result import Effects

__all__ = ["Wishes", "find"]

Values = NDArray[np.float64]
CURVE_ROWS = 1000
"""Rows that partial dependence averages over; of more, these many are drawn once."""


class Finding:
    """A problem, the model's view of its rows, and that of its refits."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.wishes = problem, problem.wishes
        self.notes = [
            f"{column.name} ({column.note}) has no slope or levels to compare"
            for column in problem.columns
            if column.kind == "other"
        ]
        self.seed = int(np.random.default_rng(self.wishes.random_state).integers(2**31 - 1))
        n = len(problem.table)
        self.whole = np.ones((1, n))
        self.view = View.of(as_surface([problem.model], problem.classes, problem.table), problem.table)
        self.again: View | None = None
        self.weights = self.whole
        self.finished = 0

    def refit(self) -> None:
        """Fit the bootstrap population, unless the rows alone are to vary."""
        problem, wishes = self.problem, self.wishes
        if not wishes.n_boot or problem.kinds == ("loco",):
            return
        draws = draw_rows(len(problem.table), wishes.n_boot, self.seed, problem.groups)
        if wishes.intervals == "data":
            self.again, self.weights, self.finished = self.view, draws.counts, len(draws)
            return
        found = self._refits(draws)
        draws = draws.kept(sorted(found.models))
        self.finished = len(draws)
        if len(draws) < 2:
            return
        surface = as_surface(
            [found.models[place] for place in sorted(found.models)], problem.classes, problem.table
        )
        self.again = View.of(surface, problem.table)
        self.weights = draws.counts if wishes.intervals == "bootstrap" else np.ones_like(draws.counts)

    def _refits(self, draws: Draws) -> Refits:
        from lamina.model_selection.counting import counting

        problem = self.problem
        with counting(len(draws), "refits", self.wishes.verbose) as tell:
            found = refit(problem.model, problem.table, problem.y, draws, problem.classes, tell)
        if found.first_error is not None and not found.models and not found.cut:
            raise found.first_error
        failed = sum(found.failures.values())
        if failed:
            reason, _ = found.failures.most_common(1)[0]
            self.notes.append(f"{failed} of {len(draws)} refits failed and are left out: {reason}")
        self.interrupted = found.cut > 0
        if found.cut:
            self.notes.append(
                f"interrupted: intervals come from the {len(found.models)} of {len(draws)} refits that were finished"
            )
        return found

    def estimate(self, statistic: Callable[[View, Values], Any]) -> tuple[Any, Any]:
        """A statistic of the model, and its values in the draws, of which there may be none."""
        point = statistic(self.view, self.whole)
        return point, None if self.again is None else statistic(self.again, self.weights)

    def bounds(self, point: Values, draws: Values | None) -> tuple[Values, Values, Values]:
        return bounds(point, draws, self.wishes.level, self.wishes.method)

    # Each of the following is one kind of effect.

    def ame(self) -> pd.DataFrame:
        """Average marginal effects."""
        contrasts = contrasts_of(self.problem.movable)
        if not contrasts:
            return pd.DataFrame()
        self.step = chosen_step(self.view, self.problem.movable, self.wishes.step)

        def statistic(view: View, weights: Values) -> Values:
            return average_effects(view, contrasts, weights, self.step)

        point, draws = self.estimate(statistic)
        limits = self.bounds(point[0], draws)
        rows = [
            {
                "column": contrast.column.name,
                "change": contrast.change,
                "output": output,
                **_row("ame", [values[number, k] for values in (point[0], *limits)]),
                "sd": contrast.column.sd,
            }
            for number, contrast in enumerate(contrasts)
            for k, output in enumerate(self.problem.outputs)
        ]
        return pd.DataFrame(rows).set_index("column")

    step = 0.0
    interrupted = False

    def ale(self) -> pd.DataFrame:
        """Accumulated local effects of the numbers."""
        bins = [
            Bins.of(column, self.wishes.grid) for column in self.problem.movable if column.kind == "numeric"
        ]
        bins = [each for each in bins if each.count]
        if not bins:
            return pd.DataFrame()
        point, draws = self.estimate(lambda view, weights: accumulated_effects(view, bins, weights))
        return self._curves(
            "ale", [each.column for each in bins], [each.edges for each in bins], point, draws
        )

    def pdp(self) -> pd.DataFrame:
        """Partial dependences."""
        columns = self.problem.movable
        if not columns:
            return pd.DataFrame()
        grids = [grid_of(column, self.wishes.grid) for column in columns]
        n = len(self.problem.table)
        rows = np.arange(n)
        if n > CURVE_ROWS:
            rows = np.sort(np.random.default_rng(self.seed).choice(n, CURVE_ROWS, replace=False))
            self.notes.append(
                f"partial dependence is averaged over {CURVE_ROWS:,} of the rows, the same in each draw"
            )

        def statistic(view: View, weights: Values) -> list[Values]:
            some = View(view.surface, view.table, view.surface.rows(view.base, rows))
            given = weights[:, rows] if n <= CURVE_ROWS else np.ones((len(weights), len(rows)))
            return partial_dependences(some, columns, grids, given)

        point, draws = self.estimate(statistic)
        return self._curves("pdp", columns, grids, point, draws)

    def _curves(
        self, kind: str, columns: Sequence[Column], values: Sequence[Any], point: Any, draws: Any
    ) -> pd.DataFrame:
        parts = []
        for number, (column, at) in enumerate(zip(columns, values, strict=True)):
            limits = self.bounds(point[number][0], None if draws is None else draws[number])
            for k, output in enumerate(self.problem.outputs):
                found = [each[:, k] for each in (point[number][0], *limits)]
                parts.append(
                    pd.DataFrame(
                        {
                            "kind": kind,
                            "column": column.name,
                            "output": output,
                            "value": pd.Series(list(at), dtype=object),
                            **_row("effect", found),
                        }
                    )
                )
        return pd.concat(parts, ignore_index=True)

    def interactions(self) -> pd.DataFrame:
        """Friedman's H squared of pairs."""
        rows = some_rows(len(self.problem.table), self.seed)
        some = [None if view is None else _some(view, rows) for view in (self.view, self.again)]
        assert some[0] is not None
        pairs = self._pairs(some[0])
        if not pairs:
            return pd.DataFrame()
        point = h_squared(some[0], pairs)[0]
        varied = some[1] if self.wishes.intervals != "data" else None
        draws = None if varied is None else h_squared(varied, pairs)
        # A share lies between 0 and 1, near 0 mostly, where an interval about it that is even means nothing.
        _, low, high = bounds(point, draws, self.wishes.level, "percentile")
        rows_of = [
            {
                "first": a.name,
                "second": b.name,
                "h2": point[number, 0],
                "low": low[number, 0],
                "high": high[number, 0],
                "size": point[number, 1],
                "size_low": low[number, 1],
                "size_high": high[number, 1],
            }
            for number, (a, b) in enumerate(pairs)
        ]
        return pd.DataFrame(rows_of).sort_values("size", ascending=False, kind="stable", ignore_index=True)

    def _pairs(self, some: View) -> list[Pair]:
        if self.wishes.pairs is None:
            return strongest_pairs(some, self.problem.movable)
        known = self.problem.table.columns()
        for pair in self.wishes.pairs:
            if len(set(pair)) != 2 or len(pair) != 2:
                raise SpecificationError(f"pairs has {tuple(pair)!r}: a pair is two different columns")
        pairs = [tuple(chosen(known, list(pair))) for pair in self.wishes.pairs]
        return [pair for pair in pairs if len(pair) == 2 and all(column.kind != "other" for column in pair)]

    def loco(self) -> pd.DataFrame:
        """Increase in error without each column, and without each set."""
        problem, wishes = self.problem, self.wishes
        refuse_one_column(problem.table)
        known = problem.table.columns()
        sets = {column.name: [column.place] for column in problem.columns if column.note != "constant"}
        sets |= {
            name: [column.place for column in chosen(known, list(of))] for name, of in wishes.sets.items()
        }
        splits = splits_of(
            wishes.cv, problem.table, problem.y, problem.groups, problem.classes is not None, self.seed
        )
        exam = Exam(
            problem.model,
            problem.table,
            problem.y,
            problem.truth,
            problem.classes,
            problem.metric,
            splits,
            problem.groups,
            self.seed,
        )
        from lamina.model_selection.counting import counting

        with counting((len(sets) + 1) * len(splits), "fits without a column", wishes.verbose) as tell:
            whole, *without = row_losses(exam, [[], *sets.values()], tell)
        if isinstance(whole, Exception):
            raise whole
        found = {}
        for name, losses in zip(sets, without, strict=True):
            if isinstance(losses, Exception):
                self.notes.append(
                    f"without {name} the model cannot be fitted: {' '.join(str(losses).split())}"
                )
            else:
                found[name] = increase(exam, losses, whole, wishes.level)
        return pd.DataFrame.from_dict(
            found, orient="index", columns=["increase", "se", "low", "high"]
        ).rename_axis("column")


def find(model: Any, X: Any, y: Any, wishes: Wishes) -> Effects:
    """All that was asked for; after an interrupt, all that is finished."""
    problem = read(model, X, y, wishes)
    finding = Finding(problem)
    finding.refit()
    found: dict[str, pd.DataFrame] = {}
    # Who has interrupted the refits will not wait for others.
    kinds = [kind for kind in problem.kinds if not (kind == "loco" and finding.interrupted)]
    for kind in kinds:
        try:
            found[kind] = getattr(finding, kind)()
        except KeyboardInterrupt:
            if not found and not finding.finished:
                raise
            break
    unfinished = [name for name in problem.kinds if name not in found]
    if unfinished:
        finding.notes.append(f"interrupted: {', '.join(unfinished)} not finished")
    if any(note.startswith("interrupted") for note in finding.notes):
        warnings.warn(
            next(n for n in finding.notes if n.startswith("interrupted")), UserWarning, stacklevel=3
        )
    return assemble(problem, found, finding, tuple(unfinished))


def _some(view: View, rows: NDArray[np.intp]) -> View:
    return View(view.surface, view.table.rows(rows), view.surface.rows(view.base, rows))


def _row(name: str, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip((name, "se", "low", "high"), values, strict=True))
