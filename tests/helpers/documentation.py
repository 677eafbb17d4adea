"""Markdown pages as blocks of code, commands and links, for the tests of the documentation.

How a page marks its blocks, in a comment on the line before:

- ``<!-- not run: why -->`` leaves a block out;
- ``<!-- output -->`` says that a ``text`` block is what the Python block before it printed;
- ``<!-- needs package -->`` leaves a Python block and its output out where the package is not installed, and says so;
- ``<!-- exit 2 -->`` says that a command ends with that code;
- ``<!-- prepare`` ... ``-->`` holds Python that runs and is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOLERANCE = 0.1
SIGNED_TOLERANCE = 0.05

_BLOCK = re.compile(
    r"<!-- prepare\n(?P<hidden>.*?)-->"
    r"|(?:<!-- (?P<mark>[^\n]*?) -->\s*\n)?"
    r"^(?P<fence>```+)(?P<language>\w*)[^\n]*\n(?P<text>.*?)^(?P=fence)\s*$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<(?:img|a)\s[^>]*(?:src|href)=\"([^\"]+)\"")
_TOKEN = re.compile(r"[-+]?\d+(?:,\d{3})*(?:\.\d*)?(?:e[+-]?\d+)?|[^\s\d]+")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page."""

    page: str
    line: int
    language: str
    text: str
    mark: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def not_run(self) -> str | None:
        """Why the block is left out, "" where no reason is given; None if it runs."""
        return self.mark[len("not run") :].strip(" :") if self.mark.startswith("not run") else None

    @property
    def missing(self) -> str | None:
        """The package that the block needs and that is not installed, if so."""
        name = self.mark.removeprefix("needs ").strip()
        return name if self.mark.startswith("needs ") and find_spec(name) is None else None

    @property
    def is_output(self) -> bool:
        return self.mark == "output"

    @property
    def exit_code(self) -> int:
        return int(self.mark.removeprefix("exit")) if self.mark.startswith("exit") else 0

    def commands(self) -> Iterator[tuple[str, str]]:
        """Each command of a console block, and the output shown under it."""
        for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.replace("\\\n", " ").partition("\n")
            yield command.partition("  #")[0].strip(), shown.strip("\n")


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def blocks(self) -> list[Block]:
        return [self._block(match) for match in _BLOCK.finditer(self.text)]

    def _block(self, match: re.Match[str]) -> Block:
        line = self.text.count("\n", 0, match.start()) + 1
        if match["hidden"] is not None:
            return Block(str(self), line, "python", match["hidden"], "")
        return Block(str(self), line, match["language"], match["text"], match["mark"] or "")

    @property
    def _prose(self) -> str:
        return _BLOCK.sub("", self.text)

    def links(self) -> list[str]:
        """The links and pictures that lie inside the project."""
        found = [first or second for first, second in _LINK.findall(self._prose)]
        return [link for link in found if "://" not in link and not link.startswith("mailto:")]

    def anchors(self) -> set[str]:
        """The names under which the headings of the page can be linked to."""
        headings = re.findall(r"^#+ (.*)$", self._prose, re.MULTILINE)
        return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def pages() -> list[Page]:
    """Every page of the project."""
    return [Page(path) for path in [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]]


def same_text(shown: str, printed: str) -> bool:
    """Whether a page shows what is printed: the same words, and numbers within a tenth.

    A number with a sign is a difference of others: it may be off by a twentieth of the largest number shown.
    Seconds are whatever the machine takes: a number before ``s``, or under the heading ``seconds``. A line
    ``...`` stands for any lines.
    """
    parts = [_comparable(part) for part in re.split(r"^\s*\.\.\.\s*$", shown, flags=re.MULTILINE)]
    tokens = _comparable(printed)
    if len(parts) == 1:
        return _equal(parts[0], tokens)
    first, *middle, last = parts
    if not _equal(first, tokens[: len(first)]) or not _equal(last, tokens[len(tokens) - len(last) :]):
        return False
    rest = tokens[len(first) : len(tokens) - len(last)]
    return all(any(_equal(part, rest[i : i + len(part)]) for i in range(len(rest) + 1)) for part in middle)


def _comparable(text: str) -> list[str]:
    """Words and numbers, with times left out and rules of dashes or boxes dropped."""
    found: list[str] = []
    seconds_end: int | None = None
    for line in text.splitlines():
        heading = re.search(r"\bseconds\b", line)
        if heading and not re.search(r"\d", line):
            seconds_end = heading.end()
        elif not line.strip():
            seconds_end = None
        for match in _TOKEN.finditer(line):
            token = match.group()
            timed = match.end() == seconds_end or re.match(r" ?s\b| seconds?\b", line[match.end() :])
            if re.fullmatch(r"[-─━=│|+]+", token):
                continue
            found.append("TIME" if timed and token[-1].isdigit() else token)
    return found


def _equal(left: list[str], right: list[str]) -> bool:
    largest = max((abs(_number(token) or 0.0) for token in left), default=0.0)
    return len(left) == len(right) and all(_close(a, b, largest) for a, b in zip(left, right, strict=True))


def _close(left: str, right: str, largest: float) -> bool:
    a, b = _number(left), _number(right)
    if a is None or b is None:
        return left == right
    slack = SIGNED_TOLERANCE * largest if left[0] in "+-" else 0.02
    return abs(a - b) <= max(TOLERANCE * max(abs(a), abs(b)), slack)


def _number(token: str) -> float | None:
    try:
        return float(token.replace(",", ""))
    except ValueError:
        return None
