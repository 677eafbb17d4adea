"""The command line: thin calls of the library, one command a file."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; installed as ``lamina``."""
    try:
        from lamina.cli.app import run  # in here, so that Ctrl-C while it is imported shows no traceback

        run()
    except KeyboardInterrupt:
        sys.exit(130)
