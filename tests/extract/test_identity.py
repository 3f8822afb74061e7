"""What is known of a line is known of that line, and not of one that says the same."""

from __future__ import annotations

from dataclasses import replace

from autod.domain.reading import Box, Line, Page, Word
from autod.extract.local.page.identity import ByIdentity
from autod.extract.local.page.layout import layout_of

SAID = (Word("Total", Box(10, 10, 40, 20)),)


def test_two_lines_that_say_the_same_are_two() -> None:
    one, other = Line(SAID), Line(SAID)
    known: ByIdentity[Line, str] = ByIdentity()
    known[one] = "one"
    assert one == other
    assert (one in known, other in known) == (True, False)
    assert (known.get(one, None), known.get(other, None)) == ("one", None)
    assert known.setdefault(other, "other") == "other"
    assert known.setdefault(one, "new") == "one"


def test_what_is_known_of_a_thing_that_is_gone_is_told_of_no_other() -> None:
    known: ByIdentity[Line, int] = ByIdentity()
    for number in range(1_000):  # each lies where the one before lay, if that one is gone
        line = Line(SAID)
        assert line not in known
        known[line] = number
        del line


def test_a_page_keeps_its_layout_and_stays_equal_to_one_that_was_not_looked_at() -> None:
    page, same = Page(1, 600, 800, (Line(SAID),)), Page(1, 600, 800, (Line(SAID),))
    layout = layout_of(page)
    assert layout_of(page) is layout
    assert page == same
    assert hash(page) == hash(same)
    assert repr(page) == repr(same)
    assert layout_of(same) is not layout


def test_a_changed_page_has_a_layout_of_its_own() -> None:
    page = Page(1, 600, 800, (Line(SAID),))
    layout_of(page)
    changed = replace(page, lines=())
    assert layout_of(changed).page is changed
