"""A run on made-up reviews gives the tables and the picture; the networks that read have the book's shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lamina.experiments import imdb, imdb_lstm, imdb_rnn
from lamina.experiments.imdb_data import Reviews
from lamina.experiments.imdb_sequences import Reader, Size, study
from lamina.experiments.kept import Kept
from lamina.layers import Dense, Embedding, GlobalAveragePool
from lamina.networks import count_parameters, with_output


def made_up(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.integers(2, size=n)
    words = rng.choice([f"word{k}" for k in range(30)], (n, 8))
    tone = np.where(y, "fine", "dull")
    return np.array([" ".join([*row, word]) for row, word in zip(words, tone, strict=True)], object), y


REVIEWS = Reviews.of(*made_up(300, 0), *made_up(100, 1))


def test_a_fifth_of_few_reviews_is_held_out() -> None:
    assert [len(REVIEWS.y), len(REVIEWS.y_watched), len(REVIEWS.y_test)] == [240, 60, 100]


def test_lasso_and_network_along_their_curves(tmp_path: Path) -> None:
    findings = imdb.study(REVIEWS, words=40, steps=4, seeds=2, epochs=60, progress=False)
    lasso, network, *_ = findings.rows
    assert lasso.published == network.published == imdb.PUBLISHED
    assert lasso.mean == 100
    assert network.n == 2
    assert network.mean > 90
    assert findings.picture is not None
    findings.picture(tmp_path / "imdb.png")
    assert (tmp_path / "imdb.png").stat().st_size > 10_000


def test_the_networks_that_read_have_the_books_sizes() -> None:
    (reader,) = imdb_rnn.READERS
    first = Embedding(32, 10_000)
    simple = with_output([first, *reader.layers[1:]], 1, "sigmoid")
    assert count_parameters(simple, (500,)) == 320_000 + 32 * (32 + 32 + 1) + 33
    lstm = with_output([first, *imdb_lstm.READERS[0].layers[1:]], 1, "sigmoid")
    assert count_parameters(lstm, (500,)) == 320_000 + 4 * 32 * (32 + 32 + 1) + 33


def test_readers_are_fitted_with_the_held_out_reviews_beside_and_kept(tmp_path: Path) -> None:
    readers = (
        Reader("mean", (Embedding(4), GlobalAveragePool())),
        Reader("pairs", (Dense(4),), 80.0, (("ngrams", 2),)),
    )
    size = Size(seeds=1, epochs=2, length=9, words=40)
    findings = study(REVIEWS, readers, size, (), Kept(tmp_path), progress=False)
    assert [row.published for row in findings.rows[:2]] == [None, 80.0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mean-0.lamina", "pairs-0.lamina"]
    assert study(REVIEWS, readers, size, (), Kept(tmp_path), progress=False).rows == findings.rows
