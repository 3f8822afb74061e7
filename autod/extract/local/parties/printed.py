"""A name where it stands on a page, exactly as printed."""

from __future__ import annotations

import re

from autod.domain.reading import Line, Page
from autod.extract.local.page.candidates import Candidate, Place, TextMatch
from autod.extract.local.page.layout import layout_of
from autod.extract.local.page.postal import is_place, is_street, is_town_with_state
from autod.extract.local.parties.names import can_be_name, drop_salutation, ends_abbreviated, tidy_name
from autod.extract.local.weights import Weight
from autod.words import any_of

_ENDS_NAME = re.compile(
    rf"\s+[-–—]{{1,2}}\s+|\s*[|·•●;∙]|,\s+(?=\d)|\s{{3,}}|,\s+(?={any_of('parties.after_name')}(?!\w))",
    re.IGNORECASE,
)

_LONGEST = 300
_OF_THE_ISSUER = frozenset({"letterhead", "sender line", "footer", "head"})


NameCandidate = Candidate[TextMatch]
"""A possible name; ``key`` is the kind of place it stands in, such as "letterhead"."""


def name_at(place: Place, key: str, *reasons: Weight, whole: bool = False) -> NameCandidate | None:
    """The name with which the text of ``place`` begins, if what stands there can be one.

    ``whole`` says that nothing but the name stands there, so that a dash belongs to it.
    """
    name = _read_name(place.text, of_issuer=key in _OF_THE_ISSUER, whole=whole)
    return Candidate(name, place, key=key, reasons=reasons) if name else None


def name_in_line(page: Page, line: Line, key: str, *reasons: Weight) -> NameCandidate | None:
    """The name with which a line begins."""
    return name_at(Place(layout_of(page).span(line)), key, *reasons)


def _read_name(text: str, *, of_issuer: bool, whole: bool) -> TextMatch | None:
    lead = len(text) - len(text.lstrip(" :.-*#()/"))
    if text.rstrip().endswith(":") or is_town_with_state(text) or _is_sentence(text):
        return None
    piece = text[lead : lead + _LONGEST]
    if not whole:
        piece = _ENDS_NAME.split(piece, maxsplit=1)[0]
    if not of_issuer:
        piece = drop_salutation(piece)  # a doctor's own letterhead keeps "Dr. med."
    name = tidy_name(_before_address(piece))
    if not name or not can_be_name(name):
        return None
    at = text.find(name)
    return TextMatch(name, at, at + len(name)) if at >= 0 else None


def _before_address(text: str) -> str:
    """ "Ingrid Vollmer, Kastanienallee 5, 04105 Leipzig": what stands before street or town."""
    parts = text.split(", ")
    at = next((at for at, part in enumerate(parts) if at and (is_street(part) or is_place(part))), len(parts))
    return ", ".join(parts[:at])


def _is_sentence(text: str) -> bool:
    return text.rstrip().endswith(".") and len(text.split()) >= 4 and not ends_abbreviated(text.rstrip())
