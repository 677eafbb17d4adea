"""Pictures made on the fly, and a cache that is the test's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lamina.data.images import cache


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Decoded pictures go to a folder of the test, however few they are."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setattr(cache, "cache_folder", lambda: folder)
    monkeypatch.setattr(cache, "FEW_BYTES", 0)
    return folder


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three pictures each of cats (dark) and dogs (bright), 10 high and 12 wide."""
    folder = tmp_path / "photos"
    for name, grey in (("cat", 40), ("dog", 200)):
        (folder / name).mkdir(parents=True)
        for number in range(3):
            Image.fromarray(np.full((10, 12, 3), grey + number, np.uint8)).save(
                folder / name / f"{number}.png"
            )
    return folder
