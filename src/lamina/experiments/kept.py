"""Pieces of a long experiment, each kept in a file as soon as it is done, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
PACKAGES = ("lamina", "jax", "numpy", "scikit-learn")


@dataclass(frozen=True)
class Kept:
    """Where pieces are kept; nowhere if the folder is None.

    >>> import tempfile
    >>> kept = Kept(Path(tempfile.mkdtemp()))
    >>> float(kept.piece("sum", lambda: {"value": np.array(1.0)})["value"])
    1.0
    >>> float(kept.piece("sum", lambda: {"value": np.array(2.0)})["value"])
    1.0
    """

    folder: Path | None = None

    @classmethod
    def of(cls, name: str, modules: Sequence[str]) -> Kept:
        """Below the user's cache, apart for every version of the modules and packages that make the pieces."""
        from platformdirs import user_cache_path

        return cls(Path(user_cache_path("lamina")) / "experiments" / f"{name}-{fingerprint(modules)}")

    def piece(self, name: str, work: Callable[[], Arrays]) -> dict[str, NDArray[Any]]:
        """The arrays of a piece: read where it is kept, else worked out and kept."""
        if self.folder is None:
            return dict(work())
        path = self.folder / f"{name}.npz"
        if path.exists():
            return _read(path)
        found = dict(work())
        _write(path, found)
        return found

    def model(self, name: str, work: Callable[[], Any]) -> Any:
        """A fitted model: read where it is kept, else fitted and kept."""
        from lamina.files import load, save

        if self.folder is None:
            return work()
        path = self.folder / f"{name}.lamina"
        if path.exists():
            return load(path)
        model = work()
        self.folder.mkdir(parents=True, exist_ok=True)
        save(model, path)
        return model


def fingerprint(modules: Sequence[str]) -> str:
    """Names the text of modules and the versions of the packages that results come from.

    >>> len(fingerprint(["lamina.experiments.kept"]))
    10
    """
    from importlib.metadata import version

    text = hashlib.sha256()
    for module in modules:
        found = importlib.util.find_spec(module)
        assert found is not None
        assert found.origin is not None
        text.update(Path(found.origin).read_bytes())
    text.update(" ".join(f"{each} {version(each)}" for each in PACKAGES).encode())
    return text.hexdigest()[:10]


def finished(model: Any) -> Any:
    """The model; a fit that Ctrl-C ended raises KeyboardInterrupt, so that no half-trained model is kept or reported."""
    if model.interrupted_:
        raise KeyboardInterrupt
    return model


def _read(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path) as archive:
        return {name: archive[name] for name in archive.files}


def _write(path: Path, arrays: Arrays) -> None:
    from lamina.files.atomic import replacing

    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as scratch, scratch.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
