"""What every model is worth on the folds, as rows and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lamina.experiments.credit_measures import (
    Array,
    Calibration,
    Events,
    auc,
    bayes_threshold,
    brier,
    cost,
    error_by_chance,
    log_loss,
)
from lamina.experiments.credit_models import LOGISTIC
from lamina.experiments.crosstable import CrossTable, Estimate
from lamina.experiments.measures import interval_text
from lamina.experiments.report import Row
from lamina.experiments.splits import Split

COSTS = (1.0, 5.0, 10.0, 20.0, 50.0)
SHOWN = 20.0
"""The cost of a missed default, in false alarms, of the differences and of the picture."""

MEASURES: dict[str, Callable[[Events, Array], float]] = {
    "error": lambda y, p: float(np.mean((p > 0.5) != y)),
    "AUC": auc,
    "log loss": log_loss,
    "Brier": brier,
}


@dataclass(frozen=True, eq=False)
class Study:
    """Predictions on the test rows of every fold.

    Attributes
    ----------
    splits
        The folds.
    truths
        Defaults in each fold.
    probabilities
        By model and fold.
    thresholds
        By model: the threshold chosen inside the training rows, shape (folds, costs).
    """

    splits: tuple[Split, ...]
    truths: Sequence[Events]
    probabilities: dict[str, list[Array]]
    thresholds: dict[str, Array]

    @property
    def y(self) -> Events:
        """Defaults of all folds, one after the other."""
        return np.concatenate(self.truths)

    def pooled(self, model: str) -> Array:
        """Probabilities in the order of ``y``."""
        return np.concatenate(self.probabilities[model])

    def by_fold(self, model: str, measure: Callable[[Events, Array], float]) -> Array:
        """A measure of a model, one value a fold."""
        return np.array([measure(y, p) for y, p in zip(self.truths, self.probabilities[model], strict=True)])

    def costs(self, model: str, rule: str, missed: float) -> Array:
        """Cost per customer in each fold, by one of :data:`RULES`."""
        thresholds = RULES[rule](self, model, missed)
        found = zip(self.truths, self.probabilities[model], thresholds, strict=True)
        return np.array([cost(y, p, threshold, missed) for y, p, threshold in found])

    def draw(self, path: Any) -> None:
        """ROC, calibration, and cost by threshold."""
        from lamina.experiments.credit_picture import draw

        draw(self, path)


def _half(study: Study, model: str, missed: float) -> Array:
    return np.full(len(study.splits), 0.5)


def _bayes(study: Study, model: str, missed: float) -> Array:
    return np.full(len(study.splits), bayes_threshold(missed))


def _chosen(study: Study, model: str, missed: float) -> Array:
    return np.asarray(study.thresholds[model][:, COSTS.index(missed)])


HALF, BAYES, CHOSEN = "0.5", "1 / (1 + c)", "chosen"
RULES: dict[str, Callable[[Study, str, float], Array]] = {HALF: _half, BAYES: _bayes, CHOSEN: _chosen}


def difference_rows(study: Study) -> Iterator[Row]:
    """Each model minus logistic regression; one rule for the threshold minus another."""
    section = f"Minus logistic regression, on {len(study.splits)} folds"
    for model in study.thresholds:
        if model == LOGISTIC:
            continue
        for name, measure in MEASURES.items():
            values = study.by_fold(model, measure) - study.by_fold(LOGISTIC, measure)
            yield _difference(study, section, f"{model}: {name}", values, 4)
    section = f"Cost per customer at c = {SHOWN:g}, one threshold minus another"
    for model in study.thresholds:
        for rule, other in ((BAYES, HALF), (CHOSEN, BAYES)):
            values = study.costs(model, rule, SHOWN) - study.costs(model, other, SHOWN)
            yield _difference(study, section, f"{model}: {rule} minus {other}", values, 3)


def _difference(study: Study, section: str, quantity: str, values: Array, digits: int) -> Row:
    found = tuple(map(float, values))
    note = interval_text(found, study.splits, digits)
    return Row(section, quantity, found, form=f"+.{digits}f", note=note.replace("95 % interval ", "95 %: "))


def measure_table(study: Study) -> CrossTable:
    """Misclassification, AUC, log loss and Brier score of every model."""
    rows = tuple(
        (model, tuple(Estimate.of(study.by_fold(model, measure)) for measure in MEASURES.values()))
        for model in study.probabilities
    )
    return CrossTable(
        f"Test rows of {len(study.splits)} folds ± standard error: misclassified share at the threshold 0.5, area under the ROC "
        "curve, log loss, Brier score",
        tuple(MEASURES),
        rows,
        ".4f",
    )


def calibration_table(study: Study) -> CrossTable:
    """Calibration error beside what chance alone makes of it, and the mean probability beside the share of defaults."""

    def line(model: str) -> tuple[Estimate, ...]:
        p = study.pooled(model)
        chance = error_by_chance(p)
        by_chance = Estimate(float(chance.mean()), float(chance.std(ddof=1)))
        error = Calibration.of(study.y, p).error
        beyond = bool(error > np.quantile(chance, 0.95))
        return Estimate(error, None, beyond), by_chance, Estimate(float(p.mean())), Estimate(study.y.mean())

    return CrossTable(
        "Calibration of the predictions of all folds; * beyond the 95 % quantile of chance",
        ("calibration error", "by chance", "mean probability", "share of defaults"),
        tuple((model, line(model)) for model in study.thresholds),
        ".4f",
    )


def cost_table(study: Study) -> CrossTable:
    """Cost per customer by model and rule (rows) and cost of a missed default (columns)."""
    trivial = ((name, value) for name, value in (("warn no one", 1.0), ("warn everyone", -1.0)))
    rows = [
        (
            f"none: {name}",
            tuple(
                Estimate.of([cost(y, np.zeros(len(y)), value, missed) for y in study.truths])
                for missed in COSTS
            ),
        )
        for name, value in trivial
    ]
    rows += [
        (
            f"{model}: {rule}",
            tuple(Estimate.of(study.costs(model, rule, missed)) for missed in COSTS),
        )
        for model in study.thresholds
        for rule in RULES
    ]
    return CrossTable(
        "Cost per customer in false alarms, on test rows ± standard error, by model and threshold (rows) and c, the cost of a "
        "missed default (columns)",
        _headings(),
        tuple(rows),
    )


def threshold_table(study: Study) -> CrossTable:
    """The chosen thresholds, means over folds ± their standard deviation."""

    def spread(values: Array) -> Estimate:
        return Estimate(float(values.mean()), float(values.std(ddof=1)))

    bayes = tuple(Estimate(bayes_threshold(missed)) for missed in COSTS)
    rows = [(BAYES, bayes)]
    rows += [(model, tuple(map(spread, thresholds.T))) for model, thresholds in study.thresholds.items()]
    return CrossTable(
        "Thresholds: of theory, and chosen inside the training rows, mean over folds ± standard deviation",
        _headings(),
        tuple(rows),
    )


def _headings() -> tuple[str, ...]:
    return tuple(f"c = {missed:g}" for missed in COSTS)
