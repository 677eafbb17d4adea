"""Which files are pictures, which class each has, and what folders cannot be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lamina.data.images.sources import is_image_source, list_images
from lamina.errors import ArgumentTypeError, DataError, DataWarning, FileAccessError


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def test_classes_are_the_folders_in_the_order_of_their_names(tmp_path: Path) -> None:
    touch(
        tmp_path, "dog/b.JPG", "dog/a.png", "cat/deep/er/c.webp", "cat/z.tif", ".git/x.png", "dog/.hidden.png"
    )
    listing = list_images(tmp_path)
    assert listing.labels == ("cat", "cat", "dog", "dog")
    assert [str(path.relative_to(tmp_path)) for path in listing.paths] == [
        "cat/z.tif",
        "cat/deep/er/c.webp",
        "dog/a.png",
        "dog/b.JPG",
    ]
    assert listing.notes == ()
    assert list_images(tmp_path, labelled=False).labels is None


def test_a_flat_folder_has_no_classes(tmp_path: Path) -> None:
    touch(tmp_path, "a.png", "b.jpeg")
    assert list_images(tmp_path).labels is None
    with pytest.raises(DataError, match=r"2 pictures and no folders.*list of paths and y"):
        list_images(tmp_path, labelled=True)


def test_other_files_and_empty_folders_are_told(tmp_path: Path) -> None:
    touch(tmp_path, "cat/a.png", "dog/a.png", "cat/notes.txt", "README.md")
    (tmp_path / "bird").mkdir()
    with pytest.warns(DataWarning) as caught:
        listing = list_images(tmp_path)
    told = " ".join(str(each.message) for each in caught)
    assert "2 file(s) that are no pictures are left out: README.md, cat/notes.txt" in told
    assert "1 folder(s) without pictures are left out: bird" in told
    assert len(listing.notes) == 2


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "holds no pictures, but nothing"),
        (("a.txt",), "holds no pictures, but 1 other file"),
        (("cat/a.txt", "dog/b.txt"), "2 folders without pictures"),
        (("cat/a.png",), "one class, 'cat'.*at least two folders"),
        (("cat/a.png", "dog/b.png", "c.png"), "1 picture beside 2 folder.*move c.png"),
        (("train/cat/a.png", "train/dog/b.png", "test/cat/c.png"), "folders of folders.*photos/test"),
        (("x/cat/a.png", "y/cat/c.png"), "folders of folders"),
    ],
)
def test_folders_that_cannot_be_used_say_why(tmp_path: Path, names: tuple[str, ...], message: str) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    touch(folder, *names)
    with pytest.raises(DataError, match=message):
        list_images(folder, labelled=True)


def test_paths_must_be_there(tmp_path: Path) -> None:
    touch(tmp_path, "a.png")
    assert list_images(tmp_path / "a.png").paths == (tmp_path / "a.png",)
    with pytest.raises(FileAccessError, match=r"2 of 3 pictures are not there: .*b.png, .*c.png\."):
        list_images([tmp_path / "a.png", tmp_path / "b.png", str(tmp_path / "c.png")])
    with pytest.raises(FileAccessError, match="is not there"):
        list_images(tmp_path / "nowhere")
    with pytest.raises(DataError, match="come without classes"):
        list_images([tmp_path / "a.png"], labelled=True)
    with pytest.raises(ArgumentTypeError, match="folder or a list of paths"):
        list_images(3.5)


def test_names_with_odd_characters(tmp_path: Path) -> None:
    touch(tmp_path, "chien d’été/ä ö#1%.png", 'x"y/z [1].png', "猫/🐈.png")
    assert set(list_images(tmp_path).labels or ()) == {"chien d’été", 'x"y', "猫"}


@pytest.mark.parametrize(
    ("given", "is_source"),
    [
        ("photos", True),
        (Path("photos"), True),
        (["a.png", Path("b.png")], True),
        (np.array(["a.png", "b.png"]), True),
        (np.array(["a.png"], dtype=object), True),
        (pd.Series(["a.png", "b.png"]), True),
        ([], False),
        ([[1.0]], False),
        (np.zeros(3), False),
        (np.array([["a", "b"]]), False),
        (pd.DataFrame({"a": ["x"]}), False),
        (b"photos", False),
        (None, False),
        ({"a.png": 1}, False),
    ],
)
def test_what_counts_as_pictures(given: object, is_source: bool) -> None:
    assert is_image_source(given) is is_source
