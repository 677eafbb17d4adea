"""Lamina's default network on many tables, beside scikit-learn's network, boosting, a random forest and a linear model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lamina.experiments.default_tables_data import REGRESSION, Collection, Table, reported
from lamina.experiments.default_tables_fits import (
    LAMINA,
    LINEAR,
    MODELS,
    SKLEARN,
    SKLEARN_SCALED,
    SPLITS,
    Model,
    Outcome,
    errors_of,
    splits_of,
)
from lamina.experiments.default_tables_report import Measured, remark_on_claim, rows, tables
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings
from lamina.experiments.splits import Split

TITLE = "default networks on many tables"
SOURCE = (
    "Holzmüller, Grinsztajn and Steinwart 2024, Better by default: strong pre-tuned MLPs and boosted trees on tabular data; "
    "the tables are those of ISLP, scikit-learn and statsmodels."
)

REMARKS = (
    "Everybody learns from the same ten random splits of each table, a quarter of the rows to test, classes in their shares. No "
    "model is tuned on a table, but for the lasso's penalty, chosen by ten folds of the training rows. Lamina's defaults were "
    "chosen on other tables than these.",
    "scikit-learn's models see what TableEncoder makes of the table, standardised. 'sk MLP' has all defaults; 'sk MLP, y' a "
    "standardised outcome too, which scikit-learn does not do by itself, and for classes is the same. 'linear' is the lasso for "
    "numbers, and for classes logistic regression with scikit-learn's default penalty. 'ensemble' averages Lamina's default "
    "network over eight seeds.",
    "± is the standard error over splits, which share rows. 'Clear' are the tables, won to lost, on which the 95 % interval of "
    "the difference, corrected for the rows that splits share (Nadeau and Bengio 2003), lies on one side of zero.",
    "In the log-loss probabilities are kept away from zero by a millionth. Tables of more than 3,000 rows but caravan are "
    "3,000 rows of them drawn at random.",
    "Lamina's networks of a table are one population, and their seconds, compilation included, are the population's over the "
    "number of splits; the others' fits ran one after the other on all cores they take.",
)
QUICK_TABLES, QUICK_SPLITS = ("hitters", "wine"), 2
QUICK_MODELS = (LAMINA, SKLEARN, LINEAR)


@dataclass(frozen=True, eq=False)
class Plan:
    """The tables, how many splits of each, and the models."""

    collection: Collection
    splits: int = SPLITS
    models: Mapping[str, Model] = field(default_factory=lambda: MODELS)

    def run(self, progress: bool) -> list[Measured]:
        """Fit every model on every split of every table."""
        study = []
        with counted_up(len(self.collection.tables) * len(self.models), "fitting", progress) as advance:
            for table in self.collection.tables:
                study.append(self.on_table(table, advance))
        return study

    def on_table(self, table: Table, advance: Callable[[int], None]) -> Measured:
        """Fit every model on every split of one table."""
        splits = splits_of(table, self.splits)
        found: dict[str, tuple[Outcome, ...]] = {}
        for name, model in self.models.items():
            # Classes cannot be scaled: fits that would be the same again are taken over.
            same = name == SKLEARN_SCALED and table.task != REGRESSION and SKLEARN in found
            found[name] = found[SKLEARN] if same else tuple(model(table, splits, 0))
            advance(1)
        return Measured(
            table.name,
            table.task,
            sum(len(split.test) for split in splits),
            splits[0].test_to_train,
            found,
            constants(table, splits),
        )


def constants(table: Table, splits: Sequence[Split]) -> tuple[dict[str, float], ...]:
    """Errors of the training rows' mean, or of the shares of their classes."""
    found = []
    for split in splits:
        learnt = table.y[split.train]
        output = learnt.mean() if table.task == REGRESSION else np.bincount(learnt) / len(learnt)
        shape = (len(split.test), *np.shape(output))
        found.append(errors_of(table.task, table.y[split.test], np.broadcast_to(output, shape)))
    return tuple(found)


def run(quick: bool, progress: bool) -> Findings:
    """Every model on every table."""
    if quick:
        plan = Plan(reported(QUICK_TABLES), QUICK_SPLITS, {name: MODELS[name] for name in QUICK_MODELS})
    else:
        plan = Plan(reported())
    study = plan.run(progress)
    absent = tuple(f"Left out: {name}, {reason}." for name, reason in plan.collection.absent.items())
    return Findings(
        tuple(rows(study)), (remark_on_claim(study), *REMARKS, *absent), tables=tuple(tables(study))
    )
