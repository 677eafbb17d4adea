"""How documents become numbers: a dictionary and its settings, to plain values and arrays and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lamina.data.text import BagOfWords, WordSequences
from lamina.errors import FileFormatError, SpecificationError
from lamina.files.checked import get
from lamina.files.shelf import Arrays, Shelf

Plain = dict[str, Any]
PREFIX = "@text"

_READERS: dict[str, tuple[Callable[[Arrays, Plain], Any], dict[str, type[Any]]]] = {
    "bag": (BagOfWords.from_state, {"vocabulary": int, "ngrams": int, "values": str}),
    "sequence": (
        WordSequences.from_state,
        {"vocabulary": int, "length": int, "pad": str, "truncate": str},
    ),
}
"""What makes each kind again, and the types of its settings."""


def write_text(text: BagOfWords | WordSequences, arrays: Arrays) -> Plain:
    """Settings; the dictionary goes among the arrays."""
    learnt, plain = text.state()
    arrays |= {f"{PREFIX}/{name}": array for name, array in learnt.items()}
    return plain


def read_text(plain: Plain, shelf: Shelf, shape: tuple[int, ...]) -> BagOfWords | WordSequences:
    """What :func:`write_text` wrote, for a network that takes rows of ``shape``."""
    kind = get(plain, "kind", str, "text")
    if kind not in _READERS:
        raise FileFormatError(
            f"the file reads text as {kind!r}, which is not known here: it was saved by a newer version; update with "
            "pip install --upgrade lamina."
        )
    make, settings = _READERS[kind]
    checked = {name: get(plain, name, type_, "text") for name, type_ in settings.items()}
    arrays = shelf.take_below(PREFIX)
    try:
        made: BagOfWords | WordSequences = make(arrays, checked)
    except (KeyError, ValueError, TypeError, SpecificationError) as error:
        if isinstance(error, FileFormatError):
            raise
        raise FileFormatError(f"the file's dictionary cannot be read: {error}.") from error
    if (made.width,) != tuple(shape):
        raise FileFormatError(
            f"the file's documents become rows of {made.width} numbers for a network that takes rows of shape {shape}: it was "
            "not saved by Lamina."
        )
    return made
