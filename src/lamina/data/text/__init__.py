"""Text: documents become bags of words, or sequences of codes of words."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.data.text.bags import BagOfWords
    from lamina.data.text.documents import as_documents
    from lamina.data.text.embeddings import WordVectors, cooccurrence_embeddings, read_embeddings
    from lamina.data.text.sequences import WordSequences
    from lamina.data.text.words import words_of

_HOMES = {
    "BagOfWords": "lamina.data.text.bags",
    "WordSequences": "lamina.data.text.sequences",
    "WordVectors": "lamina.data.text.embeddings",
    "as_documents": "lamina.data.text.documents",
    "cooccurrence_embeddings": "lamina.data.text.embeddings",
    "read_embeddings": "lamina.data.text.embeddings",
    "words_of": "lamina.data.text.words",
}

__all__ = [
    "BagOfWords",
    "WordSequences",
    "WordVectors",
    "as_documents",
    "cooccurrence_embeddings",
    "read_embeddings",
    "words_of",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina.data.text' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
