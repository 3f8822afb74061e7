"""Amounts of money as documents print them.

    1.234,56 · 1,234.56 · 1 234,56 · 1'234.50 · 1,00,000.00 · 1234.5- · (123.45) · EUR 12,-- · R$ 1.234,56

Percentages, dates, clock times and numbers inside words are not amounts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from autod.grammar.currencies import ISO_CODES, SHARED_SYMBOLS, SYMBOLS
from autod.words import languages_where

_SPELLINGS = sorted({*SYMBOLS, *SHARED_SYMBOLS, *ISO_CODES}, key=len, reverse=True)
_CURRENCY = "(?:" + "|".join(re.escape(spelling) for spelling in _SPELLINGS) + ")"
_MINUS = "[-−–]"
_APOSTROPHES = "'’‘´`ʼ"
JOINTS = rf"{_APOSTROPHES}·"
"""Between digits these make one number of them, whether it can be read or not."""


def _pattern(group: str) -> re.Pattern[str]:
    """The pattern for amounts whose thousands are set apart by one of the characters of ``group``."""
    return re.compile(
        rf"(?<![\w#])(?<!\d[.,:/\-–{JOINTS}])(?<!\w[\-/])(?<![^.][.,])(?<!^[.,])"
        rf"(?P<minus>{_MINUS} ?)?(?:(?P<before>{_CURRENCY})(?![^\W\d])[ :]{{0,2}})?"
        rf"(?P<open>\( ?)?(?P<minus_inside>{_MINUS} ?)?(?:(?P<inside>{_CURRENCY})(?![^\W\d]) ?)?"
        r"(?P<number>"
        rf"(?:\d{{1,3}}(?P<group>[{group}])\d{{3}}(?:(?P=group)\d{{3}}){{0,3}}|\d{{1,2}}(?:,\d\d){{1,3}},\d{{3}}|\d{{1,12}})"
        r"(?!\d)(?:(?P<point>[.,]|·(?=\d\d(?!\d)))(?P<fraction>\d{1,5}|--?|—|–)(?!\d))?)"
        rf"(?P<trailing> ?{_MINUS}(?![\w ]))?(?P<close> ?\))?"
        rf"(?: ?(?P<after>{_CURRENCY})(?!\w))?"
        rf"(?! ?[%‰]|\d|[:/]\d|[.,\-{JOINTS}]\d)"
    )


_PLAIN = _pattern(f".,{_APOSTROPHES}")
_SPACED_GROUPS = _pattern(f".,{_APOSTROPHES} ")
# Beside those whose words files say so: these have none, and their amounts are read all the same.
_GROUPS_BY_SPACE = languages_where("groups_by_space") | {"sv", "no", "da", "cs", "fi"}
BY_SPACE = min(languages_where("groups_by_space"))
"""A language in which a mere space groups thousands; whichever, for they differ in nothing else here."""
_FIXED_SPACES = "\u00a0\u202f\u2009"  # typeset within numbers, never between two cells
_FLAT = str.maketrans(_FIXED_SPACES, " " * len(_FIXED_SPACES))
_SPACE_BEFORE_THREE = re.compile(r"\d \d{3}(?!\d)")
_GAP_AT_POINT = re.compile(r"(?<=\d)(?: ?([.,]) | ([.,]))(?=\d{2}(?!\d|[.,]\d))")


@dataclass(frozen=True, slots=True)
class AmountMatch:
    """An amount and where it stands in the text.

    ``currency`` is the ISO code when the text names one; ``symbol`` is what was printed when that can mean
    several. ``decimals`` is how many digits follow the point: most printed money has two. ``longer`` is
    the amount that it ends if the digits that a space parts from it are not a number of their own.
    """

    value: Decimal
    start: int
    end: int
    currency: str | None = None
    symbol: str | None = None
    decimals: int = 0
    longer: AmountMatch | None = None

    @property
    def looks_like_money(self) -> bool:
        return self.decimals == 2 or self.currency is not None or self.symbol is not None


def parse_amounts(text: str, language: str | None = None, *, spaced: bool = False) -> list[AmountMatch]:
    """The amounts in ``text``, in order, with their signs.

    Args:
        language: ISO 639-1; decides whether a mere space groups thousands. In the others it does where the
            page leaves no doubt: the space is a fixed one, or a currency stands where it tells.
        spaced: accept a space around the decimal point, as OCR leaves it ("12. 50").
    """
    if spaced and _GAP_AT_POINT.search(text):
        return _parse_spaced(text, language)
    flat = text.translate(_FLAT)
    if language in _GROUPS_BY_SPACE:
        return _matches(_SPACED_GROUPS, flat)
    found = _matches(_PLAIN, flat)
    if not _SPACE_BEFORE_THREE.search(flat):
        return found
    for m in _SPACED_GROUPS.finditer(flat):
        if m["group"] == " " and (longer := _read(m)) and (m["point"] or longer.looks_like_money):
            first = bisect_right(found, longer.start, key=lambda match: match.end)
            end = bisect_left(found, longer.end, key=lambda match: match.start)
            found[first:end] = _with_longer(found[first:end], longer, sure=_is_one_number(m, text))
    return found


def _matches(pattern: re.Pattern[str], text: str) -> list[AmountMatch]:
    return [match for m in pattern.finditer(text) if (match := _read(m))]


def _is_one_number(m: re.Match[str], text: str) -> bool:
    """Whether the spaces of the number that ``m`` found in ``text`` can part nothing but its thousands."""
    if text[m.start("group")] in _FIXED_SPACES or m["before"] or m["inside"]:
        return True
    return bool(m["after"]) and text[max(0, m.start() - 2) : m.start()].rstrip().endswith(":")


def _with_longer(parts: list[AmountMatch], longer: AmountMatch, *, sure: bool) -> Iterator[AmountMatch]:
    """``parts`` with the ``longer`` amount in their place or, if not sure, told at its last one."""
    for match in parts:
        if match.end < longer.end:
            if not sure:
                yield match
        elif sure:
            yield longer
        else:
            yield replace(match, longer=longer)


def _parse_spaced(text: str, language: str | None) -> list[AmountMatch]:
    """As ``parse_amounts`` after closing the gaps; the offsets are those of the text given."""
    kept: list[int] = []
    last = 0
    for gap in _GAP_AT_POINT.finditer(text):
        kept += range(last, gap.start())
        kept.append(gap.start(1) if gap[1] else gap.start(2))
        last = gap.end()
    kept += range(last, len(text))
    closed = "".join(text[i] for i in kept)
    return [_moved(m, kept) for m in parse_amounts(closed, language)]


def _moved(m: AmountMatch, kept: list[int]) -> AmountMatch:
    longer = _moved(m.longer, kept) if m.longer else None
    return replace(m, start=kept[m.start], end=kept[m.end - 1] + 1, longer=longer)


def _read(m: re.Match[str]) -> AmountMatch | None:
    value, decimals = _value(m["number"], m["group"], m["point"], m["fraction"])
    following = re.match(r"[^\W\d_]*", m.string[m.end() : m.end() + 4])
    glued = len(following.group()) if following else 0
    if glued > 2 or (glued and decimals != 2):
        return None
    if m["minus"] or m["minus_inside"] or m["trailing"] or (m["open"] and m["close"]):
        value = -value
    printed = m["before"] or m["inside"] or m["after"]
    currency = SYMBOLS.get(printed) or (printed if printed in ISO_CODES else None) if printed else None
    symbol = printed if printed in SHARED_SYMBOLS else None
    return AmountMatch(value, m.start(), m.end(), currency, symbol, decimals)


def _value(number: str, group: str | None, point: str | None, fraction: str | None) -> tuple[Decimal, int]:
    whole = number[: number.rindex(point)] if point else number
    if group and not point and group in ".," and whole.count(group) == 1 and whole.startswith("0"):
        return Decimal(whole.replace(",", ".")), 3
    digits = "".join(character for character in whole if character.isdigit())
    if fraction and fraction.isdigit():
        return Decimal(f"{digits}.{fraction}"), len(fraction)
    return Decimal(digits), 2 if fraction else 0
