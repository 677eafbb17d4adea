"""Film reviews read word by word: LSTM, and other ways to read."""

from __future__ import annotations

from lamina.experiments.imdb_data import Reviews
from lamina.experiments.imdb_sequences import MODULES, SMALL, Reader, Size, study
from lamina.experiments.kept import Kept
from lamina.experiments.report import Findings
from lamina.layers import (
    LSTM,
    Bidirectional,
    Conv1D,
    Dense,
    Dropout,
    Embedding,
    GlobalAveragePool,
    GlobalMaxPool,
    LearnedPositions,
    TransformerBlock,
)

TITLE = "film reviews read by LSTM and others"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.5: an embedding of 32 "
    "numbers a word and an LSTM of 32 units reach 87 %."
)

BAGS = (("vocabulary", 30_000), ("ngrams", 2), ("values", "tfidf"))
READERS = (
    Reader("LSTM, 32 units", (Embedding(32), LSTM(32)), 87.0),
    Reader("LSTM in both directions", (Embedding(32), Bidirectional(LSTM(32)))),
    Reader("mean of the words' vectors", (Embedding(32), GlobalAveragePool())),
    Reader(
        "64 filters over 5 words, largest",
        (Embedding(32), Conv1D(64, 5, "relu"), GlobalMaxPool(), Dropout(0.5)),
    ),
    Reader(
        "Transformer block, 4 heads, 200 words",
        (Embedding(32), LearnedPositions(), TransformerBlock(4, 64), GlobalAveragePool()),
        settings=(("length", 200),),
    ),
    Reader(
        "words and pairs of words, 16-16", (Dense(16, "relu"), Dropout(0.5), Dense(16, "relu")), settings=BAGS
    ),
)

REMARKS = (
    "10,000 codes of words, sequences of 500 filled up and cut on the left, as in the book; 2,000 of 25,000 training reviews are "
    "held out, and the epoch of the smallest loss on them is kept. Adam at the rate 0.001, batches of 128, 6 epochs.",
    "The Transformer reads the last 200 words: every place looks at every other, so that 500 would take six times as long.",
    "The last row takes no sequences but a bag of the 30,000 most frequent words and pairs of neighbouring words, by tf-idf.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit every network from every seed."""
    kept = Kept() if quick else Kept.of("imdb-lstm", (__name__, *MODULES))
    reviews, size = Reviews.load(1_000 if quick else None), SMALL if quick else Size()
    return study(reviews, READERS, size, REMARKS, kept, progress)
