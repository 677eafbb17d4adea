"""What a comparison found, as values: to print, to write, to draw."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.errors import DataError, SpecificationError
from lamina.evaluation.intervals import Estimate
from lamina.evaluation.metrics import Metric
from lamina.evaluation.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from lamina.evaluation.contenders import Contender
    from lamina.evaluation.curve import LearningCurve
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
    image_shape : tuple of int, optional
        Height, width and channels of the images; None for a table.
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
    image_shape: tuple[int, ...] | None = None

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
            **({} if self.image_shape is None else {"image_shape": list(self.image_shape)}),
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

    def learning_curve(
        self, models: Sequence[str] | None = None, shares: Sequence[float] | None = None
    ) -> LearningCurve:
        """Errors by number of training rows, with intervals, and where they would go with more rows.

        Parameters
        ----------
        models
            Names of models; by default the network and the reference of the verdict.
        shares
            Of the training rows of every split; all of them are known already. By default an eighth, a quarter, half and three
            quarters.

        Raises
        ------
        DataError
            If the shares leave too few rows, a model fails, or this is a comparison read from a pickle.
        SpecificationError
            If a model was not compared, or a share lies outside (0, 1).

        >>> import numpy as np
        >>> from lamina import compare
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(200, 3))
        >>> result = compare(X, X @ [1.0, 2.0, 3.0] + rng.normal(size=200), include=["mean", "linear"], cv=5)
        >>> curve = result.learning_curve(["linear"], shares=[0.1, 0.5])
        >>> curve.sizes.tolist()
        [16.0, 80.0, 160.0]
        """
        from lamina.evaluation.curve import measure_curve, named

        problem, known = self._again(models)
        return measure_curve(problem, named(self.contenders, list(known)), known, shares)

    def without(self, sets: Any = None, models: Sequence[str] | None = None) -> pd.DataFrame:
        """What the models lose with some of the features missing, everything fitted anew on the same splits.

        Parameters
        ----------
        sets
            Sets of columns by name, ``{"career": ["CAtBat", "CHits"]}``, or a list of columns, each a set; by default
            every column.
        models
            Names of models; by default the network and the reference of the verdict.

        Returns
        -------
        DataFrame
            By set and model: the error without the set; the increase, its standard error and 95 % interval.

        Raises
        ------
        DataError, SpecificationError, ArgumentTypeError
            As `learning_curve`; if a column is unknown, or a set empty or everything.

        >>> import numpy as np
        >>> from lamina import compare
        >>> rng = np.random.default_rng(0)
        >>> X = rng.normal(size=(200, 2))
        >>> result = compare(X, 3 * X[:, 0] + rng.normal(size=200), include=["mean", "linear"], cv=5)
        >>> lost = result.without(models=["linear"])
        >>> lost["increase"].round(1).tolist()
        [1.7, 0.0]
        """
        from lamina.evaluation.curve import named
        from lamina.evaluation.left_out import measure_without, read_sets

        if self.image_shape is not None:
            raise SpecificationError(
                "without() leaves out columns of a table, and images have none: lamina.explain shows what a network looks at."
            )
        problem, known = self._again(models)
        chosen = read_sets(sets, list(problem.table.columns))
        return measure_without(problem, named(self.contenders, list(known)), known, chosen)

    def _again(self, models: Sequence[str] | None) -> tuple[Problem, dict[str, NDArray[np.float64]]]:
        """The problem, and the errors that models have on it."""
        if self.problem is None:
            raise DataError("this comparison comes from a pickle, which holds no data: compare again.")
        pair = [name for name in (self.verdict.network, self.verdict.reference) if name is not None]
        names = pair if models is None else [models] if isinstance(models, str) else list(models)
        for name in names:
            if name in self.failures:
                raise DataError(f"{name} {self.failures[name]}: name models that finished.")
        return self.problem, {
            name: self.scores.loc[name].to_numpy(float) if name in self.scores.index else np.empty(0)
            for name in names
        }

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
