"""Film reviews read word by word by a simple recurrent network."""

from __future__ import annotations

from lamina.experiments.imdb_data import Reviews
from lamina.experiments.imdb_sequences import MODULES, SMALL, Reader, Size, study
from lamina.experiments.kept import Kept
from lamina.experiments.report import Findings
from lamina.layers import Embedding, SimpleRNN

TITLE = "film reviews read by a simple recurrent network"
SOURCE = (
    "James, Witten, Hastie, Tibshirani and Taylor, An Introduction to Statistical Learning, section 10.5: an embedding of 32 "
    "numbers a word and 32 recurrent units reach 76 %."
)

READERS = (Reader("embedding 32, 32 recurrent units", (Embedding(32), SimpleRNN(32)), 76.0),)

REMARKS = (
    "10,000 codes of words, sequences of 500 filled up and cut on the left, as in the book; 2,000 of 25,000 training reviews are "
    "held out, and the epoch of the smallest loss on them is kept. Adam at the rate 0.001, batches of 128.",
    "Places that fill a sequence up are skipped; the book's network reads them as a word of their own.",
)


def run(quick: bool, progress: bool) -> Findings:
    """Fit the network from every seed."""
    kept = Kept() if quick else Kept.of("imdb-rnn", (__name__, *MODULES))
    reviews, size = Reviews.load(2_000 if quick else None), SMALL if quick else Size()
    return study(reviews, READERS, size, REMARKS, kept, progress)
