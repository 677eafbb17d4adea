"""Dates as people write them, in formats to learn from and formats that are kept for the test."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Writer = Callable[[datetime.date], str]

FIRST, DAYS = datetime.date(1950, 1, 1), 36_524
"""A hundred years, so that two digits of a year say which."""
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def month(day: datetime.date) -> str:
    """The month's name."""
    return MONTHS[day.month - 1]


def weekday(day: datetime.date) -> str:
    """The weekday's name."""
    return WEEKDAYS[day.weekday()]


def ordinal(number: int) -> str:
    """A number in a row.

    >>> [ordinal(number) for number in (1, 2, 3, 4, 11, 22, 31)]
    ['1st', '2nd', '3rd', '4th', '11th', '22nd', '31st']
    """
    ending = "th" if 10 < number < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


SEEN: Mapping[str, Writer] = {
    "3 March 1998": lambda d: f"{d.day} {month(d)} {d.year}",
    "3 Mar 1998": lambda d: f"{d.day} {month(d)[:3]} {d.year}",
    "3-Mar-1998": lambda d: f"{d.day}-{month(d)[:3]}-{d.year}",
    "March 3, 1998": lambda d: f"{month(d)} {d.day}, {d.year}",
    "Mar 3, 1998": lambda d: f"{month(d)[:3]} {d.day}, {d.year}",
    "March 3rd, 1998": lambda d: f"{month(d)} {ordinal(d.day)}, {d.year}",
    "3rd of March 1998": lambda d: f"{ordinal(d.day)} of {month(d)} {d.year}",
    "03/03/98": lambda d: f"{d.day:02}/{d.month:02}/{d.year % 100:02}",
    "03/03/1998": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "3.3.1998": lambda d: f"{d.day}.{d.month}.{d.year}",
    "1998/03/03": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "Tuesday, 3 March 1998": lambda d: f"{weekday(d)}, {d.day} {month(d)} {d.year}",
}
"""Formats to learn from; where numbers stand for day and month, the day comes first."""
UNSEEN: Mapping[str, Writer] = {
    "March 3 1998": lambda d: f"{month(d)} {d.day} {d.year}",
    "3rd March 1998": lambda d: f"{ordinal(d.day)} {month(d)} {d.year}",
    "3-3-1998": lambda d: f"{d.day}-{d.month}-{d.year}",
    "1998 March 3": lambda d: f"{d.year} {month(d)} {d.day}",
    "Tuesday 3rd of March, 1998": lambda d: f"{weekday(d)} {ordinal(d.day)} of {month(d)}, {d.year}",
    "3 Mar 98": lambda d: f"{d.day} {month(d)[:3]} {d.year % 100:02}",
}
"""Formats that no training pair has, of characters that training pairs have."""


@dataclass(frozen=True)
class Sample:
    """Pairs to learn from and pairs of other dates to test on, in formats seen and in formats not seen."""

    train: tuple[list[str], list[str]]
    seen: tuple[list[str], list[str]]
    unseen: dict[str, tuple[list[str], list[str]]]

    @classmethod
    def draw(cls, train: int, test: int, seed: int) -> Sample:
        """Different dates, each in a format drawn at random; the unseen formats share the test's dates."""
        rng = np.random.default_rng(seed)
        chosen = rng.permutation(DAYS)[: train + test]
        days = [FIRST + datetime.timedelta(days=int(day)) for day in chosen]
        learnt, tested = days[:train], days[train:]
        return cls(
            pairs(learnt, _drawn(rng, train)),
            pairs(tested, _drawn(rng, test)),
            {name: pairs(tested, [write] * test) for name, write in UNSEEN.items()},
        )


def pairs(days: Sequence[datetime.date], writers: Sequence[Writer]) -> tuple[list[str], list[str]]:
    """Dates as people write them, and as computers do.

    >>> pairs([datetime.date(1998, 3, 3)], [UNSEEN["3rd March 1998"]])
    (['3rd March 1998'], ['1998-03-03'])
    """
    written = [write(day) for write, day in zip(writers, days, strict=True)]
    return written, [day.isoformat() for day in days]


def _drawn(rng: np.random.Generator, n: int) -> list[Writer]:
    writers = list(SEEN.values())
    return [writers[place] for place in rng.integers(len(writers), size=n)]
