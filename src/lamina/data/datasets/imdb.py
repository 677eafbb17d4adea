"""IMDB: 50,000 film reviews, half of them favourable."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lamina.data.datasets.sources import DAMAGE
from lamina.data.datasets.unpacked import unpacked
from lamina.errors import FileFormatError

Texts = NDArray[np.object_]
Whole = NDArray[np.int64]

_MEMBER = re.compile(r"(?:.*/)?(train|test)/(neg|pos)/(\d+)_(\d+)\.txt$")
_PARTS = tuple((split, label) for split in ("train", "test") for label in ("neg", "pos"))
EACH = 12_500
"""Reviews of each label in the training and in the test set."""


class Imdb(NamedTuple):
    """Reviews, their sentiment (0 negative, 1 positive), and the stars given, 1 to 4 or 7 to 10.

    The negative ones come first, in the order of their numbers.
    """

    texts_train: Texts
    y_train: Whole
    stars_train: Whole
    texts_test: Texts
    y_test: Whole
    stars_test: Whole


def load_imdb() -> Imdb:
    """Load the labelled half of the Large Movie Review Dataset; it is downloaded once (84 MB) if it is not on the machine.

    Unpacking takes seconds, so the texts are kept in the cache (66 MB); ``LAMINA_CACHE=off`` keeps nothing.

    Raises
    ------
    DataError
        The archive is nowhere and cannot be downloaded.
    FileFormatError
        It is damaged, or holds something else.

    References
    ----------
    Maas et al., "Learning Word Vectors for Sentiment Analysis", ACL 2011.
    James, Witten, Hastie and Tibshirani, *An Introduction to Statistical Learning*, section 10.4.

    Examples
    --------
    >>> imdb = load_imdb()  # doctest: +SKIP
    >>> len(imdb.texts_train), imdb.y_train.mean()  # doctest: +SKIP
    (25000, 0.5)
    """
    return _split(*unpacked("imdb", "texts", _unpacked, _kept, _keep))


def _split(texts: list[str], stars: Whole) -> Imdb:
    documents = np.array(texts, dtype=object)
    half, y = 2 * EACH, np.repeat([0, 1], EACH)
    return Imdb(documents[:half], y, stars[:half], documents[half:], y.copy(), stars[half:])


def _unpacked(archive: Path) -> tuple[list[str], Whole]:
    """Texts and stars, in the order of the parts and of the reviews' numbers."""
    found: dict[tuple[str, str], list[tuple[int, int, str]]] = {part: [] for part in _PARTS}
    try:
        with tarfile.open(archive, "r|*") as tar:
            for member in tar:
                named = _MEMBER.match(member.name)
                stream = tar.extractfile(member) if named else None
                if named and stream is not None:
                    text = stream.read().decode("utf-8", "replace")
                    found[named[1], named[2]].append((int(named[3]), int(named[4]), text))
    except (*DAMAGE, tarfile.TarError) as error:
        raise FileFormatError(
            f"{archive} is damaged or truncated ({error}): delete it, and it is fetched again, or copy it anew"
        ) from error
    for (split, label), reviews in found.items():
        if len(reviews) != EACH:
            raise FileFormatError(
                f"{archive} is not the Large Movie Review Dataset: {split}/{label} has {len(reviews)} reviews, but {EACH} are "
                "needed. Delete it, and it is fetched again"
            )
    ordered = [review for part in _PARTS for review in sorted(found[part])]
    return [text for _, _, text in ordered], np.array([stars for _, stars, _ in ordered], np.int64)


def _kept(folder: Path) -> tuple[list[str], Whole]:
    ends, stars = np.load(folder / "ends.npy"), np.load(folder / "stars.npy")
    joined = (folder / "texts.txt").read_bytes()
    if len(stars) != 4 * EACH or len(ends) != len(stars) or ends[-1] != len(joined):
        raise ValueError("not what was kept")
    starts = [0, *ends[:-1].tolist()]
    return [
        joined[first:end].decode("utf-8") for first, end in zip(starts, ends.tolist(), strict=True)
    ], stars


def _keep(folder: Path, content: tuple[list[str], Whole]) -> None:
    texts, stars = content
    coded = [text.encode("utf-8") for text in texts]
    (folder / "texts.txt").write_bytes(b"".join(coded))
    np.save(folder / "ends.npy", np.cumsum([len(each) for each in coded]))
    np.save(folder / "stars.npy", stars)
