"""Text that a mark in the page gives in place of what is drawn ("ActualText").

It is meant for hyphens and ornaments, and can say anything. What is drawn counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pypdfium2.raw as pdfium

from autod.read.text_layer import RawWord

_KEY = b"ActualText"


def drop_actual_text(texts: Iterable[pdfium.FPDF_PAGEOBJECT]) -> None:
    """Have text pages that are loaded from now on tell what ``texts`` draw."""
    for text in texts:
        for index in reversed(range(pdfium.FPDFPageObj_CountMarks(text))):
            mark = pdfium.FPDFPageObj_GetMark(text, index)
            if _replaces_text(mark):
                pdfium.FPDFPageObj_RemoveMark(text, mark)


def with_actual_text(texts: Iterable[pdfium.FPDF_PAGEOBJECT]) -> list[pdfium.FPDF_PAGEOBJECT]:
    """Those of ``texts`` for which a mark gives another text."""
    return [
        text
        for text in texts
        if any(
            _replaces_text(pdfium.FPDFPageObj_GetMark(text, index))
            for index in range(pdfium.FPDFPageObj_CountMarks(text))
        )
    ]


def said_only(said: Sequence[RawWord], shown: Sequence[RawWord]) -> list[RawWord]:
    """Those of the words that marks gave whose digits no word shows."""
    drawn = {_digits(word.text) for word in shown}
    return [word for word in said if (digits := _digits(word.text)) and digits not in drawn]


def _replaces_text(mark: pdfium.FPDF_PAGEOBJECTMARK) -> bool:
    return bool(pdfium.FPDFPageObjMark_GetParamValueType(mark, _KEY) != pdfium.FPDF_OBJECT_UNKNOWN)


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
