"""Dates as documents print them, found in running text of every language with words.

    31.12.2025 · 31/12/25 · 12/31/2025 · 2025-12-31 · 31-Dec-2025 · 1er janvier 2026 · 3. März 2026
    Dec 31st, 2025 · this 4th day of June, 2005 · 12 / 03 / 2018 · 20260131 (only when asked for)

Patterns run on folded text of the same length, so offsets are those of the text given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from autod.words import any_of, either, groups, languages_where, leading
from autod.words.label_table import fold

EARLIEST_YEAR, LATEST_YEAR = 1900, 2099
MONTHS = {name: int(month) for month, names in groups("dates.months").items() for name in names}
MONTH_FIRST = languages_where("month_first")
"""Languages in which 03/04/2025 can be the fourth of March."""
_CENTURY_TURNS = 60  # a two-digit year below this is 20xx


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A date and where it stands. ``ambiguous``: day and month could be the other way round."""

    value: date
    start: int
    end: int
    ambiguous: bool = False


_MONTH = "(?P<{0}>" + either(MONTHS) + ")"
_YEAR = r"(?P<{0}>(?:19|20)[0-9o]{{2}}|['’]?\d{{2}})"
_DIGIT = "[0-9olis]"  # folded letters that OCR prints for digits; see _digits
_GAP = r" ?(?P<{0}>[./\-–]) ?"
_ORDINAL = any_of("dates.ordinals")
_PATTERN = re.compile(
    r"(?<![\w./\-])(?:"
    # 2025-12-31, 2025/12/31, 2025.12.31
    rf"(?P<iso_year>(?:19|20)\d{{2}}){_GAP.format('iso_gap')}(?P<iso_month>\d{{1,2}}) ?(?P=iso_gap) ?"
    r"(?P<iso_day>\d{1,2})(?=t\d|[^\w]|$)"
    # 31.12.2025, 31/12/25, 12 / 31 / 2025
    rf"|(?P<first>{_DIGIT}{{1,2}}){_GAP.format('gap')}(?P<second>{_DIGIT}{{1,2}}) ?(?P=gap) ?"
    rf"(?P<year>{_DIGIT}{{4}}|['’]?{_DIGIT}{{2}})(?:(?![\w]|[./\-–,]\d)|(?=\d\d:\d\d))"
    # 31-Dec-2025, 1er janvier 2026, 3. März 2026, 4th day of June, 2005
    rf"|(?P<day>\d{{1,2}}) ?(?:{_ORDINAL}|[.°])?(?: ?\) ?)?[ .,/\-–]{{0,2}}"
    rf"{leading('dates.day')}?{leading('dates.of_month')}?{leading('dates.the')}?"
    + _MONTH.format("month")
    + rf"[ .,/\-–]{{0,3}}{leading('dates.of_year')}?{leading('dates.year')}?"
    + _YEAR.format("named_year")
    + r"(?![\w]|[.,/]\d|,? (?:19|20)\d\d)"
    # Dec 31st, 2025
    r"|"
    + _MONTH.format("us_month")
    + rf"[ .,\-–]{{0,2}}(?P<us_day>\d{{1,2}}) ?{_ORDINAL}?[ .,\-–]{{1,3}}"
    + _YEAR.format("us_year")
    + r"(?![\w]|[.,/:]\d))"
)
_COMPACT = re.compile(r"(?<![\w.,/\-])(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?![\w./\-])")
_MONTH_OF_YEAR = re.compile(
    r"(?<![\w./\-])(?:"
    + _MONTH.format("name")
    + rf"[ .,/\-]{{1,3}}{leading('dates.of_year')}?(?P<named>(?:19|20)\d{{2}})"
    r"|(?P<number>0[1-9]|1[0-2])[/.](?P<year>(?:19|20)\d{2}))(?![\w/]|[.\-]\d)"
)
_LOOKS_LIKE = str.maketrans({"o": "0", "l": "1", "i": "1", "s": "5"})


