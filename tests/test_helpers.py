"""The comparison of a page with what is printed: strict on words, lenient where machines differ."""

from __future__ import annotations

import pytest
from documentation import Block, same_text


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("error 254.7", "error 251.0"),
        ("took 3.2 s", "took 41 s"),
        ("model  seconds\nmlp       1.25\n", "model  seconds\nmlp      17.31\n"),
        ("first\n...\nlast", "first\nmiddle\nlast"),
        ("1,345 parameters", "1,345   parameters"),
        ("mlp  | 3\n-----", "mlp 3"),
        ("0.01", "0.004"),
        (
            "errors 206.1 and 191.2, difference +14.9, interval -5.5 to +35.3",
            "errors 205 and 192, difference +13, interval -7.1 to +34",
        ),
    ],
)
def test_what_counts_as_the_same(shown: str, printed: str) -> None:
    assert same_text(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("error 254.7", "error 354.7"),
        ("worth it", "not worth it"),
        ("error 206.1, difference +14.9", "error 206.1, difference -14.9"),
        ("rows 3", "rows 3 4"),
        ("model seconds\nmlp 3 1\n\nrows 10", "model seconds\nmlp 3 1\n\nrows 20"),
        ("first\n...\nlast", "first\nmiddle"),
        ("", "something"),
    ],
)
def test_what_does_not(shown: str, printed: str) -> None:
    assert not same_text(shown, printed)


def test_a_console_block_is_split_into_commands_and_their_output() -> None:
    block = Block("page", 1, "console", "$ lamina datasets  # all\nname\niris\n$ lamina fit \\\n  x\n", "")
    assert list(block.commands()) == [("lamina datasets", "name\niris"), ("lamina fit    x", "")]


def test_a_block_may_need_a_package_that_is_not_there() -> None:
    def missing(mark: str) -> str | None:
        return Block("page", 1, "python", "", mark).missing

    assert missing("needs no_such_package") == "no_such_package"
    assert missing("needs numpy") is None
    assert missing("output") is None
