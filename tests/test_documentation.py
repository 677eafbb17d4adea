"""The pages cannot rot: their code runs, their commands print what they show, their links lead somewhere."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import shlex
import sys
from pathlib import Path

import pytest
import typer
from documentation import ROOT, Block, Page, pages, same_text
from typer.testing import CliRunner

import lamina
from lamina.cli.app import app

PAGES = pages()
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]
DOCTEST = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_what_a_page_shows_happens(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__main__"}
    printed: str | None = ""
    missing = []
    for block in page.blocks:
        if block.missing:
            missing.append(f"{block} needs {block.missing}")
            printed = None
        elif block.not_run is not None:
            assert block.not_run, f"{block}: say why after the colon: <!-- not run: why -->"
        elif block.language == "python":
            printed = run_python(block, names)
        elif block.language == "console":
            run_console(block)
        elif block.language == "text" and block.is_output and printed is not None:
            assert same_text(block.text, printed), f"{block} shows\n{block.text}\nbut now prints\n{printed}"
    if missing:
        pytest.skip(f"all else of the page ran, but {', '.join(missing)}, which is not installed")


def run_python(block: Block, names: dict[str, object]) -> str:
    """Run a block, as a script or as an interactive session; what it printed."""
    if block.text.lstrip().startswith(">>>"):
        test = doctest.DocTestParser().get_doctest(block.text, names, str(block), None, block.line)
        report = io.StringIO()
        runner = doctest.DocTestRunner(optionflags=DOCTEST)
        runner.run(test, out=report.write, clear_globs=False)
        names.update(test.globs)
        assert runner.failures == 0, report.getvalue()
        return ""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(block.text, str(block), "exec"), names)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # a gallery opens more figures than pyplot likes
    return printed.getvalue()


def run_console(block: Block) -> None:
    """Run each `$ lamina ...` of a block and compare what it prints with the lines under it."""
    for command, shown in block.commands():
        words = shlex.split(command)
        if words[0] == "make":
            assert f"\n{words[1]}:" in (ROOT / "Makefile").read_text(), f"{block}: no such target: {command}"
        if words[0] != "lamina":
            continue
        result = CliRunner().invoke(app, words[1:], prog_name="lamina")
        assert result.exit_code == block.exit_code, f"{block}: $ {command}\n{result.output}"
        if shown:
            assert same_text(shown, result.output), f"{block}: $ {command} now prints\n{result.output}"


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_links_and_pictures_lead_somewhere(page: Page) -> None:
    for target in page.links():
        file, _, heading = target.partition("#")
        goal = (page.path.parent / file).resolve() if file else page.path
        assert goal.exists(), f"{page} points to {target}"
        if heading and goal.suffix == ".md":
            assert heading in Page(goal).anchors(), f"{page} points to {target}, which has no such heading"


def test_every_page_can_be_reached_from_the_first() -> None:
    reached, waiting = set[Path](), [ROOT / "README.md"]
    while waiting:
        path = waiting.pop()
        reached.add(path)
        goals = {(path.parent / link.partition("#")[0]).resolve() for link in Page(path).links()}
        waiting += [goal for goal in goals if goal.suffix == ".md" and goal not in reached and goal.exists()]
    assert {page.path for page in PAGES} <= reached


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    documented = options_in(section(name))
    options = {
        text
        for parameter in COMMANDS[name].params
        for text in parameter.opts
        if text.startswith("--") and text != "--help"
    }
    assert documented == options, "docs/cli.md and the command disagree"


def section(name: str) -> str:
    """The part of docs/cli.md about one command."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    found = re.search(rf"^## `?lamina {name}`?$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"docs/cli.md has no section '## lamina {name}'"
    return found.group(1)


def options_in(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


@pytest.mark.parametrize("name", lamina.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert any(re.search(rf"\b{name}\b", page.text) for page in PAGES)
