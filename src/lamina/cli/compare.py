"""``lamina compare``: a network beside the simple models on the same folds, and the verdict."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lamina.cli.compare_pictures import is_pictures, open_pictures
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
from lamina.cli.outputs import PICTURES, require_writable
from lamina.cli.pictures import (
    SizeOption,
    SkipOption,
    refuse_for_pictures,
    refuse_for_tables,
    require_pictures,
)
from lamina.errors import SpecificationError
from lamina.files.atomic import replacing

if TYPE_CHECKING:
    from lamina.evaluation import Comparison


def compare(
    table: Annotated[
        str,
        typer.Argument(
            metavar="NAME_OR_FILE",
            help="A data set's name, a CSV, TSV or Parquet file, or a folder with a folder of pictures for each class.",
        ),
    ],
    target: TargetOption = None,
    text: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN", help="The column that holds documents: its words are compared, and read."
        ),
    ] = None,
    task: TaskOption = None,
    groups: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Rows with the same value stay in the same fold."),
    ] = None,
    metric: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Error to compare by. Absolute error, or misclassification."),
    ] = None,
    margin: Annotated[
        str,
        typer.Option(
            metavar="AMOUNT",
            help='By how much the network must be better: 10, "5%" of the error, "2 points", "0.02 absolute".',
        ),
    ] = "0",
    test: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="auto, corrected_t, nested_cv, mcnemar, paired_rows, diebold_mariano or one_se; auto follows the splits.",
        ),
    ] = "auto",
    cv: Annotated[
        int | None, typer.Option(metavar="N", min=2, help="Number of folds. Follows the number of rows.")
    ] = None,
    seed: SeedOption = 0,
    include: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these models, separated by commas.")
    ] = None,
    drop: ColumnsOption = None,
    drop_missing_target: DropOption = False,
    rows: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="So many pictures, drawn at random, each class with its share."
        ),
    ] = None,
    size: SizeOption = None,
    skip_unreadable: SkipOption = False,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all numbers there as JSON.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the errors there, as PNG, PDF, SVG or JPEG.")
    ] = None,
) -> None:
    """Compare a network with simple models: is it worth it?"""
    require_writable(json)
    require_writable(plot, PICTURES)

    from lamina.evaluation import compare as compare_models

    options: dict[str, Any] = {
        "include": None if include is None else names_in(include),
        "metric": metric,
        "margin": margin,
        "test": test,
        "cv": cv,
        "random_state": seed,
        "verbose": sys.stderr.isatty(),
    }
    if is_pictures(table):
        refuse_for_pictures(
            target=target, text=text, groups=groups, drop=drop, drop_missing_target=drop_missing_target
        )
        if task_name(task) == "regression":
            raise SpecificationError("--task regression: pictures come with classes, so leave --task out")
        pictures = open_pictures(table, size, rows, seed, skips=skip_unreadable)
        options |= {"task": "classification", "dataset": pictures.name, "target": pictures.target}
        result = compare_models(pictures.pixels, pictures.labels, **options)
    else:
        require_pictures(table, certain=skip_unreadable or rows is not None or size is not None)
        refuse_for_tables(rows=rows, size=size, skip_unreadable=skip_unreadable)
        from lamina.cli.problems import settled_task, without_columns
        from lamina.cli.tables import open_problem, require_column

        problem = open_problem(table, target, task_name(task), groups, drop_missing_target)
        problem = without_columns(problem, names_in(drop))
        options |= {"task": settled_task(problem), "dataset": problem.name, "target": problem.target}
        text = problem.text if text is None else text
        if text is not None:
            if text in (target, problem.target, groups):
                role = "the column to predict" if text != groups else "the column of groups"
                raise SpecificationError(
                    f"--text names {text!r}, which is {role}: name the column of documents"
                )
            require_column(problem.predictors, text, problem.name, "--text")
        result = compare_models(
            problem.predictors, problem.outcome, text=text, groups=problem.groups, **options
        )
    _hand_over(result, json, plot)


def _hand_over(result: Comparison, json: Path | None, plot: Path | None) -> None:
    """Print what was found, and write the files that were asked for."""
    typer.echo(str(result))
    if result.unfinished:
        typer.echo("lamina: stopped; what was finished is above, and no file was written", err=True)
        raise typer.Exit(EXIT_INTERRUPTED)
    if json is not None:
        with replacing(json) as scratch:
            result.to_json(scratch)
    if plot is not None:
        with replacing(plot) as scratch:
            result.plot(scratch)
