"""The tables of the book on the Default data, ours beside them: deterministic, so that every digit should agree."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lamina.experiments.credit_measures import auc
from lamina.experiments.credit_models import (
    BALANCE,
    INCOME,
    STUDENT,
    Customers,
    Linear,
    discriminant_analysis,
    logistic_regression,
)
from lamina.experiments.report import Row

TABLES: dict[str, dict[str, tuple[float, float]]] = {
    "Table 4.1": {"intercept": (-10.6513, 0.3612), BALANCE: (0.0055, 0.0002)},
    "Table 4.2": {"intercept": (-3.5041, 0.0707), STUDENT: (0.4049, 0.1150)},
    "Table 4.3": {
        "intercept": (-10.8690, 0.4923),
        BALANCE: (0.0057, 0.0002),
        INCOME: (0.0030, 0.0082),
        STUDENT: (-0.6468, 0.2362),
    },
}
"""Coefficients and standard errors of logistic regression; income in thousands."""

CHANCES: tuple[tuple[str, str, tuple[float, ...], float, str], ...] = (
    ("Table 4.1", "balance 1,000", (1000.0,), 0.00576, ".5f"),
    ("Table 4.1", "balance 2,000", (2000.0,), 0.586, ".3f"),
    ("Table 4.2", "student", (1.0,), 0.0431, ".4f"),
    ("Table 4.2", "none", (0.0,), 0.0292, ".4f"),
    ("Table 4.3", "1,500, income 40,000, student", (1500.0, 40.0, 1.0), 0.058, ".3f"),
    ("Table 4.3", "1,500, income 40,000, none", (1500.0, 40.0, 0.0), 0.105, ".3f"),
)
"""Table, customer, predictors, probability in the text, its digits."""

CONFUSIONS = {
    "Table 4.4": (0.5, ((9644, 23), (252, 81)), 2.75),
    "Table 4.5": (0.2, ((9432, 235), (138, 195)), 3.73),
}
"""Threshold, counts by default (rows) and prediction (columns), error in per cent."""
PUBLISHED_AUC = 0.95
CLASSES = ("none", "default")


def published_rows(rows: Customers) -> Iterator[Row]:
    """Logistic regression, the probabilities in the text, and LDA."""
    fits = {}
    for table, published in TABLES.items():
        names = [name for name in published if name != "intercept"]
        fits[table] = fit = logistic_regression(rows.columns(*names), rows.y)
        yield from _coefficients(table, fit, published)
    for table, customer, x, chance, form in CHANCES:
        ours = float(fits[table].probability(np.array([x]))[0])
        yield Row(
            "Probability of default in the text: of a balance, of being a student or none",
            f"{table}: {customer}",
            (ours,),
            chance,
            form,
        )
    yield from _discriminant(rows)


def _coefficients(table: str, fit: Linear, published: dict[str, tuple[float, float]]) -> Iterator[Row]:
    assert fit.errors is not None
    estimates = [fit.intercept, *fit.slopes]
    for (name, values), ours, error in zip(published.items(), estimates, fit.errors, strict=True):
        for what, value, own in zip(("", ", standard error"), values, (ours, error), strict=True):
            section = "Logistic regression on all rows; income in thousands"
            yield Row(section, f"{table}: {name}{what}", (float(own),), value, ".4f")


def _discriminant(rows: Customers) -> Iterator[Row]:
    """LDA of balance and student status on the rows that it was fitted to."""
    x = rows.columns(BALANCE, STUDENT)
    p = discriminant_analysis(x, rows.y).probability(x)
    section = "LDA of balance and student on its own 10,000 rows"
    for table, (threshold, counts, error) in CONFUSIONS.items():
        warned = p > threshold
        for truth, line in enumerate(counts):
            for predicted, published in enumerate(line):
                ours = int(np.sum((rows.y == truth) & (warned == predicted)))
                quantity = f"{table}: {CLASSES[truth]}, taken as {CLASSES[predicted]}"
                yield Row(section, quantity, (float(ours),), published, ".0f", f"threshold {threshold:g}")
        wrong = 100 * float(np.mean(warned != rows.y))
        yield Row(section, f"{table}: error, %", (wrong,), error, ".2f", f"threshold {threshold:g}")
    yield Row(section, "Figure 4.8: area under ROC curve", (auc(rows.y, p),), PUBLISHED_AUC, ".4f")
