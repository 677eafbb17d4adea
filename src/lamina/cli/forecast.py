"""``lamina forecast``: networks beside simple forecasts of a series."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lamina.cli.options import ColumnsOption, SeedOption, TargetOption, names_in
from lamina.cli.outputs import require_writable
from lamina.errors import DataError, SpecificationError
from lamina.files.atomic import replacing

if TYPE_CHECKING:
    import pandas as pd

SPLITS = {"nyse": "train"}
"""The column of a data set that says which rows are learnt from."""


def forecast(
    table: Annotated[
        str,
        typer.Argument(metavar="NAME_OR_FILE", help="A data set's name, or a CSV, TSV or Parquet file."),
    ],
    target: TargetOption = None,
    lags: Annotated[int, typer.Option(metavar="N", min=1, help="Rows that a forecast looks back on.")] = 5,
    horizon: Annotated[int, typer.Option(metavar="N", min=1, help="How many rows ahead are forecast.")] = 1,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN",
            help="The column of times. A column of dates, if there is one; else rows are in order.",
        ),
    ] = None,
    series_id: Annotated[
        str | None, typer.Option("--id", metavar="COLUMN", help="Which series each row belongs to.")
    ] = None,
    calendar: Annotated[
        str | None,
        typer.Option(
            metavar="A,B", help="Told in advance, from the date: day_of_week, month, hour and others."
        ),
    ] = None,
    known: Annotated[
        str | None, typer.Option(metavar="A,B", help="Columns that are known in advance.")
    ] = None,
    season: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Rows of a season, for the seasonal naive forecast and MASE."),
    ] = 1,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="COLUMN_OR_N",
            help="Truth values that say which rows to learn from, or a number of splits in time. The latest fifth is forecast.",
        ),
    ] = None,
    gaps: Annotated[
        str, typer.Option(metavar="NAME", help="Where time leaps: rows, break or error.")
    ] = "rows",
    include: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only these models, separated by commas.")
    ] = None,
    seeds: Annotated[int, typer.Option(metavar="N", min=1, help="Fits of each network.")] = 3,
    seed: SeedOption = 0,
    drop: ColumnsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write what follows the last row there, as CSV, by the model with the smallest MAE.",
        ),
    ] = None,
    future: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A table of the rows to come, for --out: what is known in advance."
        ),
    ] = None,
    json: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write all numbers there as JSON.")
    ] = None,
) -> None:
    """Forecast a series, beside simple forecasts: is it worth it?"""
    require_writable(json)
    require_writable(out, (".csv",))

    from lamina.data.reading import read_table
    from lamina.evaluation.forecasting import Shape, compare_forecasts

    _check_future(out, future, names_in(known))
    frame, target = _open(table, target, names_in(drop))
    ahead = None if future is None else read_table(future)
    split = split or SPLITS.get(table)
    shape = Shape(
        lags=lags,
        horizon=horizon,
        known=tuple(names_in(known)),
        calendar=tuple(names_in(calendar)),
        date=date,
        id=series_id,
        gaps=gaps,
        season=season,
    )
    result = compare_forecasts(
        frame,
        target,
        shape=shape,
        split=int(split) if split is not None and split.isdigit() else split,
        include=names_in(include) or None,
        seeds=seeds,
        random_state=seed,
        dataset=table,
    )
    typer.echo(str(result))
    if json is not None:
        with replacing(json) as scratch:
            result.to_json(scratch)
    if out is not None:
        following = result.forecast(frame, ahead)
        with replacing(out) as scratch:
            following.to_csv(scratch)
        typer.echo(f"\nThe next {shape.horizon} by {result.best.name}, fitted to all rows, are in {out}")


def _check_future(out: Path | None, future: Path | None, known: list[str]) -> None:
    """Raise, before anything is fitted, where the rows to come are needed and not given, or given and not needed."""
    if future is not None and out is None:
        raise SpecificationError(
            "--future is for the forecasts that --out writes: give --out FILE, or leave it out"
        )
    if out is not None and known and future is None:
        raise SpecificationError(
            f"--out forecasts rows to come, at which {', '.join(map(repr, known))} (--known) must be known: give a table of them "
            "by --future FILE"
        )


def _open(name_or_file: str, target: str | None, left_out: list[str]) -> tuple[pd.DataFrame, str | None]:
    from lamina.cli.tables import read_named, require_column

    frame, known_target, _ = read_named(name_or_file)
    for name in left_out:
        if name == (target or known_target):
            raise DataError(f"--drop names {name!r}, which is the column to forecast")
        require_column(frame, name, name_or_file, "--drop")
    if target is not None:
        require_column(frame, target, name_or_file, "--target")
    return frame.drop(columns=left_out), target or known_target
