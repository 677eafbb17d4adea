"""Decide from the training rows what each column of a table is, and whether it can be used at all.

The first rule that applies:

=======================================================  ====================================================
the column                                              becomes
=======================================================  ====================================================
no value at all, or one value in every row              left out
unnamed and all different integers                      left out (row numbers that R or a spreadsheet wrote)
holds lists, arrays or other objects                    left out
truth values                                            boolean
a categorical dtype                                     category (or many-level category)
numbers, durations (in days)                            numeric
dates                                                   date
text, all numbers                                       numeric
text, all dates of one format                           date
text, nine in ten are numbers, and many different ones  numeric, the others counted as missing
text, most values different                             left out (free text or identifiers)
text, more than `max_one_hot` levels                    many-level category
text, anything else                                     category
=======================================================  ====================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lamina.data.columns import (
    DATE_PARTS,
    MISSING,
    RARE,
    CodeColumn,
    Column,
    DateColumn,
    LevelColumn,
    NumericColumn,
    date_parts,
    read_numbers,
    truth_labels,
)
from lamina.data.number_styles import NumberStyle, find_style, numbers
from lamina.data.parsing import Labels, Series, as_labels, date_format, plain_dates, text_dates

_PLAIN_STYLE = NumberStyle()
MOSTLY_NUMBERS = 0.9
MOSTLY_DIFFERENT = 0.5
FEW_LEVELS = 10


@dataclass(frozen=True)
class Rules:
    """What the user may choose: how many-level categories are coded, and from how many levels on they are."""

    codes: bool
    max_one_hot: int


@dataclass(frozen=True)
class LeftOut:
    """Why a column is not used."""

    reason: str


# Without an example: the reason is kept in model files, where a customer's name has no place.
_IDENTIFIERS = LeftOut("free text or identifiers")


@dataclass(frozen=True)
class Decision:
    """What a column becomes, and what the user should hear about it."""

    column: Column | LeftOut
    note: str = ""


def decide(series: Series, rules: Rules) -> Decision:
    """Decide what one training column is.

    Parameters
    ----------
    series : pandas.Series, shape (n,)
        The column, named by a string.
    rules : Rules
        The user's choices.

    Raises
    ------
    DataError
        If a number is infinite.

    >>> decide(pd.Series(["a", "b", "a"], name="x"), Rules(codes=False, max_one_hot=30)).column
    LevelColumn(name='x', kind='category', levels=('a', 'b'), rare=())
    """
    if series.isna().all():
        return Decision(LeftOut("every value is missing"))
    for applies, decider in _BY_TYPE:
        if applies(series):
            return decider(series, rules)
    return _decide_text(series, rules)


def _is_boolean(series: Series) -> bool:
    return pd.api.types.is_bool_dtype(series.dtype) or (
        series.dtype == object and pd.api.types.infer_dtype(series, skipna=True) == "boolean"
    )


def _decide_boolean(series: Series, rules: Rules) -> Decision:
    labels = truth_labels(as_labels(series))
    return Decision(_level_column(str(series.name), labels, sorted(labels.values), rules, "boolean"))


def _is_categorical(series: Series) -> bool:
    return isinstance(series.dtype, pd.CategoricalDtype)


def _decide_categorical(series: Series, rules: Rules) -> Decision:
    labels = as_labels(series)
    order = as_labels(pd.Series(series.cat.categories)).values
    if _mostly_different(labels):
        return Decision(_IDENTIFIERS)
    return Decision(
        _level_column(str(series.name), labels, [x for x in order if x in set(labels.values)], rules)
    )


def _is_numeric(series: Series) -> bool:
    return series.dtype != object and series.dtype.kind in "iufm"


def _decide_numeric(series: Series, rules: Rules) -> Decision:
    name = str(series.name)
    if series.dtype.kind in "iu" and _is_unnamed(name) and series.is_unique and len(series) > 2:
        return Decision(LeftOut("row numbers"))
    return Decision(_numeric_column(name, read_numbers(series)[0]))


def _is_unnamed(name: str) -> bool:
    return not name.strip() or name.startswith("Unnamed: ")


def _numeric_column(
    name: str, values: NDArray[np.float64], style: NumberStyle = _PLAIN_STYLE
) -> NumericColumn | LeftOut:
    missing = np.isnan(values)
    if missing.all():
        return LeftOut("every value is missing")
    present = values[~missing]
    if not missing.any() and (present == present[0]).all():
        return LeftOut("constant")
    return NumericColumn(name, float(np.median(present)), bool(missing.any()), style.name, style.affix)


def _is_date(series: Series) -> bool:
    return plain_dates(series) is not None


def _decide_date(series: Series, rules: Rules) -> Decision:
    dates = plain_dates(series)
    assert dates is not None
    return Decision(_date_column(str(series.name), dates, None))


def _date_column(name: str, dates: Series, layout: str | None) -> DateColumn | LeftOut:
    missing = dates.isna().to_numpy()
    if missing.all():
        return LeftOut("every value is missing")
    origin = dates.min().isoformat()
    block = date_parts(dates[~missing], origin, tuple(DATE_PARTS))
    varies = (block != block[0]).any(axis=0)
    if not varies.any():
        return LeftOut("constant")
    parts = tuple(part for part, kept in zip(DATE_PARTS, varies, strict=True) if kept)
    medians = tuple(float(value) for value in np.median(block[:, varies], axis=0))
    return DateColumn(name, layout, origin, parts, medians, bool(missing.any()))


def _is_unusable(series: Series) -> bool:
    return series.dtype.kind == "c" or (series.dtype.kind == "O" and _holds_containers(series))


def _holds_containers(series: Series) -> bool:
    try:
        pd.factorize(series.astype(object).to_numpy())
    except TypeError:
        return True
    return False


def _decide_unusable(series: Series, rules: Rules) -> Decision:
    if series.dtype.kind == "c":
        return Decision(LeftOut("complex numbers; Complex data not supported"))
    example = type(series.dropna().iloc[0]).__name__
    return Decision(LeftOut(f"holds {example} objects"))


Decider = Callable[[Series, Rules], Decision]

_BY_TYPE: tuple[tuple[Callable[[Series], bool], Decider], ...] = (
    (_is_boolean, _decide_boolean),
    (_is_categorical, _decide_categorical),
    (_is_numeric, _decide_numeric),
    (_is_date, _decide_date),
    (_is_unusable, _decide_unusable),
)


def _decide_text(series: Series, rules: Rules) -> Decision:
    name, labels = str(series.name), as_labels(series)
    if not labels.values:
        return Decision(LeftOut("every value is missing"))
    texts = pd.Series(labels.values, dtype=object)
    style = find_style(texts)
    of_values = numbers(texts, style)
    read = ~np.isnan(of_values)
    if read.all():
        return Decision(_numeric_column(name, read_numbers(series, style)[0], style))
    layout = date_format(labels.values)
    if layout is not None:
        return Decision(_date_column(name, text_dates(labels, layout), layout))
    counts = labels.counts()
    if counts[read].sum() >= MOSTLY_NUMBERS * counts.sum() and len(labels.values) > rules.max_one_hot:
        lost = [value for value, number in zip(labels.values, read, strict=True) if not number]
        note = f"{name!r} is read as numbers, and {quoted(lost)} as missing"
        return Decision(_numeric_column(name, read_numbers(series, style)[0], style), note)
    if _mostly_different(labels):
        return Decision(_IDENTIFIERS)
    return Decision(_level_column(name, labels, sorted(labels.values), rules))


def _mostly_different(labels: Labels) -> bool:
    """Whether more than half the rows have a value of their own, and they are more than a handful."""
    different, rows = len(labels.values), int((~labels.missing).sum())
    return (
        different > FEW_LEVELS and different > MOSTLY_DIFFERENT * rows
    ) or different == rows >= FEW_LEVELS / 2


def _level_column(
    name: str, labels: Labels, order: list[str], rules: Rules, kind: str = "category"
) -> LevelColumn | CodeColumn | LeftOut:
    gaps = [MISSING] if labels.missing.any() else []
    if len(order) + len(gaps) < 2:
        return LeftOut("constant")
    if len(order) <= rules.max_one_hot:
        return LevelColumn(name, kind, (*order, *gaps))
    if rules.codes:
        return CodeColumn(name, tuple(order))
    frequent = _most_frequent(labels, order, rules.max_one_hot - 1 - len(gaps))
    rare = tuple(level for level in order if level not in frequent)
    kept = tuple(level for level in order if level in frequent)
    return LevelColumn(name, "many-level category", (*kept, RARE, *gaps), rare)


def _most_frequent(labels: Labels, order: list[str], how_many: int) -> set[str]:
    count = dict(zip(labels.values, labels.counts(), strict=True))
    return set(sorted(order, key=lambda level: -count[level])[: max(how_many, 1)])


def shortened(text: str, longest: int = 30) -> str:
    """Cut a text for a message.

    >>> shortened("abcdef", 4)
    'abc…'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


def quoted(values: Iterable[str], most: int = 3) -> str:
    """Name the first few values for a message.

    >>> quoted(["a", "b", "c", "d", "e"])
    "'a', 'b', 'c' and 2 others"
    """
    texts = list(values)
    shown = ", ".join(repr(shortened(text)) for text in texts[:most])
    return shown + (f" and {len(texts) - most} others" if len(texts) > most else "")
