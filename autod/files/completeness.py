"""Is a PDF complete?

It is when its header, its last ``%%EOF`` and the cross-reference it points to are there, and a linearized one
has its stated length.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import BinaryIO

from autod.files.custody import open_plain

HEAD = TAIL = 2048
HEADER = b"%PDF-"
HEADER_WITHIN = 1024
_START = re.compile(rb"startxref\s{1,20}(\d{1,15})\s{1,20}%%EOF\s{0,1024}\x00{0,1024}\s*$")
_LENGTH = re.compile(rb"/Linearized\b[^>]{0,400}?/L\s{1,5}(\d{1,15})")


def has_header(path: Path) -> bool:
    """Whether the file begins as a PDF does.

    Raises:
        OSError: the file cannot be read.
    """
    with open_plain(path) as stream:
        return HEADER in stream.read(HEADER_WITHIN)


def looks_complete(path: Path) -> bool:
    """Header, ``%%EOF``, a cross-reference where ``startxref`` says, and a linearized file's own length.

    Raises:
        OSError: the file cannot be read.
    """
    with open_plain(path) as stream:
        head = stream.read(HEAD)
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - TAIL))
        tail = stream.read(TAIL)
        if HEADER not in head[:HEADER_WITHIN]:
            return False
        linearized = _LENGTH.search(head)
        if linearized and int(linearized.group(1)) > size:
            return False
        start = _START.search(tail)
        if not start:
            return False
        position = head.find(HEADER) + int(start.group(1))
        return any(_is_cross_reference(stream, place) for place in {position, int(start.group(1))})


def _is_cross_reference(stream: BinaryIO, position: int) -> bool:
    stream.seek(position)
    head = stream.read(64).lstrip()
    return head.startswith(b"xref") or re.match(rb"\d{1,10}\s{1,5}\d{1,5}\s{1,5}obj", head) is not None
