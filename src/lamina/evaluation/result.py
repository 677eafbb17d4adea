"""What a comparison found, as values: to print, to write, to draw."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lamina.data.validation import Task
from lamina.evaluation.intervals import Estimate
from lamina.evaluation.metrics import Metric
from lamina.evaluation.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from lamina.evaluation.contenders import Contender
    from lamina.evaluation.fits import Problem


@dataclass(frozen=True, eq=False, repr=False)
class Comparison:
    """The result of `lamina.compare`.

    Attributes
    ----------
    table : pandas.DataFrame
        By model: parameters (the median over the splits), inner_error (by folds of the training rows, where there was a
        choice to make), error_mean, error_se (with Nadeau and Bengio's correction),
        r2 (of all test predictions together) or accuracy, seconds (of one fit).
    scores : pandas.DataFrame
        The error of each model (rows) on each split (columns).
    verdict : Verdict
    estimates : dict of str to Estimate
        Each finished model's mean error with its standard error, degrees of freedom and interval.
    networks : tuple of str
        Which models are neural networks.
    failures : dict of str to str
        In how many splits models failed, and why; they are not ranked.
    warnings : tuple of str
        What the models warned of, each once.
    unfinished : tuple of str
        The models that Ctrl-C left out.
    problem, contenders
        What was compared, to go on from; neither written nor pickled.
    """

    table: pd.DataFrame
    scores: pd.DataFrame
    verdict: Verdict
    estimates: dict[str, Estimate]
    networks: tuple[str, ...]
    task: Task
    metric: Metric
    splits: str
    rows: int
    seed: int | None
    classes: int
    dataset: str | None
    target: str | None
    failures: dict[str, str]
    warnings: tuple[str, ...]
    unfinished: tuple[str, ...]
    problem: Problem | None = None
    contenders: tuple[Contender, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"problem": None, "contenders": ()}

    def __str__(self) -> str:
        return self._text

    __repr__ = __str__

    @cached_property
    def _text(self) -> str:
        from lamina.evaluation.rendering import render

        return render(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, as `to_json` writes it; what is not known is None."""
        return {
            "dataset": self.dataset,
            "task": self.task,
            "target": self.target,
            "rows": self.rows,
            "splits": self.splits,
            "seed": self.seed,
            "metric": self.metric.name,
            "models": [self._model(str(name)) for name in self.table.index],
            "verdict": _verdict(self.verdict),
            "warnings": list(self.warnings),
        }

    def to_json(self, path: str | Path) -> None:
        """Write `to_dict` as a JSON file."""
        text = json.dumps(self.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
        Path(path).write_text(text + "\n", encoding="utf-8")

    def plot(self, path: str | Path | None = None) -> Figure:
        """Draw each model's error with its 95 % interval; with ``path``, into a PNG, PDF, SVG or JPEG file."""
        from lamina.evaluation.plotting import draw

        return draw(self, path)

    def _model(self, name: str) -> dict[str, Any]:
        row = self.table.loc[name]
        numbers = {str(column): _plain(row[column]) for column in self.table.columns}
        parameters = numbers.pop("parameters")
        failure = {"failure": self.failures[name]} if name in self.failures else {}
        whole = None if parameters is None else int(parameters)
        return {"name": name, "parameters": whole, **numbers, **failure}


def _verdict(verdict: Verdict) -> dict[str, Any]:
    probabilities = verdict.probabilities
    return {
        "answer": verdict.answer,
        "recommended": verdict.recommended,
        "network": verdict.network,
        "reference": verdict.reference,
        "difference": _plain(verdict.difference),
        "interval": None if verdict.interval is None else [_plain(bound) for bound in verdict.interval],
        "level": verdict.level,
        "method": verdict.method,
        "margin": _plain(verdict.margin),
        "probabilities": None if probabilities is None else asdict(probabilities),
        "reference_shares": verdict.reference_shares,
        "network_shares": verdict.network_shares,
        "references": list(verdict.choices.references),
        "inner_errors": {name: _plain(error) for name, error in verdict.choices.inner_errors.items()},
        "rows_needed": None if verdict.rows_needed is None else str(verdict.rows_needed),
        "reason": verdict.reason,
    }


def _plain(value: Any) -> float | None:
    import pandas as pd

    return None if value is None or pd.isna(value) or not math.isfinite(value) else float(value)
