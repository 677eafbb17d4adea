"""Models from sequence to sequence: tokens, network and weights to a file and back."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from lamina.data.symbols import Symbols
from lamina.errors import FileFormatError, LaminaError
from lamina.estimators import SequenceToSequence
from lamina.files.checked import get, get_names
from lamina.files.kind import Kind
from lamina.files.learnt import Plain, read_history, write_history
from lamina.files.shelf import Arrays, Shelf, flat_tree, take_tree
from lamina.files.values import decode, encode
from lamina.layers.containers import Sequential
from lamina.networks.encoder_decoder import EncoderDecoder
from lamina.training import Fitted

SIDES = ("source", "target")


def _write(estimator: SequenceToSequence, arrays: Arrays) -> Plain:
    arrays |= flat_tree(estimator.fitted_.parameters)
    return {
        "network": encode(estimator.network_, "network_"),
        "source": list(estimator.source_symbols_.known),
        "target": list(estimator.target_symbols_.known),
        "longest_target": int(estimator.longest_target_),
        "epochs": int(estimator.fitted_.epochs),
        "interrupted": bool(estimator.fitted_.interrupted),
        "history": write_history(estimator.history_, "@history", arrays),
    }


def _read(estimator: Any, plain: Plain, shelf: Shelf) -> None:
    network = decode(plain.get("network"), "network")
    if not isinstance(network, EncoderDecoder):
        raise FileFormatError(
            f"the file's network is {network!r} and should go from sequence to sequence: it was not saved by Lamina."
        )
    estimator.network_ = network
    for side, size in zip(SIDES, (network.source_vocabulary, network.target_vocabulary), strict=True):
        setattr(estimator, f"{side}_symbols_", _symbols(estimator.tokens, plain, side, size))
    estimator.longest_target_ = get(plain, "longest_target", int, "file")
    estimator.history_ = read_history(get(plain, "history", dict, "file"), "@history", shelf)
    estimator.fitted_ = Fitted(
        _parameters(network, estimator.longest_target_, shelf),
        {},
        estimator.history_,
        None,
        get(plain, "epochs", int, "file"),
        get(plain, "interrupted", bool, "file"),
    )


def _symbols(tokens: str, plain: Plain, side: str, size: int) -> Symbols:
    names = get_names(plain, side, "file")
    symbols = Symbols(tokens, () if names is None else tuple(map(str, names)))
    if len(symbols) != size:
        raise FileFormatError(
            f"the file has {len(symbols)} codes of the {side} for a network of {size}: it was not saved by Lamina."
        )
    return symbols


def _parameters(network: EncoderDecoder, longest: int, shelf: Shelf) -> Any:
    shape = (network.source_length + longest + 1,)
    try:
        like = Sequential([network]).init(np.random.default_rng(0), shape)[0]
    except (LaminaError, TypeError, ValueError) as error:
        raise FileFormatError(f"the file's network cannot be made: {error}") from error
    parameters = take_tree(shelf, like)
    if len({leaf.dtype for leaf in jax.tree.leaves(parameters)}) != 1:
        raise FileFormatError("the file's parameters are of several types: it was not saved by Lamina.")
    return parameters


KINDS: dict[str, Kind] = {"SequenceToSequence": Kind(SequenceToSequence, _write, _read)}
