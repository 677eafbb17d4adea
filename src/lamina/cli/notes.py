"""Warnings as plain one-line notes on standard error, each said once."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from lamina.cli.options import in_options
from lamina.errors import DataWarning, DivergenceWarning

OURS = (DataWarning, DivergenceWarning)


@contextmanager
def notes_on_stderr() -> Iterator[None]:
    """Print warnings raised inside as notes, without file names and line numbers.

    Lamina's own are always shown, however often Python has seen them; a text that comes again (from the next
    fold, say) is printed once.
    """
    said: set[str] = set()

    def show(message: Warning | str, *_: object, **__: object) -> None:
        text = in_options(" ".join(str(message).split()))
        if text not in said:
            said.add(text)
            typer.echo(f"note: {text}", err=True)

    with warnings.catch_warnings():
        for category in OURS:
            warnings.simplefilter("always", category)
        warnings.showwarning = show
        yield
