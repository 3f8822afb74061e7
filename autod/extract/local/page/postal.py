"""Postal addresses on a page: which lines are streets and places, and the blocks they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.reading import Box, Line, Page
from autod.extract.local.page.layout import fold
from autod.words import any_of

_MOST_LINES = 7  # in an address, the name included
_NEXT_LINE, _LAST_LINE = 1.25, 2.2  # line heights between lines, and above the town
_ASIDE = 0.6  # line heights by which stacked lines begin aside of one another
US_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|DC|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|"
    "NJ|NM|NY|NC|ND|OH|OK|OR|PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY"
)
"""As alternatives of a pattern, with the district and the territory that have such postcodes."""
BRAZILIAN_STATES = "AM|AP|BA|CE|ES|GO|MG|PB|PE|PI|RJ|RN|RO|RR|RS|SP|TO"
"""Those that are no US state's code, too."""
PLACE = re.compile(
    rf"(?:(?<![\w.])(?:{US_STATES})[ ,.]{{1,3}}\d{{5}}(?:-\d{{4}})?(?!\w))"  # Larch, TX 98342
    r"|(?<![\w])[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?![\w])"  # SW1B 3BN
    r"|(?<![\w])[A-Z]\d[A-Z] \d[A-Z]\d(?![\w])"  # K1A 0B1
    r"|(?:^|[,·•●|;–-]\s*)\d{4} ?[A-Z]{2} [A-Z][\w'’ -]{2,30}"  # 1025 RX Amsterdam
    r"|(?<![\w.,/:-])\d{4}-\d{3} [^\W\d_][^\W\d_'’ -]{2,40}"  # 1000-205 Lisboa
    r"|(?<![\w.,/:-])\d{5}-\d{3}(?![\w])"  # 88240-000
    r"|(?<![\w.,/:-])\d{2}-\d{3} [^\W\d_][^\W\d_'’ -]{2,40}"  # 00-950 Warszawa
    r"|(?:^|[,·•●|;–-]\s*)(?:[A-Z]{1,3}[- ])?\d{4,5} ?"
    r"[A-ZÀ-ÝŒ][^\W\d_]{2,}[^\W\d_ .'’/()-]{0,40}"  # DE 80333 München
)
_TOWN_STATE = re.compile(rf"[^\W\d_][^\d,/-]{{2,40}}? ?[-/,] ?(?:{US_STATES}|{BRAZILIAN_STATES})")
_PHONE_OR_NET = re.compile(rf"@|www\.|https?:|\b{any_of('addresses.no_address')}\b", re.IGNORECASE)
_HAS_NUMBER = re.compile(r"(?<!\d)\d{1,5}(?!\d)")
_STREET_ENDING = re.compile(rf"{any_of('addresses.street_endings')}\b")
_STREET_WORD = re.compile(rf"\b{any_of('addresses.street_words', 'addresses.numbered_streets')}\b")
# "1180 Wheatfield Road": the number before a street, not the postcode before a town
_NUMBERED_STREET = re.compile(
    rf"\W{{0,3}}\d{{4,5}} (?:[^\W\d_.'-]{{2,20}} ){{1,3}}{any_of('addresses.numbered_streets')}\b"
)
_POST_BOX = re.compile(rf"\b{any_of('addresses.post_box')} \d", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """Lines of one column that stand close together, top to bottom."""

    page: Page
    lines: tuple[Line, ...]

    @property
    def box(self) -> Box:
        return Box.around([line.box for line in self.lines])

    @property
    def quote(self) -> str:
        return " ".join(line.text for line in self.lines)


def is_place(text: str) -> bool:
    """Whether a line holds a postcode with its town, as in "DE 80333 München" or "Larch, TX 98342"."""
    if len(text) > 70 or _PHONE_OR_NET.search(text):
        return False
    return any(not _NUMBERED_STREET.match(fold(text[match.start() :])) for match in PLACE.finditer(text))


def is_town_with_state(text: str) -> bool:
    """Whether a line is a town and its state: "Springfield, IL", "São Paulo - SP"."""
    return len(text) <= 50 and bool(_TOWN_STATE.fullmatch(text.strip()))


def has_street_word(text: str) -> bool:
    """Whether ``text`` ends as streets, squares and buildings do: "One Harbour Plaza"."""
    last = fold(text).split()[-1:]
    return bool(last and (_STREET_WORD.fullmatch(last[0]) or _STREET_ENDING.search(last[0])))


def is_street(text: str) -> bool:
    """Whether a line is a street with a number, or a post box."""
    if len(text) > 70 or _PHONE_OR_NET.search(text):
        return False
    if _POST_BOX.search(text):
        return True
    folded = fold(text)
    return bool(_HAS_NUMBER.search(text)) and bool(
        _STREET_WORD.search(folded) or _STREET_ENDING.search(folded)
    )


def address_blocks(page: Page) -> list[Block]:
    """Name, street and place one above the other, in reading order; each ends with its place."""
    found = []
    for at, line in enumerate(page.lines[:250]):
        if not is_place(line.text) or len(line.words) > 9:
            continue
        above = _lines_above(page, at)
        if above:
            found.append(Block(page, (*reversed(above), line)))
    return found


def _lines_above(page: Page, at: int) -> list[Line]:
    """Lines stacked on line ``at`` at the same left edge or the same middle, nearest first."""
    found: list[Line] = []
    below = page.lines[at]
    for line in reversed(page.lines[max(0, at - 40) : at]):
        if len(found) >= _MOST_LINES - 1:
            break
        gap = below.box.y0 - line.box.y1
        if gap > (_NEXT_LINE if found else _LAST_LINE) * max(below.box.height, line.box.height):
            break
        if line.box.y1 > below.box.y0 + 0.5 * below.box.height or not _stacked(line.box, below.box):
            continue
        if is_place(line.text):
            break
        found.append(line)
        below = line
    return found


def _stacked(upper: Box, lower: Box) -> bool:
    tolerance = _ASIDE * max(upper.height, lower.height)
    left = abs(upper.x0 - lower.x0) <= tolerance
    middle = abs((upper.x0 + upper.x1) - (lower.x0 + lower.x1)) <= 2 * tolerance
    right = abs(upper.x1 - lower.x1) <= 0.5 * tolerance
    return left or middle or right
