"""Every picture of lamina.explain is in the gallery, drawn by the code that stands there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

import lamina.explain

ROOT = Path(__file__).parents[2]
PICTURES = [name for name in lamina.explain.__all__ if name.startswith("plot_")]


def script() -> Any:
    file = ROOT / "docs" / "images" / "gallery.py"
    specification = importlib.util.spec_from_file_location("gallery", file)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules["gallery"] = module  # a dataclass looks its module up
    specification.loader.exec_module(module)
    return module


GALLERY = script()
PARTS = GALLERY.parts(GALLERY.PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_in_the_gallery(name: str) -> None:
    drawn = [part for part in PARTS if part.picture is not None and f"{name}(" in part.call]
    assert drawn, (
        f"lamina.explain.{name} has no picture in docs/gallery.md: add a section with a python block that ends with a call of "
        f"{name} (below `from lamina.explain import {name}`), an empty line and ![what is seen](images/gallery/{name}.png), "
        f"then run `python docs/images/gallery.py {name}` and look at the picture."
    )
    for part in drawn:
        assert (GALLERY.PAGE.parent / part.picture).exists(), (
            f"run `python docs/images/gallery.py {part.name}`"
        )


def test_no_two_pictures_share_a_file_and_each_file_is_shown() -> None:
    shown = [part.name for part in PARTS if part.picture is not None]
    assert len(set(shown)) == len(shown)
    files = {file.stem for file in (ROOT / "docs" / "images" / "gallery").glob("*.png")}
    assert files == set(shown), "docs/images/gallery holds other pictures than docs/gallery.md shows"


def test_a_figure_is_found_in_whatever_a_function_gives() -> None:
    figure = Figure()
    axes = figure.subplots(1, 2)
    for given in (figure, axes, axes[0], [axes[1]], np.array(axes[0])):
        assert GALLERY.figure_of(given) is figure


@pytest.mark.long
def test_the_script_draws_every_picture(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    GALLERY.main([], tmp_path)
    for part in PARTS:
        if part.picture is not None:
            assert (tmp_path / part.picture).stat().st_size > 1000
