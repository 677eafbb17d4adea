"""A worked example of back-propagation from the shell."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from lamina.cli.app import app

RUN = CliRunner()


def test_every_number_of_a_small_network(tmp_path: Path) -> None:
    page = tmp_path / "tape.html"
    found = RUN.invoke(
        app, ["backprop", "--network", "2-2-1", "--input", "1,0", "--target", "1", "--html", str(page)]
    )
    assert found.exit_code == 0
    assert "δ = ∂R/∂f = -(y - f)" in found.output
    assert "w_22:" in found.output
    assert "<h2>Modules</h2>" in page.read_text(encoding="utf-8")


def test_two_weights_by_hand() -> None:
    """f = 3·2·1 = 6, so that the gradients are 5·2 and 5·3·1."""
    words = "backprop --network 1-1-1 --no-bias --parameters 2,3 --activation linear --input 1 --target 1 --steps 2"
    found = RUN.invoke(app, words.split())
    assert "∂R/∂β_1 = δ·a_1 = 5·2 = 10   β_1: 3 → 2" in found.output
    assert "∂R/∂w_11 = s_1·x_1 = 15·1 = 15   w_11: 2 → 0.5" in found.output
    assert found.output.splitlines()[-2:] == ["       1  12.5", "       2  0"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--network 2-a", "such as 2-2-1"),
        ("--network 2", "at least two widths"),
        ("--input 1,0,3", "has 2 inputs"),
        ("--input one,two", "numbers parted by commas"),
        ("--parameters 1,2", "has 9 parameters and 2 numbers"),
        ("--activation sigmod", "did you mean"),
        ("--rate -1", "learning_rate"),
        ("--target nan", "NaN"),
        ("--html page.txt", ".html"),
    ],
)
def test_what_cannot_be_is_told(words: str, message: str) -> None:
    found = RUN.invoke(app, ["backprop", *words.split()])
    assert found.exit_code == 2
    assert message in found.stderr
