"""What a limit left out of a document, told with numbers: nothing is cut without a word.

As a check it reads ``pages_not_read:1500/2000``: the code, how many were left out, and of how many where
that is known. The code alone stands among what waits for review.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.codes import Code

_BY_HAND = "Look at them in the PDF."

UNREAD_PAGES = frozenset(
    {
        Code.PAGES_NOT_READ,
        Code.OCR_UNAVAILABLE,
        Code.PAGES_FAILED,
        Code.PAGES_CUT,
        Code.PAGES_TEXT_ONLY,
        Code.PAGES_COARSE,
    }
)
"""Codes of what may be on a page and nobody has looked for."""

NEXT_STEPS: dict[Code, str] = {
    Code.PAGES_NOT_READ: "Raise PAPER_AUTOPILOT_MAX_PAGES for documents to come.",
    Code.OCR_UNAVAILABLE: "Install or switch on an OCR engine.",
    Code.PAGES_FAILED: _BY_HAND,
    Code.PAGES_CUT: _BY_HAND,
    Code.PAGES_TEXT_ONLY: _BY_HAND,
    Code.PAGES_COARSE: _BY_HAND,
    Code.FORM_FIELDS_LEFT_OUT: _BY_HAND,
    Code.ATTACHMENTS_NOT_READ: _BY_HAND,
    Code.DOCUMENTS_INSIDE: "Save them from a PDF viewer and drop them into the inbox.",
    Code.FORM_NOT_READ: "Open it there, print it to PDF and drop that into the inbox.",
    Code.EMBEDDED_NOT_READ: _BY_HAND,
    Code.SENT_PAGES_CUT: _BY_HAND,
    Code.VALUES_CUT: "`autod show` has them whole.",
    Code.SEARCH_WORDS_LEFT_OUT: _BY_HAND,
    Code.LINE_ITEMS_LEFT_OUT: _BY_HAND,
    Code.METER_READINGS_LEFT_OUT: _BY_HAND,
    Code.ADDRESSES_LEFT_OUT: _BY_HAND,
    # Archives hold it, though no reader is asked for the list any more.
    Code.ACTION_ITEMS_LEFT_OUT: _BY_HAND,
}
"""What to do, by the code of what was left out."""

_CHECK = re.compile(r"([a-z_]{1,64})(?::(\d{1,12})(?:/(\d{1,12}))?)?")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """``count`` things were left out, of ``whole`` where that is known."""

    code: Code
    count: int
    whole: int | None = None

    @property
    def check(self) -> str:
        """As it stands among a document's checks."""
        return f"{self.code}:{self.count}" + (f"/{self.whole}" if self.whole is not None else "")

    def sentence(self) -> str:
        """For a person: what, and what to do."""
        of = f" of {self.whole:,}" if self.whole is not None else ""
        return f"{self.count:,}{of} {self.code.sentence}. {NEXT_STEPS[self.code]}"

    @staticmethod
    def of_field(field: str, count: int, kept: int) -> LeftOut:
        """Entries of a list among the fields of ``Metadata``, ``kept`` of which were taken over."""
        return LeftOut(Code[f"{field}_left_out".upper()], count, kept + count)


def left_out_of(check: str) -> LeftOut | None:
    """What a document's check says was left out; None for checks of another kind."""
    found = _CHECK.fullmatch(check)
    if found is None or found[1] not in NEXT_STEPS or found[2] is None:
        return None
    return LeftOut(Code[found[1].upper()], int(found[2]), int(found[3]) if found[3] else None)
