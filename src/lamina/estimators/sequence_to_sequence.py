"""Texts in, texts out: an encoder and a decoder learnt from pairs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from lamina.data.symbols import BEGIN, END, Symbols, check_texts, check_tokens, split
from lamina.errors import DataError, DataWarning, SpecificationError
from lamina.estimators.checks import check_early_stopping, draw_seed
from lamina.estimators.nested import NestedParameters
from lamina.layers.base import check_positive_integer, check_rate
from lamina.layers.containers import Sequential
from lamina.networks.decoding import looked_at, search
from lamina.networks.encoder_decoder import EncoderDecoder, RecurrentEncoderDecoder
from lamina.networks.summary import count_parameters
from lamina.networks.transformer import TransformerEncoderDecoder
from lamina.training import (
    Adam,
    EarlyStopping,
    Fitted,
    History,
    SequenceCrossEntropy,
    Settings,
    fit,
    pad_rows,
)
from lamina.training.optimizers import LBFGS, Optimizer, resolve_optimizer
from lamina.training.precision import precision
from lamina.training.program import Rows

MODELS = ("gru", "lstm", "transformer")
BLOCKS = (8, 32, 256)
"""Sources that are decoded at a time: few numbers, so that predictions share compiled programs."""
GRAIN = 8
"""Sources of like length share a compiled program: their places are rounded up to a multiple."""
CLIP_NORM = 1.0


class SequenceToSequence(NestedParameters):
    r"""Learns to turn texts into texts from pairs of them, such as dates as people write them into dates as computers do.

    An encoder reads the source, a decoder writes the target, one character or word after another, each given those before:

    .. math:: P(y_1 \dots y_T \mid x) = \prod_t P(y_t \mid y_1 \dots y_{t-1}, x)

    Trained by the mean cross-entropy over the places of the targets, ends included, with the true ones before (teacher forcing).

    Parameters
    ----------
    model
        "gru" or "lstm", recurrent layers (:class:`~lamina.networks.encoder_decoder.RecurrentEncoderDecoder`), or "transformer"
        (:class:`~lamina.networks.transformer.TransformerEncoderDecoder`).
    attention
        Whether each step of a recurrent decoder looks at all places of the source; a Transformer always does.
    tokens
        "character" or "word".
    vocabulary
        How many of the most frequent tokens of each side are known; None takes all.
    units
        Of a recurrent encoder in each direction (the decoder has twice as many), or the width of a Transformer.
    embedding
        Numbers of a token's vector (recurrent layers).
    heads, depth
        Of a Transformer.
    dropout
        Rate of dropout.
    optimizer
        None takes Adam with a learning rate of 0.003 (recurrent layers) or 0.001 (Transformer).
    epochs, batch_size
        Passes over the pairs at most, and pairs a step.
    early_stopping
        On pairs held back, or those given to fit; None takes all pairs and the last epoch.
    random_state
        Seed of weights, order and the pairs held back.
    verbose
        Progress bar: True, False, or None for one that appears when the fit takes long.

    Attributes
    ----------
    network_, fitted_, history_
        The network, what it learnt, and the losses by epoch.
    source_symbols_, target_symbols_
        The tokens of both sides.
    longest_target_
        Tokens of the longest target; no longer one is written.

    Source: Sutskever, Vinyals and Le 2014; Luong, Pham and Manning 2015; Vaswani et al. 2017.

    >>> pairs = [("ab", "ba"), ("ba", "ab"), ("aab", "baa"), ("bba", "abb")] * 8
    >>> model = SequenceToSequence(units=8, embedding=4, epochs=60, early_stopping=None, random_state=0)
    >>> model.fit(*zip(*pairs)).predict(["aab"]).tolist()
    ['baa']
    """

    def __init__(
        self,
        *,
        model: str = "gru",
        attention: bool = True,
        tokens: str = "character",
        vocabulary: int | None = None,
        units: int = 64,
        embedding: int = 32,
        heads: int = 4,
        depth: int = 2,
        dropout: float = 0.1,
        optimizer: str | Optimizer | None = None,
        epochs: int = 100,
        batch_size: int = 64,
        early_stopping: EarlyStopping | None = EarlyStopping(5),  # noqa: B008 (a value that cannot change)
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.model = model
        self.attention = attention
        self.tokens = tokens
        self.vocabulary = vocabulary
        self.units = units
        self.embedding = embedding
        self.heads = heads
        self.depth = depth
        self.dropout = dropout
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.random_state = random_state
        self.verbose = verbose

    fitted_: Fitted
    history_: History
    network_: EncoderDecoder
    source_symbols_: Symbols
    target_symbols_: Symbols
    longest_target_: int

    def fit(self, sources: Any, targets: Any, sources_val: Any = None, targets_val: Any = None) -> Self:
        """Learn from pairs of texts.

        Parameters
        ----------
        sources, targets
            Lists of texts of one length. A target may be empty, a source not.
        sources_val, targets_val
            Pairs to watch: the parameters of the epoch with the smallest loss on them are kept.

        Raises
        ------
        ArgumentTypeError
            If something is no text.
        DataError
            If the lists differ in length, are too short, or a source is empty.
        SpecificationError
            For parameters that mean nothing.
        """
        self._check()
        seed = draw_seed(self.random_state)
        self.__dict__.pop("fitted_", None)
        pairs = self._pairs(sources, targets, ("sources", "targets"))
        watched = None
        if sources_val is not None or targets_val is not None:
            watched = self._pairs(sources_val, targets_val, ("sources_val", "targets_val"))
        stopping = check_early_stopping(self.early_stopping)
        if watched is None and stopping is not None:
            pairs, watched = _parted(pairs, stopping.validation_fraction, seed)
        self._learn_symbols(pairs)
        longest = self._longest(pairs, watched)
        self.longest_target_ = longest[1] - 1
        self.network_ = self._network(longest[0])
        fitted = fit(
            Sequential([self.network_]),
            SequenceCrossEntropy(),
            self._rows(pairs, longest),
            self._settings(stopping if watched is not None else None),
            seed,
            validation=None if watched is None else self._rows(watched, longest),
            verbose=self.verbose,
        )
        self.fitted_, self.history_ = fitted, fitted.history
        if fitted.interrupted:
            warnings.warn(
                f"training was interrupted after {len(self.history_)} epochs; the model so far is kept.",
                UserWarning,
                stacklevel=2,
            )
        return self

    def predict(self, sources: Any, beam: int = 1) -> np.ndarray:
        """A target for each source, an array of texts.

        Parameters
        ----------
        sources
            List of texts. Tokens that were not in training are taken as unknown, with a warning.
        beam
            1 writes the most probable token at each step (greedy); more keep so many beginnings, and give the most probable
            target of those that they lead to.
        """
        codes, _ = self._search(sources, beam)
        found = np.empty(len(codes), object)
        found[:] = [self.target_symbols_.text(row) for row in codes]
        return found

    def log_probability(self, sources: Any, beam: int = 1) -> np.ndarray:
        """Logarithm of the probability of each target that :meth:`predict` gives, (n,)."""
        return self._search(sources, beam)[1]

    def score(self, sources: Any, targets: Any, beam: int = 1) -> float:
        """Share of the sources whose target is exactly right."""
        given = self._pairs(sources, targets, ("sources", "targets"), least=1)
        # Words are compared as words: what was between them is not written.
        both = zip(given[1], self.predict(given[0], beam), strict=True)
        return float(np.mean([split(one, self.tokens) == split(other, self.tokens) for one, other in both]))

    def attention_of(self, source: str, target: str | None = None) -> tuple[np.ndarray, list[str], list[str]]:
        """How much each step of the decoder looks at each place of a source: weights (t, s), tokens of target and source.

        Parameters
        ----------
        target
            None takes the predicted one. The last step is the one that ends it.

        Raises
        ------
        SpecificationError
            If the model has no attention.
        """
        check_is_fitted(self)
        if self.model != "transformer" and not self.attention:
            raise SpecificationError(
                "attention=False: there is no attention to see; fit with attention=True."
            )
        codes = _widened(self.source_symbols_.table(self._sources([source])))
        written = self._search([source], 1)[0] if target is None else self._ended([target])
        # A target that was cut off has no end to show.
        given = _moved(written)
        with precision(np.float32):
            weights = np.asarray(looked_at(self.network_, self._parameters(), codes, given))[0]
        shown = [*self.target_symbols_.shown(written[0]), "end"]
        read = self.source_symbols_.shown(codes[0])
        return weights[: len(shown), : len(read)], shown[: len(weights)], read

    def plot_attention(self, source: str, path: str | Path | None = None, target: str | None = None) -> Any:
        """Draw :meth:`attention_of`: a row for each token of the target, a column for each of the source, the darker the more.

        Returns the figure, which is also written to ``path`` in the format of its ending if there is one.
        """
        from lamina.explain.attention import plot_attention

        return plot_attention(*self.attention_of(source, target), path)

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one ``.lamina`` file; :func:`lamina.load` reads it."""
        from lamina.files import save

        save(self, path)

    @property
    def n_parameters_(self) -> int:
        """Number of parameters of the fitted network."""
        check_is_fitted(self)
        shape = (self.network_.source_length + self.longest_target_ + 1,)
        return count_parameters(self.network_, shape)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "fitted_")

    def _check(self) -> None:
        if self.model not in MODELS:
            raise SpecificationError(f"model={self.model!r}: take 'gru', 'lstm' or 'transformer'.")
        check_tokens(self.tokens)
        for name in ("units", "embedding", "heads", "depth", "epochs", "batch_size"):
            check_positive_integer("SequenceToSequence", name, getattr(self, name))
        if self.vocabulary is not None:
            check_positive_integer("SequenceToSequence", "vocabulary", self.vocabulary)
        check_rate("SequenceToSequence", "dropout", self.dropout)

    def _sources(self, sources: Any, name: str = "sources") -> list[str]:
        return check_texts(sources, name, tokens=self.tokens, may_be_empty=False)

    def _pairs(
        self, sources: Any, targets: Any, names: tuple[str, str], least: int = 2
    ) -> tuple[list[str], list[str]]:
        first = self._sources(sources, names[0])
        second = check_texts(targets, names[1], tokens=self.tokens, may_be_empty=True)
        if len(first) != len(second):
            raise DataError(
                f"{names[0]} has {len(first)} texts and {names[1]} {len(second)}: each source needs its target."
            )
        if len(first) < least and names[0] == "sources":
            raise DataError(f"there is {len(first)} pair, and a fit needs at least {least}.")
        return first, second

    def _learn_symbols(self, pairs: tuple[list[str], list[str]]) -> None:
        self.source_symbols_, self.target_symbols_ = (
            Symbols.of(texts, self.tokens, self.vocabulary) for texts in pairs
        )

    def _longest(self, *several: tuple[list[str], list[str]] | None) -> tuple[int, int]:
        """Tokens of the longest source and of the longest target with its end."""
        given = [pairs for pairs in several if pairs is not None]
        sources = max(self.source_symbols_.table(pairs[0]).shape[1] for pairs in given)
        return sources, 1 + max(self.target_symbols_.table(pairs[1]).shape[1] for pairs in given)

    def _network(self, source_length: int) -> EncoderDecoder:
        sizes = source_length, len(self.source_symbols_), len(self.target_symbols_)
        if self.model == "transformer":
            return TransformerEncoderDecoder(*sizes, self.units, self.heads, self.depth, self.dropout)
        return RecurrentEncoderDecoder(
            *sizes, self.units, self.embedding, self.model, bool(self.attention), self.dropout
        )

    def _ended(self, targets: list[str], width: int | None = None) -> np.ndarray:
        """Codes of targets with the mark of their end."""
        table = self.target_symbols_.table(targets)
        ended = np.zeros((len(table), width or table.shape[1] + 1), np.int32)
        ended[:, : table.shape[1]] = table
        ended[np.arange(len(table)), np.count_nonzero(table, axis=1)] = END
        return ended

    def _rows(self, pairs: tuple[list[str], list[str]], longest: tuple[int, int]) -> Rows:
        """Source and moved target side by side; each row weighs as its target has places."""
        sources = np.zeros((len(pairs[0]), longest[0]), np.int32)
        table = self.source_symbols_.table(pairs[0])
        sources[:, : table.shape[1]] = table
        targets = self._ended(pairs[1], longest[1])
        places = np.count_nonzero(targets, axis=1).astype(np.float32)
        return pad_rows(np.concatenate([sources, _moved(targets)], axis=1), targets, places)

    def _rows_of(self, sources: Any, targets: Any) -> Rows:
        """Further pairs as rows, as wide as those of the fit."""
        pairs = self._pairs(sources, targets, ("X", "y"))
        longest, given = (self.network_.source_length, self.longest_target_ + 1), self._longest(pairs)
        if given[0] > longest[0] or given[1] > longest[1]:
            raise DataError(
                f"the longest source has {given[0]} tokens and the longest target {given[1] - 1}, and the model was fitted on "
                f"{longest[0]} and {longest[1] - 1} at most: give shorter ones."
            )
        return self._rows(pairs, longest)

    def _settings(self, stopping: EarlyStopping | None) -> Settings:
        usual = Adam(0.001 if self.model == "transformer" else 0.003)
        optimizer = usual if self.optimizer is None else resolve_optimizer(self.optimizer)
        if isinstance(optimizer, LBFGS):
            raise SpecificationError(
                "SequenceToSequence is trained in mini-batches: take optimizer='adam', not LBFGS."
            )
        return Settings(
            optimizer=optimizer,
            epochs=self.epochs,
            batch_size=self.batch_size,
            clip_norm=CLIP_NORM,
            patience=None if stopping is None else stopping.patience,
            min_improvement=0.0 if stopping is None else stopping.min_improvement,
        )

    def _parameters(self) -> Any:
        return next(iter(self.fitted_.parameters.values()))

    def _search(self, sources: Any, beam: int) -> tuple[np.ndarray, np.ndarray]:
        """Codes and logarithms of probabilities of the targets."""
        check_is_fitted(self)
        check_positive_integer("predict", "beam", beam)
        texts = self._sources(sources)
        self._warn_of_unknown(texts)
        table = _widened(self.source_symbols_.table(texts))
        steps, size = self.longest_target_ + 1, BLOCKS[-1]
        parts = []
        with precision(np.float32):
            for first in range(0, len(table), size):
                block = table[first : first + size]
                filling = next(rows for rows in BLOCKS if rows >= len(block)) - len(block)
                padded = np.pad(block, ((0, filling), (0, 0)))
                found = search(self.network_, self._parameters(), padded, steps, int(beam))
                parts.append([np.asarray(part)[: len(block)] for part in found])
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _warn_of_unknown(self, texts: list[str]) -> None:
        unknown = self.source_symbols_.unknown(texts)
        if unknown:
            shown = ", ".join(map(repr, unknown[:5])) + (", …" if len(unknown) > 5 else "")
            what = f"{self.tokens}{'s' if len(unknown) > 1 else ''}"
            warnings.warn(
                f"sources hold {len(unknown)} {what} that the model does not know ({shown}): taken as unknown.",
                DataWarning,
                stacklevel=4,
            )


def _parted(
    pairs: tuple[list[str], list[str]], share: float, seed: int
) -> tuple[tuple[list[str], list[str]], tuple[list[str], list[str]]]:
    """Pairs to learn from and pairs held back."""
    n = len(pairs[0])
    held = max(1, round(share * n))
    order = np.random.RandomState(seed).permutation(n)

    def taken(places: np.ndarray) -> tuple[list[str], list[str]]:
        return [pairs[0][place] for place in places], [pairs[1][place] for place in places]

    return taken(np.sort(order[held:])), taken(np.sort(order[:held]))


def _widened(table: np.ndarray) -> np.ndarray:
    """Sources padded to a multiple of GRAIN."""
    return np.pad(table, ((0, 0), (0, -table.shape[1] % GRAIN)))


def _moved(targets: np.ndarray) -> np.ndarray:
    """Targets one step on, with the mark of the beginning: what the decoder is given to write them."""
    begun = np.full((len(targets), 1), BEGIN, np.int32)
    return np.concatenate([begun, targets[:, :-1]], axis=1)
