"""Where pictures come from: a folder with a folder for each class, a flat folder, or files named one by one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lamina.errors import ArgumentTypeError, DataError, DataWarning, FileAccessError

ENDINGS = frozenset(
    (
        ".png",
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".webp",
        ".avif",
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".tga",
    )
) | {".ppm", ".pgm", ".pbm", ".pnm", ".ico", ".jp2", ".j2k", ".pcx", ".sgi", ".heic", ".heif", ".qoi"}
"""Endings of files that are taken for pictures in a folder, in lower or upper case."""

PARTS = frozenset(("train", "training", "test", "testing", "val", "valid", "validation", "dev"))
"""Names of folders that hold a part of the data and not a class."""

SHOWN = 5
"""File names that a message lists."""


@dataclass(frozen=True)
class Listing:
    """The files to read, the class of each where there are classes, and what was left out."""

    paths: tuple[Path, ...]
    labels: tuple[str, ...] | None
    notes: tuple[str, ...] = ()


def is_image_source(X: Any) -> bool:
    """Whether X is a path, or a list of paths, and not yet an array.

    >>> is_image_source("photos/"), is_image_source(["a.png", "b.png"]), is_image_source([[1.0, 2.0]])
    (True, True, False)
    """
    if _is_path(X):
        return True
    if getattr(X, "ndim", 1) != 1 or isinstance(X, (bytes, dict)) or not hasattr(X, "__len__") or not len(X):
        return False
    kind = getattr(getattr(X, "dtype", None), "kind", "O")
    return kind in "OUT" and hasattr(X, "__iter__") and all(_is_path(item) for item in X)


def list_images(source: Any, *, labelled: bool | None = None) -> Listing:
    """The picture files of a folder, of a list of paths, or one file.

    Parameters
    ----------
    source
        A folder or paths. Hidden files and folders are ignored; other files are left out, with a word.
    labelled
        True needs a folder for each class, at least two; False takes all pictures below, however they lie; None gives labels
        where there are folders with pictures.

    Raises
    ------
    DataError
        There is no picture, or no way to tell its class.
    FileAccessError
        The folder or a file is not there.
    """
    if not _is_path(source):
        if not is_image_source(source):
            raise ArgumentTypeError(
                f"pictures come from a folder or a list of paths, and {type(source).__name__} was given."
            )
        return _named_one_by_one([Path(item) for item in source], labelled)
    path = Path(source).expanduser()
    if path.is_file():
        return _named_one_by_one([path], labelled)
    if not path.is_dir():
        raise FileAccessError(f"{path} is not there: give a folder of pictures, or a list of their paths.")
    listing = _listed_without_classes(path) if labelled is False else _listed(path, labelled)
    for note in listing.notes:
        warnings.warn(note, DataWarning, stacklevel=3)
    return listing


def so_many(count: int) -> str:
    """So many pictures, in words.

    >>> so_many(1), so_many(1200)
    ('1 picture', '1200 pictures')
    """
    return f"{count} picture{'' if count == 1 else 's'}"


def named(paths: Sequence[Path | str]) -> str:
    """The first few of many names, for a message.

    >>> named(["a", "b"]), named(list("abcdefg"))
    ('a, b', 'a, b, c, d, e and 2 more')
    """
    shown = ", ".join(str(path) for path in paths[:SHOWN])
    return shown if len(paths) <= SHOWN else f"{shown} and {len(paths) - SHOWN} more"


def _is_path(item: Any) -> bool:
    return isinstance(item, (str, os.PathLike))


def _named_one_by_one(paths: list[Path], labelled: bool | None) -> Listing:
    if labelled:
        raise DataError(
            f"{len(paths)} path(s) come without classes: give y, or a folder that holds a folder of pictures for each class."
        )
    paths = [path.expanduser() for path in paths]
    missing = [path for path in paths if not path.is_file()]
    if missing:
        raise FileAccessError(f"{len(missing)} of {len(paths)} pictures are not there: {named(missing)}.")
    return Listing(tuple(paths), None)


def _listed(folder: Path, labelled: bool | None) -> Listing:
    """Pictures by class, or without one where they lie in the folder itself."""
    direct, others = _parted(path for path in _visible(folder) if not path.is_dir())
    classes: dict[str, list[Path]] = {}
    shallow, empty = False, []
    for sub in (path for path in _visible(folder) if path.is_dir()):
        pictures, further = _parted(_files_below(sub))
        others += further
        shallow = shallow or any(path.parent == sub for path in pictures)
        if pictures:
            classes[_readable(sub.name)] = pictures
        else:
            empty.append(sub)
    notes = _left_out(folder, others, empty if classes else [])
    if not classes:
        return _flat(folder, direct, others, empty, labelled, notes)
    if direct:
        raise DataError(
            f"{folder} holds {so_many(len(direct))} beside {len(classes)} folder(s) of pictures, so that their class is not "
            f"known: move {named([path.name for path in direct])} into the folder of their class."
        )
    if not shallow:
        _refuse_parts(folder, classes)
    if labelled and len(classes) < 2:
        raise DataError(
            f"{folder} has pictures of one class, {next(iter(classes))!r}, and there is nothing to tell apart: at least two "
            "folders of pictures are needed, one for each class."
        )
    paths = tuple(path for pictures in classes.values() for path in pictures)
    return Listing(paths, tuple(name for name, pictures in classes.items() for _ in pictures), notes)


def _flat(
    folder: Path,
    direct: list[Path],
    others: list[Path],
    empty: list[Path],
    labelled: bool | None,
    notes: tuple[str, ...],
) -> Listing:
    if not direct:
        held = (
            f"{len(empty)} folder{'' if len(empty) == 1 else 's'} without pictures"
            if empty
            else f"{len(others)} other file{'' if len(others) == 1 else 's'}"
            if others
            else "nothing"
        )
        raise DataError(
            f"{folder} holds no pictures, but {held}: PNG, JPEG, WebP and the like are needed"
            + ("." if labelled is False else ", for classes in a folder each.")
        )
    if labelled:
        raise DataError(
            f"{folder} holds {so_many(len(direct))} and no folders, so that their classes are not known: put the pictures of "
            "each class into a folder of its own, or give a list of paths and y."
        )
    return Listing(tuple(direct), None, notes)


def _listed_without_classes(folder: Path) -> Listing:
    found, others = _parted(_files_below(folder))
    if not found:
        return _flat(folder, found, others, [], False, ())
    return Listing(tuple(found), None, _left_out(folder, others, []))


def _refuse_parts(folder: Path, classes: dict[str, list[Path]]) -> None:
    """Raise where the folders are parts of the data (train, test) that hold the classes' folders in turn."""
    inner = [{path.relative_to(folder).parts[1] for path in pictures} for pictures in classes.values()]
    if all(name.lower() in PARTS for name in classes) or (
        len(inner) > 1 and all(names == inner[0] for names in inner)
    ):
        first = next(iter(classes))
        raise DataError(
            f"{folder} holds folders of folders ({first}/{sorted(inner[0])[0]}/…): give the one whose folders are the "
            f"classes, for example {folder / first}."
        )


