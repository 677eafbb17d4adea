"""The command line: thin calls of the library, one command a file."""

from __future__ import annotations

from lamina.cli.app import main

__all__ = ["main"]
