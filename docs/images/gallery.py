"""Draw the pictures of docs/gallery.md: python docs/images/gallery.py, or with names of pictures to write those alone.

The page itself says what is drawn: its blocks run in their order, and what the last line of a block gives is the picture that
the link below the block points to.
"""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from PIL import Image

PAGE = Path(__file__).parents[1] / "gallery.md"
_PART = re.compile(
    r"^```python\n(?P<code>.*?)^```\n(?:\n!\[[^\]]*\]\((?P<picture>[^)\s]+)\))?", re.MULTILINE | re.DOTALL
)
DOTS = 90
COLOURS = 128


@dataclass(frozen=True)
class Part:
    """A block of the page, and the picture below it, if there is one."""

    code: str
    picture: str | None

    @property
    def name(self) -> str:
        """Name of the picture."""
        return "" if self.picture is None else Path(self.picture).stem

    @property
    def call(self) -> str:
        """The last line that gives a value, as code: what draws the picture."""
        last = ast.parse(self.code).body[-1]
        if not isinstance(last, ast.Expr):
            raise SystemExit(
                f"{self.name}: the block must end with the call that draws, and ends with\n{ast.unparse(last)}"
            )
        return ast.unparse(last)

    def prepare(self, names: dict[str, Any]) -> None:
        """Run the block, without the call that draws where there is one."""
        tree = ast.parse(self.code)
        if self.picture is not None:
            tree.body = tree.body[:-1]
        exec(compile(tree, self.name or "block", "exec"), names)


def parts(page: str) -> list[Part]:
    """The Python blocks of a page.

    >>> parts("```python\\nx = 1\\nplot(x)\\n```\\n\\n![A plot](images/gallery/plot.png)\\n")[0].name
    'plot'
    """
    return [Part(match["code"], match["picture"]) for match in _PART.finditer(page)]


def figure_of(drawn: Any) -> Any:
    """The figure of what a function gave: a figure, an Axes or several."""
    first = (
        drawn
        if not isinstance(drawn, (list, tuple, np.ndarray))
        else np.ravel(np.asarray(drawn, dtype=object))[0]
    )
    return first.get_figure(root=True) if hasattr(first, "get_figure") else getattr(first, "figure", first)


def write(figure: Any, file: Path) -> None:
    """Few colours take few bytes."""
    file.parent.mkdir(exist_ok=True)
    figure.savefig(file, dpi=DOTS)
    Image.open(file).convert("RGB").quantize(COLOURS).save(file, optimize=True)


def main(wanted: list[str], folder: Path = PAGE.parent) -> None:
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    found = parts(PAGE.read_text(encoding="utf-8"))
    unknown = set(wanted) - {part.name for part in found}
    if unknown:
        raise SystemExit(
            f"docs/gallery.md has no picture {unknown.pop()!r}: it has {', '.join(filter(None, (part.name for part in found)))}"
        )
    names: dict[str, Any] = {"__name__": "__main__"}
    for part in found:
        part.prepare(names)
        if part.picture is not None and (not wanted or part.name in wanted):
            write(figure_of(eval(part.call, names)), folder / part.picture)
            print(part.picture)
        plt.close("all")


if __name__ == "__main__":
    main(sys.argv[1:])
