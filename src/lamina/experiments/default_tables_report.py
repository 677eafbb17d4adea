"""What is told of models on many tables: errors beside a constant's, who beats whom, ranks, ratios, seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lamina.data.validation import Task
from lamina.evaluation.estimate import corrected_estimate
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.default_tables_data import CLASSIFICATION
from lamina.experiments.default_tables_fits import (
    BOOSTING,
    ENSEMBLE,
    FOREST,
    LAMINA,
    LINEAR,
    METRICS,
    SKLEARN,
    SKLEARN_SCALED,
    Outcome,
)
from lamina.experiments.report import Row

Array = NDArray[np.float64]
CLAIMED = 80.0
COUNTED = "misclassification"
"""The metric that counts rows, so that it may be zero, and is shown in per cent of them."""
HEADINGS = {
    LAMINA: "lamina",
    ENSEMBLE: "ensemble",
    SKLEARN: "sk MLP",
    SKLEARN_SCALED: "sk MLP, y",
    BOOSTING: "boosting",
    FOREST: "forest",
    LINEAR: "linear",
}
TITLES = {
    "mae": "Mean absolute error, in % of the error of predicting the mean of the training rows",
    "rmse": "Root mean square error, in % of the error of predicting the mean of the training rows",
    "misclassification": "Misclassified test rows, in %",
    "log_loss": "Log-loss, in % of the log-loss of predicting the shares of the classes",
}
PLACES = ("mae or misclassification", "rmse or log-loss")
SHORT = ("mae", "rmse")
NETWORKS = {LAMINA: "Lamina's default network", ENSEMBLE: "Lamina's ensemble"}


@dataclass(frozen=True, eq=False)
class Measured:
    """All models on one table, split by split, and the constant that looks at no column."""

    name: str
    task: Task
    tested: int
    test_to_train: float
    found: dict[str, tuple[Outcome, ...]]
    constant: tuple[dict[str, float], ...]

    def errors(self, model: str, place: int) -> Array:
        """Errors of a model by split, by the first or the second metric of the task."""
        metric = METRICS[self.task][place]
        return np.array([outcome.errors[metric] for outcome in self.found[model]])

    def shown(self, model: str, place: int) -> Array:
        """The errors in per cent: of the constant's mean error, or of the rows."""
        metric = METRICS[self.task][place]
        whole = 1.0 if metric == COUNTED else float(np.mean([errors[metric] for errors in self.constant]))
        return 100 * self.errors(model, place) / whole

    def ratio(self, ours: str, other: str, place: int) -> float:
        """Mean error of one model over another's; counts of rows have half a row added, since they may be zero."""
        half = 0.5 / self.tested if METRICS[self.task][place] == COUNTED else 0.0
        return float((self.errors(ours, place).mean() + half) / (self.errors(other, place).mean() + half))


@dataclass(frozen=True)
class Duel:
    """One model against another over tables.

    Attributes
    ----------
    tables, wins, ties
        Numbers of tables; a win is a lower mean error.
    clear_wins, clear_losses
        Tables on which the 95 % interval of the difference, by the corrected resampled t, lies on one side of zero.
    ratio
        Geometric mean over tables of the ratio of mean errors.
    """

    tables: int
    wins: int
    ties: int
    clear_wins: int
    clear_losses: int
    ratio: float

    @property
    def share(self) -> float:
        """Tables won, in per cent."""
        return 100 * self.wins / self.tables

    @property
    def note(self) -> str:
        """A few words beside the share.

        >>> Duel(10, 8, 1, 5, 0, 0.9).note
        '8 of 10, ties 1; clear 5 to 0'
        """
        ties = f", ties {self.ties}" if self.ties else ""
        return f"{self.wins} of {self.tables}{ties}; clear {self.clear_wins} to {self.clear_losses}"


