"""Find a data set's files: in the folders of LAMINA_DATA, in the cache, or by downloading them into it."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from lamina.data.datasets.registry import entry_named
from lamina.data.datasets.sources import DAMAGE, FILES, Embedded, FromScikitLearn, Kept, Outside, digest_of
from lamina.errors import DataError

VARIABLE = "LAMINA_DATA"


def cache_folder() -> Path:
    """Where downloads are kept, by the operating system's custom."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("lamina")) / "data"


def data_folders() -> tuple[Path, ...]:
    """The folders that LAMINA_DATA names, parted as in PATH."""
    return tuple(
        Path(folder).expanduser() for folder in os.environ.get(VARIABLE, "").split(os.pathsep) if folder
    )


def state(name: str) -> str:
    """Where a data set is now: embedded, with scikit-learn, found, cached, to download, or absent.

    >>> state("hitters"), state("iris")
    ('embedded', 'with scikit-learn')
    """
    kept = entry_named(name).kept
    if isinstance(kept, Embedded):
        return "embedded"
    if isinstance(kept, FromScikitLearn):
        return "with scikit-learn"
    if any(_all_within(kept, folder) for folder in data_folders()):
        return f"found under {VARIABLE}"
    if _all_within(kept, cache_folder()):
        return "cached"
    return "to download" if kept.downloadable else f"absent (looked for under {VARIABLE})"


def find_files(name: str, *, download: bool = True) -> tuple[Path, ...]:
    """The paths of a data set's files, in the order of the registry; downloads what is nowhere.

    Raises
    ------
    DataError
        They are nowhere and cannot be had, or the download fails or is not what it should be.

    >>> [path.name for path in find_files("boston")]
    ['Boston.csv']
    """
    kept = entry_named(name).kept
    if isinstance(kept, Embedded):
        return (FILES / kept.file,)
    if isinstance(kept, FromScikitLearn):
        raise DataError(f"{name!r} comes with scikit-learn and has no file: use load_dataset({name!r})")
    for folder in (*data_folders(), cache_folder()):
        if paths := _all_within(kept, folder):
            return paths
    if not (download and kept.downloadable):
        raise DataError(_how_to_get(name, kept))
    return tuple(_fetched(name, file, cache_folder()) for file in kept.files)


def locate(name: str, *, download: bool = True) -> Path:
    """The path of a data set's file, or of the folder that holds its files.

    Looks in the folders of LAMINA_DATA, then in the cache; then downloads, checking the digest.

    Parameters
    ----------
    name : str
        As `list_datasets` gives it.
    download : bool
        Whether to download what is nowhere.

    Raises
    ------
    DataError
        The name is unknown, or the files are nowhere and cannot be had: the message says where to put them.

    >>> locate("boston").name
    'Boston.csv'
    """
    paths = find_files(name, download=download)
    return paths[0] if len(paths) == 1 else paths[0].parent


def _all_within(kept: Kept, folder: Path) -> tuple[Path, ...]:
    paths = tuple(path for file in kept.files if (path := file.within(folder)) is not None)
    return paths if len(paths) == len(kept.files) else ()


def _how_to_get(name: str, kept: Kept) -> str:
    places = [str(folder) for folder in (*data_folders(), cache_folder())]
    needed = ", ".join(file.paths[0] for file in kept.files)
    address = f" (from {kept.files[0].url})" if kept.downloadable else ""
    return (
        f"the data set {name!r} is not on this machine: looked for {needed} in {', '.join(places)}. Put it "
        f"there{address}, or set {VARIABLE} to the folder that holds it"
    )


def _fetched(name: str, file: Outside, cache: Path) -> Path:
    if (present := file.within(cache)) is not None:
        return present
    goal = cache / file.paths[0]
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        # Checked beside its place and then moved there, so that the cache never holds half a file.
        with tempfile.TemporaryDirectory(dir=goal.parent) as folder:
            arrived = _download(name, file, Path(folder) / goal.name)
            arrived.replace(goal)
    except OSError as error:  # the errors of the network and of the disk alike
        raise DataError(
            f"the data set {name!r} could not be downloaded from {file.url} to {goal}: {error}. Fetch that "
            f"file by other means and put it there, or set {VARIABLE} to a folder that holds {file.paths[0]}"
        ) from error
    return goal


def _download(name: str, file: Outside, goal: Path) -> Path:
    import pooch

    print(f"downloading {file.url}", file=sys.stderr)
    pooch.HTTPDownloader()(file.url, str(goal), None)
    _check_digest(name, file, goal)
    return goal


def _check_digest(name: str, file: Outside, arrived: Path) -> None:
    if file.digest is None:
        return
    algorithm, _, wanted = file.digest.partition(":")
    try:
        found = digest_of(arrived, algorithm, of_payload=file.of_payload)
    except DAMAGE as error:
        found = f"unreadable ({error})"
    if found != wanted:
        raise DataError(
            f"the download of {name!r} from {file.url} is not what was published: its {algorithm} is "
            f"{found} instead of {wanted}. Nothing was kept: try again, or put a sound copy at "
            f"{file.paths[0]} under {VARIABLE}"
        )
