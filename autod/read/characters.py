"""What a PDF's character codes become before anyone compares them: one spelling for each sign.

Unicode's own compatibility folding (NFKC) goes too far for documents: it turns ``½`` into ``1⁄2``, ``²``
into ``2`` and ``™`` into ``TM``. So only the signs listed here are replaced.
"""

from __future__ import annotations

import re
import unicodedata

_FOLDED_RANGES = (
    (0xFB00, 0xFB06),  # Latin ligatures
    (0xFF01, 0xFF5E),  # full-width forms
    (0x1D400, 0x1D7FF),  # mathematical letters and digits, used as bold and italic
)
_HYPHENS = "\u00ad\u2010\u2011\x02\ufffe"  # the last two are pdfium's own marks for a hyphen at a line's end
_INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_REPLACED: dict[int, str | None] = {
    **{ord(sign): "-" for sign in _HYPHENS},
    **dict.fromkeys(map(ord, _INVISIBLE)),
    **dict.fromkeys(code for code in range(0x20) if code != 0x02),
    **dict.fromkeys(range(0x7F, 0xA0)),
    **{
        code: unicodedata.normalize("NFKC", chr(code))
        for first, last in _FOLDED_RANGES
        for code in range(first, last + 1)
    },
}
_PLAIN = re.compile(r"[\x20-\x7e]*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def clean(text: str) -> str:
    """``text`` of one word: ligatures opened, one hyphen, no control or invisible characters, NFC."""
    if _PLAIN.fullmatch(text):
        return text
    if _SURROGATE.search(text):  # pdfium gives signs beyond 16 bits in halves
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFC", text.translate(_REPLACED))


def is_unreadable(character: str) -> bool:
    """Whether ``character`` says nothing: a replacement, private use or unassigned code."""
    return character > "\u007e" and (
        character == "\ufffd" or unicodedata.category(character) in ("Co", "Cn", "Cs")
    )
