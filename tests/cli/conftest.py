"""Small tables on disk, and a way to run commands in the folder that holds them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tables_on_disk import write
from typer.testing import CliRunner

from lamina.cli.app import app

ROWS = 60
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``lamina`` with the words given, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words], prog_name="lamina")


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    """Revenue of shops: two numbers, a region, a customer, and 60 rows."""
    rng = np.random.default_rng(0)
    price, area = rng.normal(size=ROWS), rng.normal(size=ROWS)
    region = rng.choice(["north", "south", "west"], size=ROWS)
    revenue = 3 * price - area + 2 * (region == "north") + rng.normal(scale=0.3, size=ROWS)
    lines = ["price,area,region,customer,revenue"]
    rows = zip(price, area, region, revenue, strict=True)
    lines += [f"{p:.4f},{a:.4f},{r},c{i % 12},{y:.4f}" for i, (p, a, r, y) in enumerate(rows)]
    return write(tmp_path / "sales.csv", *lines)


@pytest.fixture
def churn(tmp_path: Path) -> Path:
    """Customers who stay or leave, by two numbers."""
    rng = np.random.default_rng(1)
    usage, age = rng.normal(size=ROWS), rng.normal(size=ROWS)
    left = np.where(usage + rng.normal(scale=0.5, size=ROWS) > 0, "stays", "leaves")
    lines = ["usage,age,status", *(f"{u:.4f},{a:.4f},{s}" for u, a, s in zip(usage, age, left, strict=True))]
    return write(tmp_path / "churn.csv", *lines)
