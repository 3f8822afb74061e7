"""Where a processed document goes and what it is called there.

Nothing a document says can lead out of the folder or trouble a file system: names are one path component
without separators, control or direction characters, reserved names or trailing dots, in Unicode form NFC.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from pathlib import PurePosixPath

from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata

MAX_NAME_BYTES = 120  # UTF-8, without the suffix
SUFFIX = ".pdf"
REASON = ".reason.json"
"""Ends the name of the note beside a failed file; no file of a person's is stored under such a name."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*]')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|clock\$|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=\.|$|\s)", re.IGNORECASE
)
_KIND = re.compile(r"\.[a-z][a-z0-9]{0,7}\Z", re.IGNORECASE | re.ASCII)
_LONGEST_PARTY_BYTES = 60
_MOST_DIGITS = 15


def file_name(metadata: Metadata, original: str) -> str:
    """A name from what is believed, such as ``2026-03-04 Stadtwerke Beispiel utility_bill 123.45 EUR.pdf``.

    ``original`` is the file's own name; it serves where the document says neither who nor when nor what.
    """
    parts = [
        metadata.primary_date.isoformat() if metadata.primary_date else "",
        _shortened(safe_component(metadata.issuer or ""), _LONGEST_PARTY_BYTES),
        metadata.doc_type.value if metadata.doc_type is not DocType.OTHER else "",
        _amount(metadata),
    ]
    if not (parts[0] or parts[1]) or not (parts[1] or parts[2]):
        stem = safe_component(original[: len(original) - len(suffix_of(original))])
        kept = _shortened(stem, MAX_NAME_BYTES - len(parts[0]) - 1)
        parts = [parts[0], kept if not kept.startswith(parts[0] or "\0") else kept[len(parts[0]) :].strip()]
    name = _shortened(" ".join(part for part in parts if part), MAX_NAME_BYTES)
    return (_not_reserved(name) or "document") + SUFFIX


def safe_name(original: str) -> str:
    """The name a PDF came by, made fit for every file system; ends in ``.pdf``."""
    return _safe_stem(original) + SUFFIX


def name_as_it_came(original: str) -> str:
    """As ``safe_name``, with the suffix that the file came with, or none: people know its kind by that."""
    name = _safe_stem(original) + suffix_of(original).lower()
    is_no_reason = not name.lower().endswith(REASON)
    return name if is_no_reason else f"{name[: -len(REASON)]} {REASON.lstrip('.')}"


def suffix_of(name: str) -> str:
    """The suffix that says what kind of file it is, such as ``.docx``; empty when there is none."""
    found = _KIND.search(name)
    return found.group() if found else ""


def _safe_stem(original: str) -> str:
    name = original.replace("/", " ")
    stem = _shortened(safe_component(name[: len(name) - len(suffix_of(name))]), MAX_NAME_BYTES)
    return _not_reserved(stem) or "document"


def folder_for(metadata: Metadata) -> PurePosixPath:
    """The relative folder by year and kind, such as ``2026/invoice``; ``undated`` without a date."""
    year = f"{metadata.primary_date.year:04d}" if metadata.primary_date else "undated"
    return PurePosixPath(year, metadata.doc_type.value)


def safe_component(text: str) -> str:
    """``text`` as one path component that every file system takes; may be empty."""
    text = unicodedata.normalize("NFC", text[:1000])
    visible = "".join(" " if character.isspace() else character for character in text if _is_plain(character))
    cleaned = re.sub(r"\s+", " ", _FORBIDDEN.sub(" ", visible)).strip()
    return _not_reserved(cleaned.strip(" .-~"))


def _is_plain(character: str) -> bool:
    """No control, format (direction mark), surrogate, private or unassigned character; blanks stay."""
    return character.isspace() or unicodedata.category(character)[0] != "C"


def _not_reserved(name: str) -> str:
    return f"_{name}" if _RESERVED.match(name) else name


def _amount(metadata: Metadata) -> str:
    amount = metadata.total_amount
    if amount is None or not amount.is_finite() or amount.adjusted() > _MOST_DIGITS:
        return ""
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and not -4 <= exponent <= 0:
        amount = amount.quantize(Decimal("0.01"))
    return f"{amount:f} {safe_component(metadata.currency or '')[:3]}".strip()


def _shortened(name: str, most_bytes: int) -> str:
    """``name`` cut between characters to ``most_bytes`` of UTF-8 at most, no dots or blanks at its end."""
    return name.encode("utf-8")[: max(most_bytes, 0)].decode("utf-8", errors="ignore").rstrip(" .-")
