"""Programs compiled in half the time, for work too short to repay better ones.

XLA turns an operation into machine code in some 25 milliseconds of a core. Its former way takes half of that, and the code then
takes 1.3 to 1.7 times as long. The last fit of a search, or a search over several structures, waits for the compiler more
than for its steps.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import jax

HASTE = {"xla_cpu_use_fusion_emitters": False}
"""Asks XLA for its former way on a CPU; elsewhere it changes nothing."""
SHORT = 0.8
"""Seconds of work up to which less compilation outweighs slower steps."""

_hurried: ContextVar[bool] = ContextVar("hurried", default=False)


@contextmanager
def in_haste() -> Iterator[None]:
    """Context in which short fits are compiled in haste: each of them is expected to run once.

    >>> hurried()
    False
    >>> with in_haste():
    ...     hurried()
    True
    """
    token = _hurried.set(True)
    try:
        yield
    finally:
        _hurried.reset(token)


def hurried() -> bool:
    """Whether this is such a context."""
    return _hurried.get()


class Hastily:
    """A compiled function once more, compiled in haste; the function itself where this version of XLA knows no such way.

    Parameters
    ----------
    compiled
        What ``jax.jit`` returned.
    options
        ``static_argnums`` and ``donate_argnums``, as they were given to it.

    >>> double = Hastily(jax.jit(lambda x: 2 * x))
    >>> int(double(4))
    8
    """

    def __init__(self, compiled: Any, **options: Any) -> None:
        self._thorough = compiled
        self._quick: Any = jax.jit(compiled.__wrapped__, compiler_options=HASTE, **options)
        self._refused = False

    def __call__(self, *args: Any) -> Any:
        if not self._refused:
            try:
                return self._quick(*args)
            except jax.errors.JaxRuntimeError as error:
                if "No such compile option" not in str(error):
                    raise
                self._refused = True
        return self._thorough(*args)

    def _cache_size(self) -> int:
        """Programs in memory, as of a compiled function."""
        return int((self._thorough if self._refused else self._quick)._cache_size())

    def clear_cache(self) -> None:
        """Forget the programs, as of a compiled function."""
        (self._thorough if self._refused else self._quick).clear_cache()
