"""What reading pictures gives: an array of bytes, and what is known of each picture."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Pictures of one size.

    Attributes
    ----------
    pixels : uint8 array of shape (n, height, width, channels)
        Grey values or red, green, blue, 0 to 255. A read-only memory map where the pictures do not fit in memory.
    labels : array of str of shape (n,), or None
        The name of each picture's folder; None for pictures without classes.
    class_names : tuple of str
        The folders' names, sorted; empty without classes.
    paths : tuple of Path
        Where each picture came from.
    notes : tuple of str
        What was done to make them alike: sizes, channels, files left out.
    stream : bool
        Whether a fit takes them from the disk block by block, however few they are.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.str_] | None
    class_names: tuple[str, ...]
    paths: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    stream: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, height, width, channels)."""
        return self.pixels.shape

    def __len__(self) -> int:
        return len(self.pixels)

    def __getitem__(self, which: Any) -> Any:
        """Some of the pictures, by a slice, a mask or places, so that scikit-learn can part them; one as its pixels."""
        if isinstance(which, (int, np.integer)):
            return self.pixels[which]
        places = np.arange(len(self))[which]
        labels = None if self.labels is None else self.labels[places]
        paths = tuple(self.paths[place] for place in places)
        return replace(self, pixels=self.pixels[which], labels=labels, paths=paths)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.pixels, dtype, copy=copy)

    def __repr__(self) -> str:
        n, height, width, channels = self.shape
        known = f", {len(self.class_names)} classes" if self.class_names else ""
        return f"Images({n:,} of {height} × {width} × {channels}{known})"

    def counts(self) -> dict[str, int]:
        """How many pictures each class has."""
        if self.labels is None:
            return {}
        return {name: int((self.labels == name).sum()) for name in self.class_names}
