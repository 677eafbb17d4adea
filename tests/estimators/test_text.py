"""Estimators of documents: strings in, and the dictionary is part of the model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from lamina import TextClassifier, TextRegressor, load
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.layers import LSTM, Dense, Embedding
from lamina.model_selection import EnsembleClassifier
from lamina.training import Adam

WORDS = np.array(["plot", "acting", "film", "music", "scene", "story", "light", "end", "start", "hero"])


def reviews(n: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Documents of common words, with a word of praise or of blame among them."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(2, size=n)
    texts = [
        " ".join(
            rng.permutation([*rng.choice(WORDS, 6), rng.choice([["dull", "poor"], ["fine", "good"]][label])])
        )
        for label in labels
    ]
    return texts, np.where(labels, "pos", "neg")


TEXTS, LABELS = reviews(120)


def test_a_model_of_documents_saved_and_loaded(tmp_path: Path) -> None:
    model = TextClassifier(ngrams=2, values="tfidf", random_state=0).fit(TEXTS, LABELS)
    further, truth = reviews(60, seed=1)
    assert model.score(further, truth) > 0.9
    model.save(tmp_path / "reviews.lamina")
    again = load(tmp_path / "reviews.lamina")
    odd = [*further, "", "¡nothing known!", "FINE film " * 2000, "caf\udce9 \x00"]
    np.testing.assert_array_equal(again.predict_proba(odd), model.predict_proba(odd))
    assert again.features_.text.words_ == model.features_.text.words_


def test_a_sequence_of_words_and_the_vocabulary_of_its_embedding(tmp_path: Path) -> None:
    layers = [Embedding(4), LSTM(4)]
    model = TextClassifier(layers, vocabulary=14, length=5, epochs=150, optimizer=Adam(0.01), random_state=0)
    model.fit(TEXTS, LABELS)
    assert layers == [Embedding(4), LSTM(4)]
    assert model.network_.layers[0] == Embedding(4, 14)
    assert (
        model.score(TEXTS, LABELS) > 0.75
    )  # two words of 14 are not in the dictionary, and some stand before the fifth last
    model.save(tmp_path / "lstm.lamina")
    odd = [*TEXTS, "", "unknown words alone"]
    np.testing.assert_array_equal(load(tmp_path / "lstm.lamina").predict_proba(odd), model.predict_proba(odd))
    with pytest.raises(SpecificationError, match="has 10 codes, and the dictionary 14"):
        TextClassifier([Embedding(4, 10), LSTM(4)], vocabulary=14).fit(TEXTS, LABELS)


@pytest.mark.parametrize("form", [tuple, np.array, pd.Series, lambda texts: pd.DataFrame({"review": texts})])
def test_any_column_of_strings(form: Any) -> None:
    model = TextClassifier([], epochs=2, random_state=0)
    expected = model.fit(TEXTS, LABELS).predict_proba(TEXTS)
    np.testing.assert_array_equal(model.fit(form(TEXTS), LABELS).predict_proba(form(TEXTS)), expected)


def test_a_regressor_and_clones() -> None:
    stars = np.where(LABELS == "pos", 9.0, 2.0)
    model = clone(TextRegressor([Dense(4, "relu")], vocabulary=50, epochs=200, random_state=0)).fit(
        TEXTS, stars
    )
    assert model.score(TEXTS, stars) > 0.9
    assert model.n_features_in_ == model.features_.text.width == 14


def test_members_of_an_ensemble_have_dictionaries_of_their_own() -> None:
    made = EnsembleClassifier(TextClassifier([], epochs=3), 3, draw="fold", cv=3, random_state=0).fit(
        TEXTS, LABELS
    )
    np.testing.assert_allclose(
        made.predict_proba(TEXTS),
        np.mean([m.predict_proba(TEXTS) for m in made.estimators_], axis=0),
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("X", "error", "message"),
    [
        ("one text", ArgumentTypeError, "give a list of strings"),
        ({"a", "b"}, ArgumentTypeError, "X is one set: give a list of strings"),
        ({"a": "b"}, ArgumentTypeError, "X is one dict: give a list of strings"),
        ([["a"], ["b"]], DataError, r"X\[0\] is \['a'\], of type list, and 2 of 2 entries"),
        (["a", None, "b"], DataError, r"X\[1\] is missing \(None\), and 1 of 3"),
        (["a", "b", float("nan")], DataError, r"X\[2\] is missing \(nan\)"),
        (["a", 5, 6], DataError, r"X\[1\] is 5, of type int, and 2 of 3 entries are no string"),
        (["a", b"\xe9"], DataError, r"X\[1\] is bytes.*errors='replace'"),
        (["!", "...", ""], DataError, "none of the 3 documents"),
        (["just one"], DataError, "at least 2"),
        (np.zeros((3, 2)), ArgumentTypeError, "one string a document"),
        (pd.DataFrame({"a": ["x"], "b": ["y"]}), ArgumentTypeError, r"X\['a'\]"),
    ],
)
def test_what_is_no_text_is_refused(X: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        TextClassifier().fit(X, [0, 1, 1][: len(X)])


def test_empty_documents_are_told() -> None:
    with pytest.warns(DataWarning, match=r"2 of 122 documents of X have no word \(the first is X\[0\]\)"):
        model = TextClassifier([], epochs=1).fit(["", *TEXTS, "!?"], ["pos", *LABELS, "neg"])
    assert model.predict_proba(["", "zyx"]).shape == (2, 2)


def test_settings_that_mean_nothing() -> None:
    for given, message in (
        ({"vocabulary": 0}, "vocabulary=0"),
        ({"ngrams": 0}, "ngrams=0"),
        ({"values": "count"}, "did you mean 'counts'"),
        ({"length": 20}, "length=20 is for sequences"),
        ({"pad": "right"}, "pad='right' is for sequences"),
        ({"layers": [Embedding(4)], "ngrams": 2}, "ngrams=2 is for a bag of words: take the Embedding away"),
        ({"layers": [LSTM(4)]}, r"LSTM\(4\) cannot read a bag of words: let Embedding\(32\) be the first"),
    ):
        with pytest.raises(SpecificationError, match=message):
            TextClassifier(**given).fit(TEXTS, LABELS)
