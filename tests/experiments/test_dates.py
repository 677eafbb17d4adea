"""Dates: the formats, and that no date is learnt and tested."""

from __future__ import annotations

import datetime

from lamina.experiments.dates import parsed
from lamina.experiments.dates_data import SEEN, UNSEEN, Sample


def test_formats_are_called_by_what_they_write() -> None:
    day = datetime.date(1998, 3, 3)
    for formats in (SEEN, UNSEEN):
        assert [write(day) for write in formats.values()] == list(formats)


def test_no_date_is_in_two_sets_and_unseen_formats_have_known_characters() -> None:
    sample = Sample.draw(3000, 100, 0)
    assert not set(sample.train[1]) & set(sample.seen[1])
    assert len(set(sample.train[1])) == 3000
    known = set("".join(sample.train[0]))
    for sources, targets in sample.unseen.values():
        assert targets == sample.seen[1]
        assert set("".join(sources)) <= known


def test_a_parser_reads_most_formats_and_mistakes_centuries() -> None:
    found = parsed(Sample.draw(10, 100, 0))
    assert found.unseen["3rd March 1998"] == 100
    assert found.unseen["3 Mar 98"] < 90
    assert found.beams is None
    assert 80 < found.seen < 95
