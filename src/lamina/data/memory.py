"""How much memory the machine has, and what share of it rows may take."""

from __future__ import annotations

import os

SHARE = 4
"""Rows may take the machine's memory divided by this: a fit holds them twice, and other things beside them."""


def machine_memory() -> int:
    """Bytes of memory of the machine, 8 GiB where it does not tell."""
    try:
        return int(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, ValueError, OSError):
        return 8 << 30


def most_in_memory() -> int:
    """Bytes that the rows of a data set may take; larger ones stay on the disk.

    >>> most_in_memory() < machine_memory()
    True
    """
    return machine_memory() // SHARE