def _left_out(folder: Path, others: list[Path], empty: list[Path]) -> tuple[str, ...]:
    notes = []
    if others:
        names = [str(path.relative_to(folder)) for path in others]
        notes.append(f"{folder}: {len(others)} file(s) that are no pictures are left out: {named(names)}")
    if empty:
        names = [path.name for path in empty]
        notes.append(f"{folder}: {len(empty)} folder(s) without pictures are left out: {named(names)}")
    return tuple(notes)


def _parted(files: Iterator[Path] | list[Path]) -> tuple[list[Path], list[Path]]:
    """Pictures and other files."""
    pictures: list[Path] = []
    others: list[Path] = []
    for path in files:
        (pictures if path.suffix.lower() in ENDINGS else others).append(path)
    return pictures, others


def _visible(folder: Path) -> list[Path]:
    """What a folder shows, sorted by name, so that the order does not depend on the disk."""
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise FileAccessError(f"{folder} cannot be read: {error.strerror}.") from error
    return [folder / name for name in names if not _is_hidden(name)]


def _files_below(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not _is_hidden(name))
        found += [Path(place) / name for name in sorted(files) if not _is_hidden(name)]
    return found


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in ("__MACOSX", "Thumbs.db", "desktop.ini")


def _readable(name: str) -> str:
    """A folder's name as text, whatever bytes the disk has for it."""
    return os.fsencode(name).decode("utf-8", "replace")
