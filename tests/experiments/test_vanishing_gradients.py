"""Two weights by hand, and what theory says of the error at the first layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lamina.experiments import backprop_minimal, vanishing_gradients
from lamina.experiments.vanishing_gradients import FACTORS, digits, ratio
from lamina.experiments.vanishing_gradients_networks import Deep


def test_the_chain_rule_on_paper_is_the_tape(tmp_path: Path) -> None:
    findings = backprop_minimal.run(quick=True, progress=False)
    derivatives = [row for row in findings.rows if row.quantity.startswith("∂L")]
    assert len(derivatives) == 6
    for row in derivatives:
        assert row.values[0] == pytest.approx(row.published, abs=1e-6)
    assert findings.picture is not None
    findings.picture(tmp_path / "two.png")
    assert (tmp_path / "two.png").stat().st_size > 10_000


@pytest.mark.parametrize("start", FACTORS)
def test_a_layer_multiplies_the_error_by_the_theorys_factor(start: tuple[str, str]) -> None:
    x, y = digits()
    errors = Deep(*start, "plain", 12).errors(x[:128], y[:128], 0)
    assert ratio(errors) ** (1 / 11) == pytest.approx(FACTORS[start], rel=0.12)


def test_what_helps_keeps_the_error() -> None:
    x, y = digits()
    plain, residual, normalised = (
        ratio(Deep("sigmoid", "xavier", how, 8).errors(x[:64], y[:64], 0))
        for how in ("plain", "residual", "batch norm")
    )
    assert plain < 1e-3
    assert residual > 0.5
    assert normalised > 30 * plain


def test_the_findings_have_their_tables() -> None:
    findings = vanishing_gradients.study((3, 4), 4, 1, 1, (("relu", "he"),), progress=False)
    assert [table.columns for table in findings.tables][1] == (
        "plain",
        "residual",
        "batch norm",
        "layer norm",
    )
    assert np.isfinite(findings.rows[0].values).all()