def parse_dates(
    text: str, language: str | None = None, day_first: bool | None = None, *, compact: bool = False
) -> list[DateMatch]:
    """The complete dates in ``text``, in order.

    Args:
        language: ISO 639-1; decides the order of 03/04/2025 when ``day_first`` does not.
        day_first: what other evidence says about the order; ``None`` marks such dates as ambiguous.
        compact: also read 20260131; ask for it only beside a label, numbers look the same.
    """
    folded = fold(text)
    found = [match for m in _PATTERN.finditer(folded) if (match := _read(m, language, day_first))]
    if compact and not found:
        found = [
            DateMatch(value, m.start(), m.end())
            for m in _COMPACT.finditer(folded)
            if (value := make_date(int(m["year"]), int(m["month"]), int(m["day"])))
        ]
    return found


def parse_months(text: str) -> list[DateMatch]:
    """Months with a year, such as "March 2026" or 03/2026, as their first day."""
    found = []
    for m in _MONTH_OF_YEAR.finditer(fold(text)):
        month = MONTHS[m["name"]] if m["name"] else int(m["number"])
        value = make_date(int(m["named"] or m["year"]), month, 1)
        if value:
            found.append(DateMatch(value, m.start(), m.end()))
    return found


def make_date(year: int, month: int, day: int) -> date | None:
    """The date, or nothing when there is no such day or a document cannot bear it."""
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def order_evidence(texts: Iterable[str]) -> bool | None:
    """Whether dates in ``texts`` that can be read one way only put the day first; ``None``: undecided."""
    votes = 0
    for text in texts:
        for m in _PATTERN.finditer(fold(text)):
            if m["first"] and (numbers := _digits(m["first"], m["second"], m["year"])):
                if _is_clock_time(m, numbers):
                    continue
                first, second, _ = numbers
                votes += (12 < first <= 31 and second <= 12) - (12 < second <= 31 and first <= 12)
    return votes > 0 if votes else None


def _read(m: re.Match[str], language: str | None, day_first: bool | None) -> DateMatch | None:
    ambiguous = False
    if m["first"]:
        numbers = _digits(m["first"], m["second"], m["year"])
        if numbers is None or _is_clock_time(m, numbers):
            return None
        value, ambiguous = _numeric(*numbers, m["gap"], language, day_first)
    elif m["iso_year"]:
        value = make_date(int(m["iso_year"]), int(m["iso_month"]), int(m["iso_day"]))
    elif m["month"]:
        value = make_date(_year(m["named_year"]), MONTHS[m["month"]], int(m["day"]))
    else:
        value = make_date(_year(m["us_year"]), MONTHS[m["us_month"]], int(m["us_day"]))
    return DateMatch(value, m.start(), m.end(), ambiguous) if value else None


def _is_clock_time(m: re.Match[str], numbers: tuple[int, int, int]) -> bool:
    """11.14.90 is a time with seconds: nobody writes the month first with points and a two-digit year."""
    return m["gap"] == "." and numbers[1] > 12 and len(m["year"]) < 4


def _digits(first: str, second: str, year: str) -> tuple[int, int, int] | None:
    """The three numbers; letters for digits are forgiven only where most characters are digits."""
    joined = first + second + year.lstrip("'’")
    if not joined.isdigit() and sum(character.isdigit() for character in joined) < len(joined) - 2:
        return None
    return (
        int(first.translate(_LOOKS_LIKE)),
        int(second.translate(_LOOKS_LIKE)),
        _year(year.translate(_LOOKS_LIKE)),
    )


def _year(text: str) -> int:
    number = int(text.lstrip("'’").translate(_LOOKS_LIKE))
    if number >= 100:
        return number
    return number + (2000 if number < _CENTURY_TURNS else 1900)


def _numeric(
    first: int, second: int, year: int, gap: str, language: str | None, day_first: bool | None
) -> tuple[date | None, bool]:
    as_day_first, as_month_first = make_date(year, second, first), make_date(year, first, second)
    if as_day_first is None or as_month_first is None or as_day_first == as_month_first:
        return as_day_first or as_month_first, False
    if gap == "." and language not in MONTH_FIRST:
        return as_day_first, False
    if day_first is None:
        return (as_month_first if language in MONTH_FIRST and gap != "." else as_day_first), True
    return (as_day_first if day_first else as_month_first), False
