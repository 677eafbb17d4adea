"""Lamina's default network beside RealMLP-TD-S as its authors published it (pytabkit), table by table, on the same splits.

Both with their defaults, on the CPU. Errors are those of `lamina reproduce default-tables`, on its tables and splits; the
corrected resampled t over the splits tells a difference of the two from noise. Results are kept in a JSON file as they come,
and what it holds is not fitted again: tables, models and splits may be run in portions, and on another list of tables.

    python benchmarks/default_tables.py                              # all reported tables, ten splits
    python benchmarks/default_tables.py --tables diabetes wine --splits 3
    python benchmarks/default_tables.py --list development --models "RealMLP-TD-S" "scikit-learn's MLP" boosting
    python benchmarks/default_tables.py --seconds diabetes digits    # one fit of each in turn, after a first one
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import statistics
import time
import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import in_turn, where

from lamina.experiments.default_tables_data import REGRESSION, Table, development, reported
from lamina.experiments.default_tables_fits import (
    LAMINA,
    METRICS,
    MODELS,
    SPLITS,
    Model,
    Outcome,
    one_by_one,
    splits_of,
)

PUBLISHED = "RealMLP-TD-S"
LISTS = {"reported": reported, "development": development}


def as_text(column: pd.Series) -> pd.Series:
    """Levels as text, a gap being one of its own."""
    return column.astype(object).where(column.notna(), "missing").astype(str)


class RealMLP:
    """pytabkit's estimator on a table: it knows categories by their type, and has no way with gaps in numbers."""

    threads: int | None = None

    def __init__(self, task: str, seed: int) -> None:
        from pytabkit import RealMLP_TD_S_Classifier, RealMLP_TD_S_Regressor

        for name in ("pytorch_lightning.utilities.rank_zero", "lightning.pytorch.utilities.rank_zero"):
            logging.getLogger(name).setLevel(logging.ERROR)
        kind = RealMLP_TD_S_Regressor if task == REGRESSION else RealMLP_TD_S_Classifier
        self.model = kind(device="cpu", random_state=seed, n_threads=self.threads)

    def fit(self, X: pd.DataFrame, y: np.ndarray) -> RealMLP:
        numbers = [name for name in X if pd.api.types.is_numeric_dtype(X[name])]
        self.numbers = [name for name in numbers if X[name].nunique() > 1]
        self.levels = {name: sorted(as_text(X[name]).unique()) for name in X if name not in numbers}
        self.medians = X[self.numbers].median()
        self.gaps = [name for name in self.numbers if X[name].isna().any()]
        self.model.fit(self.prepared(X), y)
        return self

    def prepared(self, X: pd.DataFrame) -> pd.DataFrame:
        columns = {name: X[name].astype(float).fillna(self.medians[name]) for name in self.numbers}
        columns |= {f"{name} missing": X[name].isna().astype(float) for name in self.gaps}
        for name, levels in self.levels.items():
            columns[name] = pd.Categorical(as_text(X[name]), levels)
        return pd.DataFrame(columns, index=X.index)

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict(self.prepared(X))).ravel()

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        return np.asarray(self.model.predict_proba(self.prepared(X)))


CONTESTANTS: dict[str, Model] = {**MODELS, PUBLISHED: partial(one_by_one, RealMLP)}


