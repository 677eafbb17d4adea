"""Estimators of documents: raw strings in; the dictionary is learnt with the model and saved with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Iterable
from typing import Any

from lamina.data.text import BagOfWords, WordSequences, as_documents
from lamina.errors import DataError, SpecificationError
from lamina.estimators.classifier import NeuralClassifier
from lamina.estimators.codes import embedding_in_front
from lamina.estimators.features import Features
from lamina.estimators.planning import Plans
from lamina.estimators.regressor import NeuralRegressor
from lamina.layers.base import Layer


class ReadsText(Plans):
    """What :class:`TextClassifier` and :class:`TextRegressor` share: how documents become rows."""

    augment = None
    scale = True
    n_features_in_: int
    vocabulary: int
    length: int | None
    ngrams: int
    values: str
    pad: str
    truncate: str

    def _opened(self, X: Any, y: Any) -> tuple[Any, Any]:
        return as_documents(X), y

    def _opened_to_watch(self, X: Any, y: Any) -> tuple[Any, Any]:
        return (None if X is None else as_documents(X, "X_val")), y

    def _features(self, X: Any, *, reset: bool) -> Any:
        documents = as_documents(X)
        least = 2 if reset else 1
        if len(documents) < least:
            raise DataError(
                f"X has {len(documents)} document(s) (n_samples={len(documents)}), but at least {least} are needed: give more."
            )
        if not reset:
            return self.features_.read_text(documents)
        self.features_ = Features()
        x = self.features_.learn_text(documents, self._reader())
        self.n_features_in_ = x.shape[1]
        return x

    def _reader(self) -> BagOfWords | WordSequences:
        """What makes rows of documents, not yet fitted."""
        if self._takes_sequences():
            self._refuse_for("a bag of words", {"ngrams": 1, "values": "presence"}, "take the Embedding away")
            return WordSequences(self.vocabulary, self.length, self.pad, self.truncate)
        first = next(iter(self.layers), None) if isinstance(self.layers, Iterable) else self.layers
        if isinstance(first, Layer) and not first.takes_sparse:
            raise SpecificationError(
                f"{first!r} cannot read a bag of words: let Embedding(32) be the first of layers, for documents as sequences of "
                "words, or a Dense layer."
            )
        how = "let Embedding(32) be the first of layers"
        self._refuse_for("sequences of words", {"length": None, "pad": "left", "truncate": "left"}, how)
        return BagOfWords(self.vocabulary, self.ngrams, self.values)

    def _refuse_for(self, what: str, defaults: dict[str, Any], reason: str) -> None:
        """Raise where a setting was given that means something for the other kind of rows alone."""
        for name, usual in defaults.items():
            if (given := getattr(self, name)) != usual:
                raise SpecificationError(f"{name}={given!r} is for {what}: {reason}, or leave {name} out.")

    def _takes_sequences(self) -> bool:
        """Whether the network's first layer takes codes of words, one after another."""
        return embedding_in_front(self.layers) is not None

    def _own_layers(self) -> list[Layer]:
        """The hidden layers, an Embedding with as many codes as the dictionary has unless it says how many."""
        layers = super()._own_layers()
        text = self.features_.text
        if not isinstance(text, WordSequences):
            return layers
        embedding: Any = layers[0]
        if embedding.vocabulary is None:
            return [dataclasses.replace(embedding, vocabulary=text.codes), *layers[1:]]
        if embedding.vocabulary < text.codes:
            raise SpecificationError(
                f"{embedding!r} has {embedding.vocabulary} codes, and the dictionary {text.codes}, two of them for padding and "
                f"unknown words: leave the Embedding's vocabulary out, or set vocabulary={embedding.vocabulary} of the model."
            )
        return layers

    def _reading(self) -> Hashable:
        how = self.vocabulary, self.length, self.ngrams, self.values, self.pad, self.truncate
        return self._takes_sequences(), *map(repr, how)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = tags.input_tags.three_d_array = tags.input_tags.sparse = False
        return tags


