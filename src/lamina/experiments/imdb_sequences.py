"""Film reviews as sequences of words: what the networks that read them have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lamina.estimators import TextClassifier
from lamina.experiments.imdb_data import Reviews
from lamina.experiments.kept import Kept, finished
from lamina.experiments.measures import accuracy_percent
from lamina.experiments.progress import tracked
from lamina.experiments.report import Findings, Row, counted
from lamina.layers.base import Layer

WORDS, LENGTH, BATCH, EPOCHS = 10_000, 500, 128, 6
MODULES = ("lamina.experiments.imdb_sequences", "lamina.experiments.imdb_data")


@dataclass(frozen=True)
class Reader:
    """A network of the table: its hidden layers, the published accuracy where there is one, and what its fit has of its own."""

    name: str
    layers: tuple[Layer, ...]
    published: float | None = None
    settings: tuple[tuple[str, Any], ...] = ()

    @property
    def file(self) -> str:
        """Its name as that of a file."""
        return "".join(each if each.isalnum() else "-" for each in self.name)


@dataclass(frozen=True)
class Size:
    """How much of it is run."""

    seeds: int = 3
    epochs: int = EPOCHS
    length: int = LENGTH
    words: int = WORDS


SMALL = Size(seeds=1, epochs=2, length=60, words=2_000)


def fit_reader(reviews: Reviews, reader: Reader, size: Size, seed: int) -> TextClassifier:
    """Train with the held-out reviews beside: the epoch of the smallest loss on them is kept."""
    given: dict[str, Any] = {
        "vocabulary": size.words,
        "length": size.length if hasattr(reader.layers[0], "takes_codes") else None,
        "optimizer": "adam",
        "epochs": size.epochs,
        "batch_size": BATCH,
        "random_state": seed,
        "verbose": False,
    }
    model = TextClassifier(list(reader.layers), **(given | dict(reader.settings)))
    return finished(  # type: ignore[no-any-return]
        model.fit(reviews.texts, reviews.y, X_val=reviews.texts_watched, y_val=reviews.y_watched)
    )


def study(
    reviews: Reviews,
    readers: Sequence[Reader],
    size: Size,
    remarks: tuple[str, ...],
    kept: Kept,
    progress: bool,
) -> Findings:
    """Fit every reader from every seed; each fit is kept as soon as it is done."""
    accuracy: dict[Reader, list[float]] = {}
    parameters: dict[Reader, int] = {}
    for reader in readers:
        accuracy[reader] = []
        for seed in tracked(range(size.seeds), reader.name, progress):
            model = kept.model(f"{reader.file}-{seed}", partial(fit_reader, reviews, reader, size, seed))
            accuracy[reader].append(accuracy_percent(reviews.y_test, model.predict(reviews.texts_test)))
            parameters[reader] = model.n_parameters_
    return Findings(tuple(_rows(accuracy, parameters, len(reviews.y_test), size.seeds)), remarks)


def _rows(
    accuracy: dict[Reader, list[float]], parameters: dict[Reader, int], n_test: int, seeds: int
) -> Iterator[Row]:
    section = f"Accuracy in %, {n_test:,} test reviews, over {counted(seeds, 'seed')}"
    for reader, values in accuracy.items():
        yield Row(section, reader.name, tuple(values), reader.published)
    for reader, count in parameters.items():
        yield Row("Parameters", reader.name, (float(count),), form=",.0f")
