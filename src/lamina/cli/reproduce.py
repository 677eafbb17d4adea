"""``lamina reproduce``: a table or figure of the literature, ours beside the published values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lamina.cli.outputs import PICTURES, require_writable
from lamina.files.atomic import replacing


def reproduce(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="The experiment; --list shows them all.", show_default=False),
    ] = None,
    list_all: Annotated[
        bool, typer.Option("--list", help="List the experiments and how long they take.")
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer seeds and splits: a look, not a result.")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Draw the figure there, as PNG, PDF, SVG or JPEG.")
    ] = None,
) -> None:
    """Run a published experiment, ours beside what was published."""
    require_writable(plot, PICTURES)

    from lamina.experiments import registry

    if list_all or name is None:
        _print_list(registry.names())
        return
    report = registry.run(name, quick=quick, progress=sys.stderr.isatty())
    typer.echo(str(report))
    if plot is not None:
        with replacing(plot) as scratch:
            report.plot(scratch)


def _print_list(known: list[tuple[str, str, str]]) -> None:
    from lamina.cli.listing import print_listing

    print_listing(("experiment", "what it shows", "takes"), known, lambda row: f"takes {row[2]}")
