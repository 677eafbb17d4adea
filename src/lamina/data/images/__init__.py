"""Images: folders and lists of files become arrays of bytes; arrays are checked."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lamina.data.images.reading import read_images
    from lamina.data.images.sources import is_image_source
    from lamina.data.images.value import Images

_HOMES = {
    "Images": "lamina.data.images.value",
    "is_image_source": "lamina.data.images.sources",
    "read_images": "lamina.data.images.reading",
}

__all__ = ["Images", "is_image_source", "read_images"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lamina.data.images' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