def duel(study: Sequence[Measured], ours: str, other: str, place: int) -> Duel:
    """Count wins of one model against another."""
    pairs = [(table.errors(ours, place), table.errors(other, place)) for table in study]
    # Means of the same errors in another order may differ in their last digit.
    differences = [round(float(mine.mean() - theirs.mean()), 12) for mine, theirs in pairs]
    intervals = [
        corrected_estimate(mine - theirs, table.test_to_train).interval()
        for table, (mine, theirs) in zip(study, pairs, strict=True)
    ]
    known = [interval for interval in intervals if interval is not None]
    return Duel(
        len(pairs),
        sum(difference < 0 for difference in differences),
        sum(difference == 0 for difference in differences),
        sum(high < 0 for _, high in known),
        sum(low > 0 for low, _ in known),
        float(np.exp(np.mean([np.log(table.ratio(ours, other, place)) for table in study]))),
    )


def ranks(study: Sequence[Measured], models: Sequence[str], place: int) -> Array:
    """Rank of each model's mean error on each table, shape (tables, models): 1 is the lowest, ties share a mean rank."""
    from scipy.stats import rankdata

    means = [[round(float(table.errors(model, place).mean()), 12) for model in models] for table in study]
    return np.asarray(rankdata(means, axis=1))


def rows(study: Sequence[Measured]) -> Iterator[Row]:
    """Wins, ranks and seconds."""
    models = [name for name in HEADINGS if name in study[0].found]
    for ours in (name for name in NETWORKS if name in models):
        for place, measure in enumerate(PLACES):
            section = f"Tables on which {NETWORKS[ours]} has the lower mean {measure}, in %"
            for other in models:
                if other != ours:
                    result = duel(study, ours, other, place)
                    yield Row(section, f"than {other}", (result.share,), form=".0f", note=result.note)
    for place, measure in enumerate(PLACES):
        placed = ranks(study, models, place)
        for number, model in enumerate(models):
            section = f"Rank by {measure}, over tables"
            yield Row(section, model, tuple(map(float, placed[:, number])), form=".2f")
    for model in models:
        times = [float(np.mean([outcome.seconds for outcome in table.found[model]])) for table in study]
        note = f"median {np.median(times):.2f}"
        yield Row("Seconds a fit, over tables", model, tuple(times), form=".2f", note=note)


def ratios(study: Sequence[Measured]) -> CrossTable:
    """Geometric means over tables of the ratio of mean errors."""
    models = [name for name in HEADINGS if name in study[0].found]
    pairs = [(ours, place) for ours in NETWORKS if ours in models for place in range(len(PLACES))]
    lines = tuple(
        (
            f"over {other}",
            tuple(
                None if ours == other else Estimate(duel(study, ours, other, place).ratio)
                for ours, place in pairs
            ),
        )
        for other in models
    )
    columns = tuple(f"{HEADINGS[ours]}, {SHORT[place]}" for ours, place in pairs)
    return CrossTable(
        "Ratio of mean errors, geometric mean over tables (classes: misclassification, log-loss)",
        columns,
        lines,
    )


def tables(study: Sequence[Measured]) -> Iterator[CrossTable]:
    """Ratios; then mean and standard error over splits, by table and model, for each metric."""
    yield ratios(study)
    for task, metrics in METRICS.items():
        chosen = [table for table in study if table.task == task]
        if not chosen:
            continue
        models = [name for name in HEADINGS if name in chosen[0].found]
        if task == CLASSIFICATION:
            models = [name for name in models if name != SKLEARN_SCALED]
        for place, metric in enumerate(metrics):
            lines = tuple(
                (table.name, tuple(Estimate.of(table.shown(model, place)) for model in models))
                for table in chosen
            )
            columns = tuple(HEADINGS[model] for model in models)
            yield CrossTable(TITLES[metric], columns, lines, ".1f")


def remark_on_claim(study: Sequence[Measured]) -> str:
    """Whether the claim under test holds on these tables."""
    told = []
    for ours in (name for name in NETWORKS if name in study[0].found):
        results = [duel(study, ours, SKLEARN, place) for place in range(len(PLACES))]
        shares = " and ".join(
            f"{result.share:.0f} % by {name}" for result, name in zip(results, PLACES, strict=True)
        )
        holds = all(result.share >= CLAIMED for result in results)
        told.append(f"{NETWORKS[ours]} {shares}: the claim {'holds' if holds else 'does not hold'}.")
    return (
        f"Claim under test: scikit-learn's MLP, with its defaults, is beaten on at least {CLAIMED:.0f} % of the tables. "
        f"Measured: {' '.join(told)}"
    )
