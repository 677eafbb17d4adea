"""What the default network could have been: settings on the development tables, beside scikit-learn's MLP.

    python benchmarks/default_choices.py [--splits 3] [--seeds 2]

Prints, for each setting, the geometric mean over the tables of its error divided by that of scikit-learn's MLP (mean absolute
error, misclassification rate), for single networks and for the mean of the seeds. Settings of one structure run as one
population a table. The reported tables of ``lamina reproduce default-tables`` are not touched.
"""

from __future__ import annotations

import argparse
import time
import warnings
from typing import Any

import numpy as np
from sklearn.model_selection import ShuffleSplit, StratifiedShuffleSplit
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import StandardScaler

from lamina import NeuralClassifier, NeuralRegressor
from lamina.data.tables import TableEncoder
from lamina.estimators.many import Source, Task, fit_many
from lamina.estimators.recipe import recipe_batch
from lamina.experiments.default_tables_data import development_tables
from lamina.layers import Dense, Dropout, Normal, ParametricActivation, Scale
from lamina.training import Adam, EarlyStopping
from lamina.training.losses import BinaryCrossEntropy, CategoricalCrossEntropy
from lamina.training.schedules import CosineWaves

MOST_ROWS = 1_000
CHOSEN: dict[str, Any] = {
    "width": 128,
    "depth": 3,
    "activation": "mish",
    "rate": 0.02,
    "factor": 2.0,
    "ridge": 0.0005,
    "dropout": 0.0,
    "smoothing": 0.0,
    "epochs": 128,
    "held": 0.2,
    "scale": "robust",
    "parametric": False,
}
GROUPS: dict[str, list[dict[str, Any]]] = {
    "rate, ridge, factor of the features": [
        {},
        {"rate": 0.01},
        {"rate": 0.04},
        {"ridge": 0.0},
        {"ridge": 0.005},
        {"factor": 1.0},
        {"factor": 6.0},
    ],
    "label smoothing": [{"smoothing": 0.1}],
    "dropout": [{"dropout": 0.15}, {"dropout": 0.3}],
    "last epoch of all rows": [{"held": None}],
    "256 epochs": [{"epochs": 256}],
    "width": [{"width": 64}],
    "wider": [{"width": 256}],
    "depth": [{"depth": 2}],
    "SELU": [{"activation": "selu"}],
    "parametric": [{"parametric": True}],
    "standardised": [{"scale": "standard"}],
}


def model(classes: int, rows: int, columns: int, seed: int, given: dict[str, Any]) -> Any:
    """The network of the given settings, written out."""
    s = CHOSEN | given
    trained = rows if s["held"] is None else round((1 - s["held"]) * rows)
    root = np.sqrt(s["width"])
    layers: list[Any] = [Scale()]
    for _ in range(s["depth"]):
        own = "linear" if s["parametric"] else s["activation"]
        layers.append(Dense(s["width"], own, weight_init="lecun", bias_init=Normal(1.0)))
        layers += [ParametricActivation(s["activation"])] if s["parametric"] else []
        layers += [Dropout(s["dropout"])] if s["dropout"] else []
    factors = {"dense_1/weights": root / np.sqrt(columns), "bias": 0.1 * root, "scale_1": s["factor"] * root}
    factors |= {"shares": 0.1 * root} if s["parametric"] else {}
    loss = None
    if s["smoothing"]:
        kind = BinaryCrossEntropy if classes == 2 else CategoricalCrossEntropy
        loss = kind(label_smoothing=s["smoothing"])
    return (NeuralClassifier if classes else NeuralRegressor)(
        layers,
        loss=loss,
        optimizer=Adam(CosineWaves(s["rate"] / root), beta_2=0.95, factors=factors),
        epochs=s["epochs"],
        batch_size=recipe_batch(trained),
        penalty=s["ridge"],
        early_stopping=False if s["held"] is None else EarlyStopping(None, s["held"]),
        scale=s["scale"],
        random_state=seed,
    )


def error(truth: Any, predicted: Any, classes: int) -> float:
    """Misclassification rate, or mean absolute error."""
    return float(np.mean(truth != predicted) if classes else np.mean(np.abs(truth - predicted)))