class TextClassifier(ReadsText, NeuralClassifier):
    """A network that tells classes of documents apart: strings in, class labels out.

    Words are runs of letters and digits in lower case; the most frequent ones of the training documents make the dictionary. A
    network sees them as a bag, whatever their order, or, where its first layer is an ``Embedding``, as a sequence.

    Parameters
    ----------
    layers : list of layers, optional
        Hidden layers. None takes two dense ones of 16 units on a bag of words.
    vocabulary : int, default 10_000
        Words in the dictionary (of a sequence: codes, that of padding and that of unknown words among them).
    length : int, optional
        Places of a sequence: of longer documents the beginning is cut off, shorter ones are filled up in front. None takes the
        longest training document's, at most 500.
    ngrams : int, default 1
        Of a bag: up to how many words in a row count as one entry of the dictionary.
    values : {"presence", "counts", "proportions", "tfidf"}
        What a bag holds of each word (:class:`lamina.data.text.BagOfWords`).
    pad, truncate : {"left", "right"}
        Where sequences are filled up and cut.
    loss, optimizer, epochs, batch_size, penalty, early_stopping, class_weight, clip_norm, shuffle
        As in :class:`lamina.NeuralClassifier`.
    weights, precision, warm_start, random_state, verbose
        As in :class:`lamina.NeuralClassifier`.

    Attributes
    ----------
    features_
        ``features_.text`` is what makes rows of documents, and ``features_.text.words_`` the dictionary.
    classes_, network_, n_parameters_, parameters_, history_
        As in :class:`lamina.NeuralClassifier`; ``n_features_in_`` is the number of columns that a document becomes.

    Source: ISLP sections 10.4 and 10.5.

    Examples
    --------
    >>> from lamina import TextClassifier
    >>> texts = ["a fine film", "fine acting", "dull plot", "a dull, dull film"] * 10
    >>> model = TextClassifier(random_state=0).fit(texts, ["good", "good", "bad", "bad"] * 10)
    >>> model.predict(["what a fine plot", "dull acting"]).tolist()
    ['good', 'bad']
    """

    def __init__(
        self,
        layers: Any = None,
        *,
        vocabulary: int = 10_000,
        length: int | None = None,
        ngrams: int = 1,
        values: str = "presence",
        pad: str = "left",
        truncate: str = "left",
        loss: Any = None,
        optimizer: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        penalty: Any = None,
        early_stopping: Any = None,
        class_weight: Any = None,
        clip_norm: float | None = None,
        shuffle: bool = True,
        weights: Any = None,
        precision: str | None = None,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.layers = layers
        self.vocabulary = vocabulary
        self.length = length
        self.ngrams = ngrams
        self.values = values
        self.pad = pad
        self.truncate = truncate
        self.loss = loss
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.penalty = penalty
        self.early_stopping = early_stopping
        self.class_weight = class_weight
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.weights = weights
        self.precision = precision
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose


class TextRegressor(ReadsText, NeuralRegressor):
    """A network that predicts a number from a document, such as the stars of a review.

    Parameters
    ----------
    layers, vocabulary, length, ngrams, values, pad, truncate
        As in :class:`lamina.TextClassifier`.
    loss, optimizer, epochs, batch_size, penalty, early_stopping, clip_norm, shuffle
        As in :class:`lamina.NeuralRegressor`.
    weights, precision, warm_start, random_state, verbose
        As in :class:`lamina.NeuralRegressor`.

    Examples
    --------
    >>> from lamina import TextRegressor
    >>> texts = ["a fine film", "fine acting", "dull plot", "a dull, dull film"] * 10
    >>> model = TextRegressor(random_state=0).fit(texts, [9.0, 8.0, 3.0, 1.0] * 10)
    >>> model.predict(["fine"])[0] > model.predict(["dull"])[0]
    np.True_
    """

    def __init__(
        self,
        layers: Any = None,
        *,
        vocabulary: int = 10_000,
        length: int | None = None,
        ngrams: int = 1,
        values: str = "presence",
        pad: str = "left",
        truncate: str = "left",
        loss: Any = None,
        optimizer: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        penalty: Any = None,
        early_stopping: Any = None,
        clip_norm: float | None = None,
        shuffle: bool = True,
        weights: Any = None,
        precision: str | None = None,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool | None = None,
    ) -> None:
        self.layers = layers
        self.vocabulary = vocabulary
        self.length = length
        self.ngrams = ngrams
        self.values = values
        self.pad = pad
        self.truncate = truncate
        self.loss = loss
        self.optimizer = optimizer
        self.epochs = epochs
        self.batch_size = batch_size
        self.penalty = penalty
        self.early_stopping = early_stopping
        self.clip_norm = clip_norm
        self.shuffle = shuffle
        self.weights = weights
        self.precision = precision
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
