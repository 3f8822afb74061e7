"""Stretches of time in text: 01.03. – 31.03.2025, "1 March to 31 March 2026", "März 2025"."""

from __future__ import annotations

import calendar
import itertools
import re
from dataclasses import dataclass
from datetime import date

from autod.grammar.dates import MONTHS, make_date, parse_dates, parse_months
from autod.words import any_of
from autod.words.label_table import fold

_TO = any_of("periods.to")
_THE = any_of("periods.article")
_BETWEEN = re.compile(
    rf"^[ ,.]{{0,3}}(?:-|–|—|{any_of('periods.to', 'periods.and')}|>|/|->)(?: {_THE})?[ ,:]{{0,3}}$"
)
_FIRST_CUT_SHORT = re.compile(
    r"(?<![\w./])(?P<day>\d{1,2})(?P<gap>[./]?) ?(?:(?P<number>\d{1,2})[./]?|(?P<name>[a-z]{3,10})\.?)?"
    rf" ?(?:-|–|—|{_TO})(?: {_THE})? ?$"
)
_NAMED_FIRST_CUT_SHORT = re.compile(
    rf"(?<!\w)(?P<name>[a-z]{{3,10}})\.? (?P<day>\d{{1,2}}),? ?(?:-|–|—|{_TO}) ?$"
)


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day, and where they stand. ``complete``: both days are written out in full."""

    first: date
    last: date
    start: int
    end: int
    complete: bool
    ambiguous: bool = False

    @property
    def value(self) -> tuple[date, date]:
        return self.first, self.last


def parse_periods(text: str, language: str | None = None, day_first: bool | None = None) -> list[Period]:
    """The periods in ``text``; a month with a year counts as all its days when nothing better is there."""
    dates = parse_dates(text, language, day_first)
    found = []
    for one, two in itertools.pairwise(dates):
        if one.value <= two.value and _BETWEEN.match(fold(text[one.end : two.start])):
            either = one.ambiguous or two.ambiguous
            found.append(Period(one.value, two.value, one.start, two.end, True, either))
    if not found and len(dates) == 1:
        last = dates[0]
        before = text[max(0, last.start - 30) : last.start]
        first = _cut_short(fold(before), last.value)
        if first and first[0] <= last.value:
            start = last.start - len(before) + first[1]
            found.append(Period(first[0], last.value, start, last.end, False, last.ambiguous))
    return found or _whole_months(text, dates == [])


def _cut_short(before: str, last: date) -> tuple[date, int] | None:
    """The first day when it leaves out the year, or the month and the year, of the last one."""
    m = _NAMED_FIRST_CUT_SHORT.search(before)
    if m and m["name"] in MONTHS:
        value = make_date(last.year, MONTHS[m["name"]], int(m["day"]))
        return (value, m.start()) if value else None
    m = _FIRST_CUT_SHORT.search(before)
    if not m or (m["name"] and m["name"] not in MONTHS):
        return None
    month = MONTHS[m["name"]] if m["name"] else int(m["number"] or last.month)
    day = int(m["day"])
    value = make_date(last.year, month, day)
    if value and value > last:
        value = make_date(last.year - 1, month, day)
    return (value, m.start()) if value else None


def _whole_months(text: str, wanted: bool) -> list[Period]:
    months = parse_months(text) if wanted else []
    if not months:
        return []
    one, two = months[0], months[1] if len(months) > 1 else months[0]
    if two is not one and not (one.value < two.value and _BETWEEN.match(fold(text[one.end : two.start]))):
        two = one
    last = two.value.replace(day=calendar.monthrange(two.value.year, two.value.month)[1])
    return [Period(one.value, last, one.start, two.end, False)]
