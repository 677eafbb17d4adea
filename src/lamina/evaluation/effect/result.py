"""What was found of a model's effects, as values: to print, to use, to draw."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from lamina.data.validation import Task

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class Effects:
    """The result of `lamina.evaluation.effects`; what was not asked for is an empty table.

    Attributes
    ----------
    table : pandas.DataFrame
        By column of X: ``change`` (what was changed), ``class`` (with more than two classes) or ``outcome`` (with several),
        ``ame`` (average marginal effect), ``se``, ``low``, ``high``; ``sd`` (of the column, 1 for levels: ``ame`` times ``sd``
        compares columns); and ``loco``, ``loco_se``, ``loco_low``, ``loco_high``, the increase in error without the column.
    curves : pandas.DataFrame
        ``kind`` ("ale" or "pdp"), ``column``, ``class`` or ``outcome``, ``value`` of the column, ``effect``, ``se``, ``low``,
        ``high``.
    loco : pandas.DataFrame
        By column or set of columns: ``increase`` in the error, ``se``, ``low``, ``high``.
    interactions : pandas.DataFrame
        By pair of columns: ``h2`` with ``low`` and ``high``, and ``size`` with ``size_low`` and ``size_high``, largest size
        first.
    task : str
    classes : tuple
        Classes of the outcome.
    finished, asked : int
        Bootstrap draws that the intervals stand on, and that were asked for.
    notes : tuple of str
        What was left out, failed or was cut short.
    unfinished : tuple of str
        Kinds of effects that Ctrl-C left out.
    """

    table: pd.DataFrame
    curves: pd.DataFrame
    loco: pd.DataFrame
    interactions: pd.DataFrame
    task: Task
    outcome: str
    classes: tuple[object, ...]
    model: str
    rows: int
    asked: int
    finished: int
    intervals: str
    method: str
    level: float
    metric: str
    step: float
    notes: tuple[str, ...]
    unfinished: tuple[str, ...]

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    @cached_property
    def _text(self) -> str:
        from lamina.evaluation.effect.rendering import render

        return render(self)

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw the average marginal effects and the curves; with ``path``, into a PNG, PDF, SVG or JPEG file."""
        from lamina.evaluation.effect.drawing import draw

        return draw(self, path)
