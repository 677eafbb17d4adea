"""Vectors of words from elsewhere: a GloVe or word2vec text file, or the corpus' own co-occurrence matrix."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from lamina.data.text.documents import as_documents
from lamina.data.text.sequences import FIRST
from lamina.data.text.words import words_of
from lamina.errors import ArgumentTypeError, DataError, FileAccessError, FileFormatError, SpecificationError

WINDOW = 5


class WordVectors(NamedTuple):
    """A row for each code of a dictionary, as an Embedding takes it, and the words for which there was no vector.

    Give it as ``weights={"embedding_1/weights": vectors.weights}``; ``Embedding(dimension, trainable=False)`` keeps them.
    """

    weights: NDArray[np.float32]
    missing: tuple[str, ...]


def read_embeddings(path: str | os.PathLike[str], words: Sequence[str]) -> WordVectors:
    """Vectors of a dictionary's words from a text file: a word and its numbers on each line, as GloVe and word2vec write them.

    Rows 0 (padding) and 1 (unknown words), and those of words that the file does not have, are zero and the mean of the found
    vectors. A first line of two numbers, word2vec's, is skipped, and so is a line of several words before its numbers.

    Parameters
    ----------
    path
        The file, UTF-8 (or UTF-16 with its mark), not packed; only the lines of words that are asked for are kept.
    words
        The dictionary in the order of its codes, such as ``model.features_.text.words_``.

    Raises
    ------
    FileAccessError
        If the file cannot be read.
    FileFormatError
        If a line has more or fewer numbers than the first, or something else than numbers: the message names the line.
    DataError
        If the file has none of the words.

    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "vectors.txt"
    ...     _ = file.write_text("film 1.0 2.0\\nwar 3.0 4.0\\n")
    ...     found = read_embeddings(file, ["film", "love"])
    >>> found.weights.tolist(), found.missing
    ([[0.0, 0.0], [1.0, 2.0], [1.0, 2.0], [1.0, 2.0]], ('love',))
    """
    place = {word: row for row, word in enumerate(_dictionary(words))}
    found: dict[int, NDArray[np.float32]] = {}
    width: int | None = None
    try:
        with open(path, encoding=_encoding(path), errors="replace") as lines:
            for number, line in enumerate(lines, start=1):
                parts = line.rstrip().split(" ")
                if not line.strip() or (
                    number == 1 and len(parts) == 2 and line.replace(" ", "").strip().isdigit()
                ):
                    continue
                width = len(parts) - 1 if width is None else width
                if _is_phrase(parts, width):
                    continue
                _check_width(parts, width, path, number)
                if (row := place.get(parts[0])) is not None:
                    found[row] = _numbers(parts[1:], path, number)
    except OSError as error:
        raise FileAccessError(f"cannot read {os.fspath(path)}: {error.strerror or error}.") from error
    if not found or width is None:
        raise DataError(
            f"{os.fspath(path)} has a vector for none of the {len(words)} words of the dictionary."
        )
    return _as_rows(found, width, words)


def _dictionary(words: Any) -> Sequence[str]:
    if isinstance(words, str) or not isinstance(words, Iterable):
        raise ArgumentTypeError(
            f"words={words!r}: give the words of a dictionary as a list, such as model.features_.text.words_."
        )
    return list(words)


def _encoding(path: Any) -> str:
    """UTF-8, with or without a mark at the beginning, or the UTF-16 that a mark says."""
    with open(path, "rb") as file:
        start = file.read(2)
    if start in _PACKED:
        raise FileFormatError(f"{os.fspath(path)} is a {_PACKED[start]} archive: unpack it first.")
    return "utf-16" if start in _UTF16_MARKS else "utf-8-sig"


_PACKED = {b"PK": "zip", b"\x1f\x8b": "gzip"}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def _is_phrase(parts: list[str], width: int) -> bool:
    """Whether a line has several words before its numbers, as some published files do; no dictionary has such an entry."""
    return len(parts) - 1 > width > 0 and not any(map(_is_number, parts[1:-width]))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _check_width(parts: list[str], width: int, path: Any, number: int) -> None:
    needed = "each line needs a word and as many numbers, parted by single spaces"
    if not width:
        raise FileFormatError(
            f"{os.fspath(path)}, line {number}: no number comes after {parts[0]!r:.40}: {needed}."
        )
    if len(parts) - 1 != width:
        raise FileFormatError(
            f"{os.fspath(path)}, line {number}: the word {parts[0]!r:.40} has {len(parts) - 1} numbers, and the "
            f"first {width}: {needed}."
        )


def _numbers(parts: list[str], path: Any, number: int) -> NDArray[np.float32]:
    try:
        numbers = np.array(parts, np.float32)
    except ValueError as error:
        raise FileFormatError(
            f"{os.fspath(path)}, line {number}: {error}: a line needs a word and numbers, parted by single spaces."
        ) from None
    if not np.isfinite(numbers).all():
        raise FileFormatError(f"{os.fspath(path)}, line {number}: a number is not finite.")
    return numbers


def _as_rows(found: dict[int, NDArray[np.float32]], width: int, words: Sequence[str]) -> WordVectors:
    rows = np.array(sorted(found))
    vectors = np.stack([found[row] for row in rows])
    weights = np.tile(vectors.mean(axis=0), (FIRST + len(words), 1)).astype(np.float32)
    weights[0] = 0
    weights[FIRST + rows] = vectors
    return WordVectors(weights, tuple(word for row, word in enumerate(words) if row not in found))


def cooccurrence_embeddings(
    documents: Any, words: Sequence[str], dimension: int = 32, window: int = WINDOW, seed: int = 0
) -> WordVectors:
    r"""Vectors of a dictionary's words: principal components of how often they stand near one another.

    With n_ij the times that words i and j are at most ``window`` places apart, the rows of U √S of the leading singular vectors
    of

    .. math:: \log(1 + n_{ij})

    with its columns centred, divided by one number so that their entries have variance one.

    Parameters
    ----------
    documents
        The corpus, a list of strings.
    words
        As in :func:`read_embeddings`.
    dimension
        Numbers of a vector; fewer than words.

    Raises
    ------
    DataError
        If there are too few words, or no two of them stand near one another.
    SpecificationError
        If dimension or window is no whole number above zero.

    Source: ISLP section 10.5 (embeddings by principal components); Levy and Goldberg, "Neural word embedding as implicit matrix
    factorization", 2014.

    >>> texts = ["cats purr softly", "cats purr", "dogs bark loudly", "dogs bark"] * 5
    >>> vectors = cooccurrence_embeddings(texts, ["cats", "purr", "dogs", "bark"], dimension=2)
    >>> vectors.weights.shape, vectors.missing
    ((6, 2), ())
    """
    words = _dictionary(words)
    for name, value in (("dimension", dimension), ("window", window)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
            raise SpecificationError(f"{name}={value!r}: {name} must be a whole number, 1 or more.")
    if not dimension < len(words):
        raise DataError(
            f"dimension={dimension!r}: {len(words)} words have at most {max(len(words) - 1, 0)} principal components."
        )
    counts = near_one_another(documents, words, window)
    if not counts.nnz:
        raise DataError(
            f"no two of the {len(words)} words stand within {window} places of one another: give the documents that the "
            "dictionary was learnt from, or a larger window."
        )
    missing = np.flatnonzero(np.diff(counts.indptr) == 0)
    counts.data = np.log1p(counts.data)
    mean = np.asarray(counts.mean(axis=0)).ravel()
    from scipy.sparse.linalg import LinearOperator, svds

    # Centred without writing out the zeros: (N - 1 mᵀ) v = N v - 1 (m·v).
    centred = LinearOperator(
        counts.shape,
        matvec=lambda v: counts @ v.ravel() - mean @ v.ravel(),
        rmatvec=lambda u: counts.T @ u.ravel() - mean * u.sum(),
        dtype=np.float64,
    )
    start = np.random.default_rng(seed).normal(size=min(counts.shape))
    left, sizes, _ = svds(centred, k=dimension, v0=start)
    order = np.argsort(-sizes)
    vectors = left[:, order] * np.sqrt(sizes[order])
    # A singular vector's sign is the solver's whim: the largest entry is made positive.
    vectors *= np.sign(vectors[np.abs(vectors).argmax(axis=0), np.arange(dimension)])
    vectors /= np.sqrt(np.mean(np.square(vectors))) or 1.0
    weights = np.zeros((FIRST + len(words), dimension), np.float32)
    weights[FIRST:] = vectors
    weights[1] = vectors.mean(axis=0)
    return WordVectors(weights, tuple(words[row] for row in missing.tolist()))


def near_one_another(documents: Any, words: Sequence[str], window: int = WINDOW) -> sparse.csr_array:
    """How often two words are at most ``window`` places apart, symmetric, shape (words, words).

    >>> near_one_another(["a b a c"], ["a", "b", "c"], window=1).toarray().tolist()
    [[0.0, 2.0, 1.0], [2.0, 0.0, 0.0], [1.0, 0.0, 0.0]]
    """
    place = {word: row for row, word in enumerate(words)}
    size = len(words)
    total = sparse.csr_array((size, size), dtype=np.float64)
    texts = as_documents(documents)
    for first in range(0, len(texts), BLOCK):
        codes = [
            place.get(word, -1)
            for text in texts[first : first + BLOCK]
            for word in [*words_of(text), *[""] * window]
        ]
        row = np.array(codes)
        pairs = []
        for apart in range(1, window + 1):
            left, right = row[:-apart], row[apart:]
            both = (left >= 0) & (right >= 0)
            pairs.append(np.stack([left[both], right[both]]))
        i, j = np.concatenate(pairs, axis=1)
        total = total + sparse.csr_array((np.ones(len(i)), (i, j)), shape=(size, size))
    return sparse.csr_array(total + total.T)


BLOCK = 2_000
"""Documents whose pairs of words are counted at a time."""