class Case:
    """A table with its splits as numbers, and the errors of scikit-learn's MLP."""

    def __init__(self, table: Any, splits: int) -> None:
        rows = np.random.default_rng(0).permutation(len(table.X))[:MOST_ROWS]
        X, y = table.X.iloc[rows].reset_index(drop=True), np.asarray(table.y)[rows]
        self.labels = np.unique(y) if table.task == "classification" else np.empty(0)
        self.classes = len(self.labels)
        splitter = StratifiedShuffleSplit if self.classes else ShuffleSplit
        self.parts = []
        for train, test in splitter(splits, test_size=0.25, random_state=0).split(X, y):
            encoder = TableEncoder(dtype="float64").fit(X.iloc[train])
            a, b = (np.asarray(encoder.transform(X.iloc[part])) for part in (train, test))
            self.parts.append((a, y[train], b, y[test]))
        self.theirs = float(np.mean([self._sklearn(*part) for part in self.parts]))

    def _sklearn(self, a: Any, y: Any, b: Any, truth: Any) -> float:
        scale = StandardScaler().fit(a)
        if self.classes:
            fitted = MLPClassifier(random_state=0).fit(scale.transform(a), y)
            return error(truth, fitted.predict(scale.transform(b)), self.classes)
        mean, sd = y.mean(), y.std()
        fitted = MLPRegressor(random_state=0).fit(scale.transform(a), (y - mean) / sd)
        return error(truth, fitted.predict(scale.transform(b)) * sd + mean, self.classes)

    def ours(self, settings: list[dict[str, Any]], seeds: int) -> list[tuple[float, float]]:
        """Mean error of single networks and of the mean of the seeds, for each setting."""
        sources = [
            Source(a.astype(np.float32), y, queries=(b.astype(np.float32),)) for a, y, b, _ in self.parts
        ]
        tasks = [
            Task(model(self.classes, *part[0].shape, seed, given), source)
            for given in settings
            for part, source in zip(self.parts, sources, strict=True)
            for seed in range(seeds)
        ]
        fitted = iter(fit_many(tasks, keep_parameters=False))
        found = []
        for _ in settings:
            single, together = [], []
            for (_, _, _, truth), source in zip(self.parts, sources, strict=True):
                members = [next(fitted).estimator for _ in range(seeds)]
                answers = np.stack([self._answer(member, source.queries[0]) for member in members])
                single += [error(truth, self._decide(answer), self.classes) for answer in answers]
                together.append(error(truth, self._decide(answers.mean(axis=0)), self.classes))
            found.append((float(np.mean(single)), float(np.mean(together))))
        return found

    def _answer(self, member: Any, rows: Any) -> Any:
        return member.predict_proba(rows) if self.classes else member.predict(rows)

    def _decide(self, answer: Any) -> Any:
        return self.labels[answer.argmax(axis=1)] if self.classes else answer


def main() -> None:
    """Run all settings."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--seeds", type=int, default=2)
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    cases = [Case(table, given.splits) for table in development_tables()]
    print(f"{len(cases)} development tables, {given.splits} splits, {given.seeds} seeds")
    print(f"{'':36}  single  mean of seeds  better than scikit-learn's  seconds a fit")
    for title, settings in GROUPS.items():
        start = time.perf_counter()
        errors = np.array([case.ours(settings, given.seeds) for case in cases])
        seconds = (time.perf_counter() - start) / (len(cases) * given.splits * given.seeds * len(settings))
        theirs = np.array([case.theirs for case in cases])
        for place, setting in enumerate(settings):
            # An error below one in a hundred is noise: a single row decides there.
            ratio = np.maximum(errors[:, place], 0.01) / np.maximum(theirs, 0.01)[:, None]
            single, together = np.exp(np.log(ratio).mean(axis=0))
            wins = np.mean(errors[:, place, 0] <= theirs)
            name = f"{title}: {setting}" if setting else "chosen"
            print(f"{name[:60]:60}  {single:.3f}  {together:.3f}  {wins:.0%}  {seconds:.2f}", flush=True)


if __name__ == "__main__":
    main()
