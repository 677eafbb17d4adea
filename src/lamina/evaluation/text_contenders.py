"""Who takes part in a comparison on text: a lasso and a network on words, and a network that reads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from lamina.data.validation import Task
from lamina.evaluation.contenders import WORDS, Contender, core, count_parameters
from lamina.evaluation.simple import counting, models
from lamina.evaluation.splits import Sample
from lamina.evaluation.texts import ColumnsAsWords, WordsAndColumns
from lamina.layers import LSTM, Embedding
from lamina.training import Adam, EarlyStopping

UNITS = 32
RATE = 0.003
DOCUMENTS_READ = 100_000
"""Documents that a training goes through, about, those of every epoch counted."""
FEWEST_EPOCHS, MOST_EPOCHS = 6, 60
LEAST_HELD_BACK = 50
"""Documents from which on a fifth is held back to find the best epoch."""


def text_contenders(task: Task, text: str) -> dict[str, Contender]:
    """The built-in models of text for a task by name, from the simplest on, the networks last.

    >>> list(text_contenders("classification", "review"))
    ['majority', 'words_lasso', 'words_mlp', 'lstm']
    >>> list(text_contenders("regression", "review"))
    ['mean', 'words_lasso', 'words_mlp', 'lstm']
    """
    average, make_average, count_average = _AVERAGES[task]
    count = counting.nonzero_and_intercept if task == "regression" else counting.nonzero_and_intercepts
    return {
        average: Contender(average, False, make_average, partial(_counted, count_average), built_in=True),
        "words_lasso": Contender(
            "words_lasso", False, partial(_lasso, task, text), partial(_counted, count), built_in=True
        ),
        WORDS: Contender(WORDS, True, partial(_mlp, task, text), count_parameters, built_in=True),
        "lstm": Contender("lstm", True, partial(_lstm, task, text), count_parameters, built_in=True),
    }


_AVERAGES: dict[Task, tuple[str, Callable[..., Any], Callable[[Any], int]]] = {
    "regression": ("mean", models.make_mean, counting.one_mean),
    "classification": ("majority", models.make_majority, counting.free_shares),
}


def _counted(count: Callable[[Any], int], fitted: Any) -> int:
    return count(core(fitted))


def _lasso(task: Task, text: str, training: Sample, seed: int | None) -> Any:
    """Linear or logistic regression on the words with an L1 penalty by cross-validation."""
    make = models.make_lasso if task == "regression" else models.make_lasso_logistic
    return _after(WordsAndColumns(text), make(training, seed))


def _mlp(task: Task, text: str, training: Sample, seed: int | None) -> Any:
    """The default network of sparse rows on the words."""
    from lamina.estimators import NeuralClassifier, NeuralRegressor

    kind = NeuralRegressor if task == "regression" else NeuralClassifier
    return _after(WordsAndColumns(text), kind(random_state=seed))


def _lstm(task: Task, text: str, training: Sample, seed: int | None) -> Any:
    """The book's recurrent network: words as 32 numbers each, and 32 units that read them in their order."""
    from lamina.estimators import TextClassifier, TextRegressor

    kind = TextRegressor if task == "regression" else TextClassifier
    rows = len(training.y)
    model = kind(
        [Embedding(UNITS), LSTM(UNITS)],
        optimizer=Adam(RATE),
        epochs=lstm_epochs(rows),
        batch_size=32 if rows < 2_000 else 64,
        early_stopping=EarlyStopping(patience=None, validation_fraction=0.2)
        if rows >= LEAST_HELD_BACK
        else None,
        random_state=seed,
    )
    return _after(ColumnsAsWords(text), model)


def lstm_epochs(rows: int) -> int:
    """Epochs for so many training documents: 60 for few, 6 from 16,000 on.

    >>> [lstm_epochs(rows) for rows in (200, 5_000, 25_000)]
    [60, 20, 6]
    """
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, DOCUMENTS_READ // rows))


def _after(reader: Any, model: Any) -> Any:
    from sklearn.pipeline import Pipeline

    return Pipeline([("words", reader), ("model", model)])
