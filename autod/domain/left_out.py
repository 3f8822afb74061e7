"""What a limit left out of a document, told with numbers: nothing is cut without a word.

As a check it reads ``pages_not_read:1500/2000``: the code, how many were left out, and of how many where
that is known. The code alone stands among what waits for review.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from autod.domain.field_columns import Asked
from autod.domain.fields import FIELDS

_FORMERLY_ASKED = frozenset({"action_items"})
"""Lists that archives hold such codes of, though no reader is asked for them any more."""

_BY_HAND = "Look at them in the PDF."
_MORE_OCR = "Raise PAPER_AUTOPILOT_MAX_PAGES for documents to come."

PAGES_NOT_READ = "pages_not_read"
OCR_UNAVAILABLE = "ocr_unavailable"
PAGES_FAILED = "pages_failed"
PAGES_CUT = "pages_cut"
PAGES_TEXT_ONLY = "pages_text_only"
PAGES_COARSE = "pages_coarse"
FORM_FIELDS_LEFT_OUT = "form_fields_left_out"
ATTACHMENTS_NOT_READ = "attachments_not_read"
DOCUMENTS_INSIDE = "documents_inside"
FORM_NOT_READ = "form_not_read"
EMBEDDED_NOT_READ = "embedded_not_read"
SENT_PAGES_CUT = "sent_pages_cut"
VALUES_CUT = "values_cut"
SEARCH_WORDS_LEFT_OUT = "search_words_left_out"

UNREAD_PAGES = frozenset(
    {PAGES_NOT_READ, OCR_UNAVAILABLE, PAGES_FAILED, PAGES_CUT, PAGES_TEXT_ONLY, PAGES_COARSE}
)
"""Codes of what may be on a page and nobody has looked for."""

MEANINGS = {
    PAGES_NOT_READ: ("pages were not read: they are beyond the limit for OCR", _MORE_OCR),
    OCR_UNAVAILABLE: ("pages need OCR, and none is in use", "Install or switch on an OCR engine."),
    PAGES_FAILED: ("pages could not be opened", _BY_HAND),
    PAGES_CUT: ("pages hold more text than is read of one page", _BY_HAND),
    PAGES_TEXT_ONLY: ("pages are found by search, but no values were looked for on them", _BY_HAND),
    PAGES_COARSE: ("pages are so large that OCR saw them coarsely", _BY_HAND),
    FORM_FIELDS_LEFT_OUT: ("form fields, or ends of their values, were not read", _BY_HAND),
    ATTACHMENTS_NOT_READ: ("attached files that may be an e-invoice were too many or too large", _BY_HAND),
    DOCUMENTS_INSIDE: (
        "documents lie inside this PDF and were not read",
        "Save them from a PDF viewer and drop them into the inbox.",
    ),
    FORM_NOT_READ: (
        "form is of the kind that only Adobe's programs show (XFA), and was not read",
        "Open it there, print it to PDF and drop that into the inbox.",
    ),
    EMBEDDED_NOT_READ: ("form or set of attached files is damaged and was not read", _BY_HAND),
    SENT_PAGES_CUT: ("pages were sent to the model without their ends", _BY_HAND),
    VALUES_CUT: ("values are longer than is kept for lists and search", "`autod show` has them whole."),
    SEARCH_WORDS_LEFT_OUT: ("words are too many for the search index", _BY_HAND),
    **{
        f"{name}_left_out": (f"{field.about.heading.lower()} were not taken over", _BY_HAND)
        for name, field in FIELDS.items()
        if field.is_list and (field.about.asked is not Asked.NOT or name in _FORMERLY_ASKED)
    },
}
"""By code: what was left out, and what to do."""

_CHECK = re.compile(r"([a-z_]{1,64})(?::(\d{1,12})(?:/(\d{1,12}))?)?")


@dataclass(frozen=True, slots=True)
class LeftOut:
    """``count`` things were left out, of ``whole`` where that is known."""

    code: str
    count: int
    whole: int | None = None

    @property
    def check(self) -> str:
        """As it stands among a document's checks."""
        return f"{self.code}:{self.count}" + (f"/{self.whole}" if self.whole is not None else "")

    def sentence(self) -> str:
        """For a person: what, and what to do."""
        what, step = MEANINGS[self.code]
        of = f" of {self.whole:,}" if self.whole is not None else ""
        return f"{self.count:,}{of} {what}. {step}"

    @staticmethod
    def of_field(field: str, count: int, kept: int) -> LeftOut:
        """Entries of a list among the fields of ``Metadata``, ``kept`` of which were taken over."""
        return LeftOut(f"{field}_left_out", count, kept + count)


def left_out_of(check: str) -> LeftOut | None:
    """What a document's check says was left out; None for checks of another kind."""
    found = _CHECK.fullmatch(check)
    if found is None or found[1] not in MEANINGS or found[2] is None:
        return None
    return LeftOut(found[1], int(found[2]), int(found[3]) if found[3] else None)
