"""The errors and warnings of Lamina, one class a family.

Every error is also the built-in that scikit-learn's users expect (ValueError or TypeError), and its message says what
was given, what is needed and what to do.

>>> issubclass(DataError, ValueError) and issubclass(ArgumentTypeError, TypeError)
True
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


class LaminaError(Exception):
    """Anything the user can mend; the command line prints its message and exits with code 2."""


class DataError(LaminaError, ValueError):
    """The user's rows, columns or outcome cannot be used as they are."""


class SpecificationError(LaminaError, ValueError):
    """A layer, loss, optimizer or setting has a value that means nothing."""


class ArgumentTypeError(LaminaError, TypeError):
    """An argument is of a type that cannot stand where it was given."""


class DivergenceError(LaminaError, ValueError):
    """Training left the finite numbers before any usable model was found."""


class FileFormatError(LaminaError, ValueError):
    """A file is damaged, foreign, or newer than this version reads."""


class FileAccessError(LaminaError, OSError):
    """A file is not there, or cannot be read or written where it was asked for."""


class DataWarning(UserWarning):
    """Something in the data was left out or replaced; the message says what."""


class DivergenceWarning(UserWarning):
    """Training left the finite numbers; the best model before that is kept."""


class NotSeparableWarning(UserWarning):
    """No line that separates the classes was found; the best one met is kept."""


def nearest_name(given: object, known: Iterable[str], meant: Mapping[str, str] | None = None) -> str:
    """Say which known name was probably meant, as a clause to end a message with.

    >>> nearest_name("rellu", ["relu", "tanh"])
    "did you mean 'relu'? Known: 'relu', 'tanh'"
    >>> nearest_name("42", ["relu", "tanh"])
    "known are 'relu', 'tanh'"

    ``meant`` has words that others use for the same.

    >>> nearest_name("ramp", ["relu", "tanh"], {"ramp": "relu"})
    "did you mean 'relu'? Known: 'relu', 'tanh'"
    """
    names = sorted(known)
    listing = ", ".join(repr(name) for name in names)
    close = difflib.get_close_matches(str(given), names, n=1)
    if meant and str(given).lower() in meant:
        close = [meant[str(given).lower()]]
    return f"did you mean {close[0]!r}? Known: {listing}" if close else f"known are {listing}"
