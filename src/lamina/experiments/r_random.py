"""R's ``set.seed`` and ``sample``, so that a split made in R is the same split here.

R draws from the Mersenne Twister (MT19937), which NumPy has too; what is R's own is how it is seeded and how
whole numbers are made of its bits: ``RNGkind("Mersenne-Twister", "Inversion", "Rejection")``, the default since
R 3.6.0.

Source: Matsumoto and Nishida (1998); R's documentation of ``Random``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lamina.errors import SpecificationError

_WORDS = 624
_WARM_UP = 50
_MODULUS = 1 << 32
_LARGEST = 10_000_000
"""Above this R draws small samples by another way."""


class RRandom:
    """The random numbers of R after ``set.seed(seed)``.

    >>> RRandom(42).sample(10).tolist()  # set.seed(42); sample(1:10)
    [1, 5, 10, 8, 2, 4, 6, 9, 7, 3]
    """

    def __init__(self, seed: int) -> None:
        self._twister = np.random.MT19937()
        self._twister.state = {
            "bit_generator": "MT19937",
            "state": {"key": _scrambled(seed), "pos": _WORDS},
        }

    def sample(self, n: int, size: int | None = None) -> NDArray[np.int64]:
        """``sample(1:n, size)``: different whole numbers from 1 to n, in R's order; all n without a size.

        Raises
        ------
        SpecificationError
            If n is not between 1 and 10 million, or size not between 0 and n.
        """
        size = n if size is None else size
        if not (1 <= n <= _LARGEST and 0 <= size <= n):
            raise SpecificationError(
                f"sample(1:{n}, {size}): give n from 1 to {_LARGEST:,} and a size from 0 to n"
            )
        left = np.arange(1, n + 1)
        drawn = np.empty(size, np.int64)
        for i in range(size):
            last = n - 1 - i
            j = self._below(last + 1)
            drawn[i] = left[j]
            left[j] = left[last]
        return drawn

    def _below(self, n: int) -> int:
        """A whole number from 0 to n - 1: as many bits as n needs, drawn again while they say n or more."""
        bits = (n - 1).bit_length()
        while True:
            index = self._bits(bits)
            if index < n:
                return index

    def _bits(self, bits: int) -> int:
        """Random bits, taken 16 at a time from the upper half of each word."""
        value = 0
        for _ in range(0, bits + 1, 16):
            value = (value << 16) | (int(self._twister.random_raw()) >> 16)
        return value & ((1 << bits) - 1)


def _scrambled(seed: int) -> NDArray[np.uint32]:
    """The 624 words that ``set.seed`` fills by a linear congruential generator."""
    state = seed % _MODULUS
    words = np.empty(_WORDS + 1, np.uint32)
    for _ in range(_WARM_UP):
        state = (69069 * state + 1) % _MODULUS
    for i in range(_WORDS + 1):
        state = (69069 * state + 1) % _MODULUS
        words[i] = state
    # The first word is the place in the sequence, which set.seed puts at its end.
    return words[1:]
