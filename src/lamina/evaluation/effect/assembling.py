"""From the tables of the kinds of effects to the result: what belongs to a column side by side, outputs by their name."""

from __future__ import annotations

from typing import Protocol

import pandas as pd

from lamina.evaluation.effect.problem import Problem
from lamina.evaluation.effect.result import Effects


class Course(Protocol):
    """What became of the refits."""

    finished: int
    step: float
    notes: list[str]


def assemble(
    problem: Problem, found: dict[str, pd.DataFrame], course: Course, unfinished: tuple[str, ...]
) -> Effects:
    """The result, from the tables of the kinds."""
    wishes = problem.wishes
    empty = pd.DataFrame()
    loco, curves = found.get("loco", empty), [found[kind] for kind in ("ale", "pdp") if kind in found]
    curves = [part for part in curves if len(part)]
    return Effects(
        table=_named(problem, _with_loco(problem, found.get("ame", empty), loco)),
        curves=_named(problem, pd.concat(curves, ignore_index=True)) if curves else empty,
        loco=loco,
        interactions=found.get("interactions", empty),
        task=problem.task,
        outcome=problem.outcome,
        classes=() if problem.classes is None else tuple(problem.classes.tolist()),
        model=type(problem.model).__name__,
        rows=len(problem.table),
        asked=wishes.n_boot,
        finished=course.finished,
        intervals=wishes.intervals,
        method=wishes.method,
        level=wishes.level,
        metric=problem.metric.title,
        step=course.step,
        notes=tuple(course.notes),
        unfinished=unfinished,
    )


def _with_loco(problem: Problem, ame: pd.DataFrame, loco: pd.DataFrame) -> pd.DataFrame:
    """The increase in error beside each effect of a column; columns without effects at the end."""
    if not len(loco):
        return ame
    renamed = loco.rename(columns=lambda name: "loco" if name == "increase" else f"loco_{name}")
    if not len(ame):
        return renamed[renamed.index.isin([column.name for column in problem.columns])]
    rest = [
        column.name
        for column in problem.columns
        if column.name not in ame.index and column.name in renamed.index
    ]
    table = ame.join(renamed)
    for name in rest:
        table.loc[name, renamed.columns] = renamed.loc[name]
    return table


def _named(problem: Problem, table: pd.DataFrame) -> pd.DataFrame:
    """Outputs under the name of what they are; without a column of them where there is one."""
    if "output" not in table.columns:
        return table
    if len(problem.outputs) == 1:
        return table.drop(columns="output")
    return table.rename(columns={"output": "outcome" if problem.classes is None else "class"})
