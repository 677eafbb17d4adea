"""Texts to texts: learnt, decoded, drawn, saved; and what is no pair."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from lamina import SequenceToSequence, load
from lamina.errors import ArgumentTypeError, DataError, DataWarning, SpecificationError
from lamina.training import Adam, SequenceCrossEntropy

RNG = np.random.default_rng(0)
WORDS = ["".join(RNG.choice(list("abc"), RNG.integers(1, 5))) for _ in range(400)]
SHIFTED = [word.translate(str.maketrans("abc", "xyz")) for word in WORDS]
SMALL: dict[str, Any] = {"units": 16, "embedding": 8, "epochs": 30, "dropout": 0.0, "random_state": 0}


WORD_BY_WORD = {**SMALL, "epochs": 60, "batch_size": 16}


@pytest.fixture(scope="module")
def model() -> SequenceToSequence:
    return SequenceToSequence(**SMALL).fit(WORDS, SHIFTED)


def test_a_transformer_learns_it_too(tmp_path: Path) -> None:
    model = SequenceToSequence(model="transformer", heads=2, depth=1, **SMALL).fit(WORDS, SHIFTED)
    assert model.score(WORDS[:100], SHIFTED[:100]) > 0.9
    weights, written, _ = model.attention_of("abca")
    np.testing.assert_allclose(weights.sum(axis=1), np.ones(len(written)), rtol=1e-4)
    model.save(tmp_path / "letters.lamina")
    assert (
        load(tmp_path / "letters.lamina").predict(WORDS[:100]).tolist() == model.predict(WORDS[:100]).tolist()
    )


def test_letters_are_exchanged_one_by_one(model: SequenceToSequence) -> None:
    assert model.score(["abca", "c", "bb"], ["xyzx", "z", "yy"]) > 0.6
    assert model.score(WORDS[:100], SHIFTED[:100]) > 0.9
    assert model.history_.best_epoch is not None


def test_beams_find_no_less_probable_targets(model: SequenceToSequence) -> None:
    greedy, wide = (model.log_probability(WORDS[:100], beam=beam) for beam in (1, 4))
    assert greedy.mean() <= wide.mean() + 1e-4
    assert (wide <= 0).all()


def test_each_source_is_decoded_by_itself(model: SequenceToSequence) -> None:
    together = model.predict(WORDS[:100])
    assert [model.predict([word])[0] for word in WORDS[:5]] == together[:5].tolist()


def test_the_decoder_looks_at_what_it_writes(model: SequenceToSequence) -> None:
    weights, written, read = model.attention_of("abca")
    assert read == list("abca")
    assert written[-1] == "end"
    assert weights.shape == (len(written), 4)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-4)
    assert model.attention_of("ab", "xyx")[1] == ["x", "y", "x", "end"]


def test_it_is_drawn(model: SequenceToSequence, tmp_path: Path) -> None:
    model.plot_attention("abca", tmp_path / "attention.png")
    assert (tmp_path / "attention.png").stat().st_size > 1000


def test_files_give_the_same_model(model: SequenceToSequence, tmp_path: Path) -> None:
    model.save(tmp_path / "letters.lamina")
    again = load(tmp_path / "letters.lamina")
    assert again.predict(WORDS[:100], beam=4).tolist() == model.predict(WORDS[:100], beam=4).tolist()
    assert again.history_ == model.history_
    assert again.get_params() == model.get_params()
    assert again.n_parameters_ == model.n_parameters_


def test_unknown_letters_are_told_and_longer_sources_taken(model: SequenceToSequence) -> None:
    with pytest.warns(DataWarning, match=r"2 characters that the model does not know \('d', 'é'\)"):
        assert len(model.predict(["adé"])) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(model.predict(["abc" * 2 + "a"])[0]) <= model.longest_target_ + 1


def test_words_and_no_attention() -> None:
    sources = ["one two", "two one", "three, one", "two"] * 20
    targets = ["1 2", "2 1", "3, 1", ""] * 20
    model = SequenceToSequence(
        tokens="word", attention=False, model="lstm", early_stopping=None, **WORD_BY_WORD
    )
    model.fit(sources, targets)
    assert model.predict(["two one", "three, one", "two"]).tolist() == ["2 1", "3 , 1", ""]
    assert model.score(sources, targets) == 1
    with pytest.raises(SpecificationError, match="no attention to see"):
        model.attention_of("one")


def test_a_seed_repeats_the_fit_and_clones_are_unfitted() -> None:
    model = SequenceToSequence(**{**SMALL, "epochs": 2}).fit(WORDS[:50], SHIFTED[:50])
    again = clone(model).fit(WORDS[:50], SHIFTED[:50])
    assert again.history_ == model.history_
    with pytest.raises(NotFittedError):
        clone(model).predict(["a"])


def test_fields_of_the_optimizer_can_be_set() -> None:
    model = SequenceToSequence().set_params(optimizer__learning_rate=0.01, early_stopping__patience=2)
    assert model.optimizer == Adam(0.01)
    assert model.get_params()["early_stopping__patience"] == 2


def test_the_loss_is_the_mean_over_places_that_are_there() -> None:
    z, y = RNG.normal(size=(2, 3, 4)).astype(np.float32), np.array([[2, 3, 0], [1, 0, 0]])
    p = np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)
    by_hand = [-(np.log(p[0, 0, 2]) + np.log(p[0, 1, 3])) / 2, -np.log(p[1, 0, 1])]
    np.testing.assert_allclose(SequenceCrossEntropy().row(z, y, lambda name, own: own), by_hand, rtol=1e-5)


@pytest.mark.parametrize(
    ("pairs", "error", "said"),
    [
        ((["a", "b"], ["x"]), DataError, "2 texts and targets 1"),
        ((["a"], ["x"]), DataError, "at least 2"),
        ((["a", ""], ["x", "y"]), DataError, r"sources\[1\]"),
        ((["a", "b"], ["x", None]), ArgumentTypeError, r"targets\[1\] is None"),
        (("ab", "xy"), ArgumentTypeError, "is one text"),
        ((["a", "b"], ["x", "y"], ["a"]), ArgumentTypeError, "targets_val=None"),
    ],
)
def test_what_is_no_pair_is_refused(pairs: tuple, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        SequenceToSequence(**SMALL).fit(*pairs)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"model": "rnn"}, "'gru', 'lstm' or 'transformer'"),
        ({"tokens": "line"}, "'character' or 'word'"),
        ({"units": 0}, "units must be"),
        ({"dropout": 1.5}, "dropout must be"),
        ({"optimizer": "lbfgs"}, "mini-batches"),
        ({"model": "transformer", "units": 10}, "divides"),
        ({"vocabulary": 0}, "vocabulary must be"),
    ],
)
def test_bad_parameters_are_refused(given: dict, said: str) -> None:
    with pytest.raises(SpecificationError, match=said):
        SequenceToSequence(**{**SMALL, **given}).fit(WORDS[:20], SHIFTED[:20])
