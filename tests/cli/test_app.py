"""What all commands do alike: help, version, errors, notes and interrupts."""

from __future__ import annotations

import subprocess
import sys
import time
import warnings

import pytest
import typer

import lamina
from lamina.cli import app as shell
from lamina.errors import DataError, DataWarning


def invoke_with(monkeypatch: pytest.MonkeyPatch, run: object, body: object) -> object:
    """Run a command whose work is `body`."""
    trial = typer.Typer(cls=shell.Commands, pretty_exceptions_enable=False)
    trial.callback()(lambda: None)
    trial.command("trial")(body)  # type: ignore[type-var]
    from typer.testing import CliRunner

    return CliRunner().invoke(trial, ["trial"])


def test_help_names_every_command(run) -> None:
    shown = run("--help").output
    assert all(name in shown for name in ("compare", "fit", "predict", "reproduce", "datasets"))


def test_the_summaries_of_the_commands_are_whole_in_a_narrow_terminal(run) -> None:
    from typer.testing import CliRunner

    shown = CliRunner().invoke(shell.app, ["--help"], env={"COLUMNS": "80"}).output
    assert "..." not in shown.split("Commands:")[1]


def test_help_comes_at_once() -> None:
    def wait() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "lamina", "--help"], check=True, capture_output=True)
        return time.perf_counter() - start

    assert min(wait() for _ in range(5)) < 0.5


def test_version(run) -> None:
    assert run("--version").output == f"lamina {lamina.__version__}\n"


def test_no_command_shows_the_help_and_is_a_usage_error(run) -> None:
    result = run()
    assert "Commands" in result.output
    assert result.exit_code == 2


@pytest.mark.parametrize(
    "words", [("compere",), ("compare",), ("compare", "x", "--seed", "-1"), ("fit", "x")]
)
def test_usage_errors_exit_with_2(run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_what_the_user_can_mend_is_a_message_and_exit_2(monkeypatch, run) -> None:
    def body() -> None:
        raise DataError("y has one row: two are needed")

    result = invoke_with(monkeypatch, run, body)
    assert result.exit_code == 2
    assert result.stderr == "lamina: y has one row: two are needed\n"
    assert result.stdout == ""


def test_an_interrupt_ends_with_a_word_and_130(monkeypatch, run) -> None:
    def body() -> None:
        raise KeyboardInterrupt

    result = invoke_with(monkeypatch, run, body)
    assert result.exit_code == 130
    assert result.stderr == "lamina: stopped; nothing was written\n"


def test_a_mistake_of_ours_is_not_hidden(monkeypatch, run) -> None:
    def body() -> None:
        raise ZeroDivisionError

    assert isinstance(invoke_with(monkeypatch, run, body).exception, ZeroDivisionError)


def test_warnings_are_notes_of_one_line_said_once(monkeypatch, run) -> None:
    def body() -> None:
        for _ in range(3):
            warnings.warn("column 'id' is left out:\n  nearly all differ", DataWarning, stacklevel=1)
        typer.echo("done")

    result = invoke_with(monkeypatch, run, body)
    assert result.exit_code == 0
    assert result.stdout == "done\n"
    assert result.stderr == "note: column 'id' is left out: nearly all differ\n"
