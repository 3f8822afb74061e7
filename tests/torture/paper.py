"""Tiny documents made in memory: good ones with a word of their own, and poison."""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass

from tests.paper import encrypted_pdf
from tests.torture.auditor import Drop
from tests.torture.crashing import CRASH_MARK

LETTERS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file before it is dropped; ``word`` is empty when nothing can be read in it."""

    content: bytes
    word: str

    def named(self, name: str) -> Drop:
        return Drop(name, hashlib.sha256(self.content).hexdigest(), self.word)


def good(number: int) -> Sheet:
    """A born-digital invoice of one page; another ``number`` makes other bytes."""
    word = word_of(number)
    lines = (
        "Northfield Supplies Ltd",
        "INVOICE",
        f"Invoice number: NF-2026-{number:06d}",
        f"Invoice date: {number % 28 + 1} March 2026",
        f"Our reference is {word} for this delivery of copper pipe",
        f"Total GBP {100 + number % 50}.00",
    )
    return Sheet(_pdf(lines), word)


def word_of(number: int) -> str:
    """A word that no other number has and no language knows."""
    letters = ""
    for _ in range(5):
        number, digit = divmod(number, len(LETTERS))
        letters += LETTERS[digit]
    return f"zq{letters}"


def poison(number: int) -> Sheet:
    """By turns damaged, empty of sense, encrypted, and one that ends the reading process."""
    tail = f"\n% {number}\n".encode()
    kinds = (
        lambda: _pdf(("cut short",))[:-120] + tail,
        lambda: b"<html>not paper</html>" + tail,
        lambda: _encrypted() + tail,
        lambda: _pdf((f"harmless to look at {number}",)).replace(b"%PDF-1.4\n", b"%PDF-1.4\n" + CRASH_MARK),
    )
    return Sheet(kinds[number % len(kinds)](), "")


@functools.cache
def _encrypted() -> bytes:
    return encrypted_pdf()


def _pdf(lines: tuple[str, ...]) -> bytes:
    """One page in Helvetica; a hundred times faster than a library, and byte for byte repeatable."""
    text = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 12 Tf 20 TL 72 760 Td {text} ET".encode("ascii")
    bodies = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    )
    pdf, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        pdf
        + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (
            table,
            len(pdf),
        )
    )