class Kept:
    """Errors and seconds by table, model and split, in a JSON file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def of(self, table: str, model: str) -> dict[str, dict[str, float]]:
        return dict(self.found.get(table, {}).get(model, {}))

    def add(self, table: str, model: str, split: int, values: dict[str, float]) -> None:
        self.found.setdefault(table, {}).setdefault(model, {})[str(split)] = values
        beside = self.path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(self.found, indent=1))
        beside.replace(self.path)


def run(table: Table, models: Sequence[str], count: int, kept: Kept) -> None:
    """Fit what the file does not hold yet."""
    splits = splits_of(table, count)
    for name in models:
        done = len(kept.of(table.name, name))
        if done >= count:
            continue
        for number, outcome in enumerate(CONTESTANTS[name](table, splits[done:], done), done):
            kept.add(table.name, name, number, outcome.errors | {"seconds": outcome.seconds})
    for metric in METRICS[table.task]:
        print(line(table, metric, models, count, kept), flush=True)


def line(table: Table, metric: str, models: Sequence[str], count: int, kept: Kept) -> str:
    """Mean error of each model, and Lamina's minus the published one's with its interval."""
    values = {
        name: np.array([kept.of(table.name, name)[str(number)][metric] for number in range(count)])
        for name in models
    }
    cells = [f"{name} {value.mean():.4g}" for name, value in values.items()]
    if {LAMINA, PUBLISHED} <= set(models) and count > 1:
        from lamina.evaluation.estimate import corrected_estimate

        differences = values[LAMINA] - values[PUBLISHED]
        interval = corrected_estimate(differences, splits_of(table, 1)[0].test_to_train).interval()
        low, high = interval or (np.nan, np.nan)
        cells.append(f"difference {differences.mean():+.3g} ({low:+.3g} to {high:+.3g})")
    return f"{table.name:<18} {metric:<18} " + "   ".join(cells)


def summary(tables: Sequence[Table], models: Sequence[str], count: int, kept: Kept) -> None:
    """Over all tables: Lamina against each other model, by both measures of a task."""
    from lamina.experiments.default_tables_report import PLACES, Measured, duel

    study = []
    for table in tables:
        found = {}
        for name in models:
            values = [kept.of(table.name, name)[str(number)] for number in range(count)]
            found[name] = tuple(Outcome(each, each["seconds"]) for each in values)
        first = splits_of(table, 1)[0]
        study.append(
            Measured(table.name, table.task, count * len(first.test), first.test_to_train, found, ())
        )
    for other in models:
        for place, measure in enumerate(PLACES):
            if other == LAMINA or LAMINA not in models:
                continue
            found = duel(study, LAMINA, other, place)
            within = found.tables - found.clear_wins - found.clear_losses
            print(
                f"lamina against {other} by {measure}: lower on {found.note}, within noise on {within}; "
                f"errors {found.ratio:.3f} times its own (geometric mean)"
            )


def seconds(table: Table, rounds: int) -> None:
    """One fit of each in turn on the first split; the first of all, with what it compiles and imports, said apart."""
    split = splits_of(table, 1)
    fits = {name: lambda name=name: list(CONTESTANTS[name](table, split, 0)) for name in (LAMINA, PUBLISHED)}
    first = {}
    for name, fit in fits.items():
        start = time.perf_counter()
        fit()
        first[name] = time.perf_counter() - start
    taken = in_turn(fits, rounds, warm_up=0, settle=False)
    ratios = [theirs / ours for ours, theirs in zip(taken[LAMINA], taken[PUBLISHED], strict=True)]
    cells = [
        f"{name} {statistics.median(times):.3f} s (first {first[name]:.2f} s)"
        for name, times in taken.items()
    ]
    print(f"{table.name:<18} " + "   ".join(cells) + f"   ratio {statistics.median(ratios):.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--list", choices=LISTS, default="reported", help="which list of tables")
    parser.add_argument("--tables", nargs="+", help="names of tables; all of the list by default")
    parser.add_argument("--models", nargs="+", choices=CONTESTANTS, default=[LAMINA, PUBLISHED])
    parser.add_argument("--splits", type=int, default=SPLITS)
    parser.add_argument("--results", type=Path, default=Path("default_tables.json"))
    parser.add_argument("--seconds", nargs="+", metavar="TABLE", help="only time single fits on these tables")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="of PyTorch; its own default otherwise")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    RealMLP.threads = given.threads
    collection = LISTS[given.list](given.seconds or given.tables)
    for name, reason in collection.absent.items():
        print(f"{name}: left out, {reason}")
    if given.seconds:
        for table in collection.tables:
            seconds(table, given.rounds)
    else:
        kept = Kept(given.results)
        for table in sorted(collection.tables, key=lambda table: table.X.size):
            run(table, given.models, given.splits, kept)
        summary(collection.tables, given.models, given.splits, kept)
    print(where())


if __name__ == "__main__":
    main()
