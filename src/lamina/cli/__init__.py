"""The command line: thin calls of the library, one command a file."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; installed as ``lamina``."""
    # Most of what a command makes, it needs to its end: to look for garbage after every 700 objects takes long.
    gc.set_threshold(100_000, 10, 10)
    try:
        from lamina.cli.app import run  # in here, so that Ctrl-C while it is imported shows no traceback

        run()
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # nor does it need a last look for garbage at its end
