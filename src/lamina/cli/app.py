"""The command ``lamina``: its subcommands, and what all of them do alike on errors and interrupts."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lamina import __version__
from lamina.cli.backprop import backprop
from lamina.cli.compare import compare
from lamina.cli.datasets import datasets
from lamina.cli.fit import fit
from lamina.cli.forecast import forecast
from lamina.cli.notes import notes_on_stderr
from lamina.cli.options import EXIT_INTERRUPTED, EXIT_MENDABLE, in_options
from lamina.cli.predict import predict
from lamina.cli.reproduce import reproduce
from lamina.cli.search import search
from lamina.errors import LaminaError


class Commands(TyperGroup):
    """The group of commands. What the user can mend ends in a message and code 2, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            with notes_on_stderr():
                return super().invoke(ctx)
        except LaminaError as error:
            typer.echo(f"lamina: {in_options(str(error))}", err=True)
            raise typer.Exit(EXIT_MENDABLE) from None
        except KeyboardInterrupt:
            typer.echo("lamina: stopped; nothing was written", err=True)
            raise typer.Exit(EXIT_INTERRUPTED) from None


app = typer.Typer(
    cls=Commands,
    name="lamina",
    help="Fit a network to a table, and say whether it is worth it.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback of ours is for developers: Python's own is enough, and rich's is slow to import.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lamina {__version__}")
        raise typer.Exit()


@app.callback()
def _options_of_all(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Fit a network to a table, and say whether it is worth it."""


for _command in (compare, forecast, fit, search, predict, backprop, reproduce, datasets):
    app.command()(_command)


def run() -> None:
    """Run the command that the words of the shell ask for."""
    for stream in (sys.stdout, sys.stderr):
        # A console that knows neither R² nor ± shows a question mark instead of ending the run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
