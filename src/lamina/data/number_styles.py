"""How people write numbers: 1,234.5 or 1.234,5 or 1 234,5, with a currency or a percent sign.

The way is learnt from the training rows: 1,234 alone could be either of two numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    Texts = pd.Series[Any]

AFFIXES = "€$£¥%"
_SPACES = " \u00a0\u202f'"


@dataclass(frozen=True)
class Marks:
    """The characters that group digits, and the one before the fraction."""

    thousands: str
    decimal: str

    @property
    def pattern(self) -> str:
        """What a number of this style looks like."""
        grouped = rf"\d{{1,3}}(?:[{re.escape(self.thousands)}]\d{{3}})+|" if self.thousands else ""
        point = re.escape(self.decimal)
        return rf"[+-]?(?:(?:{grouped}\d+)(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"

    def plain(self, texts: Texts) -> Texts:
        """Write numbers of this style as Python does; other texts are left."""
        if self == STYLES[PLAIN]:
            return texts
        fitting = texts.str.fullmatch(self.pattern)
        rewritten = texts.str.replace(rf"[{re.escape(self.thousands)}]", "", regex=True)
        return texts.where(~fitting.astype(bool), rewritten.str.replace(self.decimal, ".", regex=False))


PLAIN = "1234.5"
# The first of those that fit most values is taken.
STYLES = {
    PLAIN: Marks("", "."),
    "1,234.5": Marks(",", "."),
    "1.234,5": Marks(".", ","),
    "1 234.5": Marks(_SPACES, "."),
    "1 234,5": Marks(_SPACES, ","),
}


@dataclass(frozen=True)
class NumberStyle:
    """A style by its name, and the sign written before or after each number (or none)."""

    name: str = PLAIN
    affix: str = ""


def find_style(texts: Texts) -> NumberStyle:
    """The style in which the most texts are numbers.

    >>> find_style(pd.Series(["3,14", "1.234,5", "7"])).name
    '1.234,5'
    >>> find_style(pd.Series(["$1,234", "$12"]))
    NumberStyle(name='1,234.5', affix='$')
    """
    texts = texts.astype(str)
    affix = _common_affix(texts)
    bare = _without(texts, affix)
    fitting = {name: int(bare.str.fullmatch(marks.pattern).sum()) for name, marks in STYLES.items()}
    return NumberStyle(max(fitting, key=lambda name: fitting[name]), affix)


def _common_affix(texts: Texts) -> str:
    """The sign that most texts bear; numbers that bear another, or none, are of another unit."""
    signs = texts.str[0].where(texts.str[0].isin(list(AFFIXES)), texts.str[-1])
    counts = signs[signs.isin(list(AFFIXES))].value_counts()
    return str(counts.index[0]) if len(counts) and 2 * counts.iloc[0] > len(texts) else ""


def _without(texts: Texts, affix: str) -> Texts:
    if not affix:
        return texts
    sign = re.escape(affix)
    return texts.str.replace(rf"^([+-]?){sign}\s*|\s*{sign}$", r"\1", regex=True)


def numbers(texts: Texts, style: NumberStyle) -> NDArray[np.float64]:
    """Read texts of a style as numbers, NaN where that fails.

    Parameters
    ----------
    texts : pandas.Series, shape (n,)
        Strings without missing values.
    style : NumberStyle
        As `find_style` gives it.

    >>> numbers(pd.Series(["1.5", "2e3", "many"]), NumberStyle()).tolist()
    [1.5, 2000.0, nan]
    >>> numbers(pd.Series(["1,234"]), NumberStyle("1.234,5")).tolist()
    [1.234]
    """
    bare = _without(texts.astype(str), style.affix)
    return np.asarray(pd.to_numeric(STYLES[style.name].plain(bare), errors="coerce"), dtype=np.float64)
