"""A name where it stands on a page, exactly as printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.reading import Box, Page
from autod.extract.local.page.layout import Span
from autod.extract.local.page.postal import is_place, is_street, is_town_with_state
from autod.extract.local.parties.names import can_be_name, drop_salutation, ends_abbreviated, tidy_name
from autod.words import any_of

_ENDS_NAME = re.compile(
    rf"\s+[-–—]{{1,2}}\s+|\s*[|·•●;∙]|,\s+(?=\d)|\s{{3,}}|,\s+(?={any_of('parties.after_name')}(?!\w))",
    re.IGNORECASE,
)

_OF_THE_ISSUER = frozenset({"letterhead", "sender line", "footer", "head"})


@dataclass(frozen=True, slots=True)
class NameSeen:
    """A possible name, exactly as printed, and how much this place is worth (0..1)."""

    name: str
    weight: float
    page: Page
    quote: str
    box: Box
    place: str

    def worth(self, weight: float) -> NameSeen:
        """The same name, counted for more or less."""
        return NameSeen(self.name, weight, self.page, self.quote, self.box, self.place)


def name_seen(span: Span, start: int, weight: float, place: str, *, whole: bool = False) -> NameSeen | None:
    """The name that ``span.text`` holds from ``start`` on, if what stands there can be one.

    ``whole`` says that nothing but the name stands there, so that a dash belongs to it.
    """
    text = span.text[start:]
    lead = len(text) - len(text.lstrip(" :.-*#()/"))
    if text.rstrip().endswith(":") or is_town_with_state(text) or _is_sentence(text):
        return None
    piece = text[lead : lead + 300] if whole else _ENDS_NAME.split(text[lead : lead + 300], maxsplit=1)[0]
    if place not in _OF_THE_ISSUER:
        piece = drop_salutation(piece)  # a doctor's own letterhead keeps "Dr. med."
    name = tidy_name(_before_address(piece))
    if not name or not can_be_name(name):
        return None
    at = text.find(name)
    if at < 0:
        return None
    first, last = start + at, start + at + len(name)
    return NameSeen(name, weight, span.page, span.quote(first, last), span.box(first, last), place)


def _before_address(text: str) -> str:
    """ "Ingrid Vollmer, Kastanienallee 5, 04105 Leipzig": what stands before street or town."""
    parts = text.split(", ")
    at = next((at for at, part in enumerate(parts) if at and (is_street(part) or is_place(part))), len(parts))
    return ", ".join(parts[:at])


def _is_sentence(text: str) -> bool:
    return text.rstrip().endswith(".") and len(text.split()) >= 4 and not ends_abbreviated(text.rstrip())
