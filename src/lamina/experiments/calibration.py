"""Is the verdict's rule right as often as it says? Simulated truths, and the very rule that `compare` follows."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

from lamina.experiments.calibration_store import default_folder, measure_all
from lamina.experiments.calibration_summary import Study
from lamina.experiments.calibration_tables import rates, tables
from lamina.experiments.calibration_truths import FUNCTIONS, NOISE, Cell
from lamina.experiments.progress import counted_up
from lamina.experiments.report import Findings

TITLE = "how often the verdict is right"
SOURCE = (
    "Nadeau, Bengio (2003): the corrected resampled t; Bates, Hastie, Tibshirani (2023): nested cross-validation; Breiman, "
    "Friedman, Olshen, Stone (1984): the one-standard-error rule."
)

SIZES, SIGNALS = (100, 300, 1_000, 5_000), (0.1, 0.3, 0.6, 0.9)
DRAWS = {100: 300, 300: 300, 1_000: 200, 5_000: 200}
WEAK = tuple(Cell(name, 100, 0.21) for name in ("linear, sparse", "linear, dense"))
"""Beside the grid: a signal so weak that the one-standard-error rule is tempted to choose nothing."""
QUICK = (Cell("interactions", 100, 0.9), Cell("noise", 100, 0.0), WEAK[0])
QUICK_DRAWS, PROCESSES = 4, 2

REMARKS = (
    "Twelve standard normal predictors; the outcome has variance one, of which the truth explains R². Splits are those of "
    "`compare` by default: ten folds below 2,000 rows, five from there on. Contenders: mean, linear, ridge, lasso, "
    "GAM, boosting, each tuned inside the training rows, and a network of two layers of 32 units, AdamW with weight decay.",
    "The rule is lamina.evaluation.rule.decide itself: a split's reference is the simple model with the lowest error on five "
    "inner folds of its training rows. What is true is the expected error at thousands of fresh rows a draw, the noise "
    "integrated, averaged over draws. *Worth it* is false where the network's is no lower than the reference procedure's.",
    "Worst cells are named by truth, rows and R². At a tie: the share of draws whose interval lies wholly below the true "
    "difference. It is what the rule would get wrong were the network exactly as good as the reference, in the cell at hand; "
    "half of the 5 % that a 95 % interval leaves out.",
    "These very fits: as if the question were which of the networks and reference models fitted on these splits is better, "
    "not which of the two procedures is.",
    "Intervals after rates are Wilson's at 95 %. A worst cell is said to be above 5 where a binomial test with "
    "Bonferroni's correction over the cells says so: of many cells at 5 % some are above by chance.",
    "Regret is that of the models fitted on the splits' training rows. The one-standard-error rule takes the first contender, "
    "from the mean to the network, within one standard error of the lowest error in one cross-validation.",
)


def grid() -> Iterator[Cell]:
    """Every truth at every size and signal; noise has no signal."""
    for name in FUNCTIONS:
        for n in SIZES:
            for r2 in (0.0,) if name == NOISE else SIGNALS:
                yield Cell(name, n, r2)


def plan(quick: bool) -> dict[Cell, int]:
    """Cells and their draws.

    >>> cells = plan(quick=False)
    >>> len(cells), sum(cells.values())
    (102, 25600)
    """
    if quick:
        return dict.fromkeys(QUICK, QUICK_DRAWS)
    return {cell: DRAWS[cell.n] for cell in (*grid(), *WEAK)}


def run(quick: bool, progress: bool) -> Findings:
    """Measure all cells that are not measured yet, and sum them up."""
    folder = None if quick else default_folder()
    processes = 1 if quick else min(PROCESSES, os.cpu_count() or 1)
    draws = plan(quick)
    with counted_up(len(draws), "cells", progress) as advance:
        cells = measure_all(draws, folder, processes, advance)
    study = Study(cells, tuple(cell for cell in WEAK if cell in cells))
    findings = findings_of(study, folder)
    if folder is not None:
        save(findings, study, folder / "summary.json")
    return findings


def findings_of(study: Study, folder: Path | None = None) -> Findings:
    """Rows, tables, remarks and the picture of a study."""
    counts = (
        f"{study.draws:,} draws in {len(study.cells)} cells, {study.seconds / 60:.0f} minutes of one core."
    )
    kept = (
        ""
        if folder is None
        else f" The cells are kept in {folder}, and are measured anew once it is removed."
    )
    from lamina.experiments.calibration_picture import draw

    return Findings(
        tuple(rates(study)), (*REMARKS, counts + kept), tables=tables(study), picture=partial(draw, study)
    )


def save(findings: Findings, study: Study, path: Path) -> None:
    """Write what the page of the verdict shows, as JSON."""
    from lamina.files.atomic import replacing

    plain = {
        "rows": [row.to_dict() for row in findings.rows],
        "tables": [asdict(table) for table in findings.tables],
        "remarks": list(REMARKS),
        "draws": study.draws,
        "cells": len(study.cells),
        "seconds": study.seconds,
    }
    with replacing(path) as scratch:
        scratch.write_text(json.dumps(plain, indent=1))
