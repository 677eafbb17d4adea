"""``lamina search``: the best network among random settings, saved, and whether a simple model does as well."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lamina.cli.options import (
    EXIT_INTERRUPTED,
    ColumnsOption,
    DropOption,
    SeedOption,
    TargetOption,
    TaskOption,
    names_in,
    task_name,
)
from lamina.cli.outputs import require_writable
from lamina.files.atomic import replacing


def search(
    table: Annotated[
        str, typer.Argument(metavar="NAME_OR_FILE", help="A data set's name, or a CSV, TSV or Parquet file.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the best model is saved: a .lamina file.")],
    target: TargetOption = None,
    budget: Annotated[
        str,
        typer.Option(
            metavar="FITS_OR_TIME", help="How long: fits such as 200, or a time such as 60s or 5min."
        ),
    ] = "200",
    folds: Annotated[int, typer.Option(metavar="N", min=2, help="Folds that each setting is fitted on.")] = 5,
    metric: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Error to choose by. Absolute error, or misclassification."),
    ] = None,
    task: TaskOption = None,
    groups: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows with the same value stay in the same fold."),
    ] = None,
    seed: SeedOption = 0,
    drop: ColumnsOption = None,
    drop_missing_target: DropOption = False,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all settings and numbers there as JSON.")
    ] = None,
) -> None:
    """Search the best network for a table and save it."""
    require_writable(out)
    require_writable(json)

    from lamina.cli.interrupts import AnnouncedInterrupt
    from lamina.cli.problems import settled_task, without_columns
    from lamina.cli.tables import open_problem
    from lamina.evaluation import search as search_settings

    problem = open_problem(table, target, task_name(task), groups, drop_missing_target)
    problem = without_columns(problem, names_in(drop))
    with AnnouncedInterrupt():
        found = search_settings(
            problem.predictors,
            problem.outcome,
            task=settled_task(problem),
            budget=budget,
            metric=metric,
            cv=folds,
            groups=problem.groups,
            random_state=seed,
            dataset=problem.name,
            target=problem.target,
            verbose=sys.stderr.isatty(),
        )
    found.model.save(out)
    if json is not None:
        with replacing(json) as scratch:
            found.to_json(scratch)
    typer.echo(str(found))
    typer.echo(f"\nsaved in {out}")
    if found.interrupted:
        typer.echo("lamina: stopped; the best so far is above and saved", err=True)
        raise typer.Exit(EXIT_INTERRUPTED)
