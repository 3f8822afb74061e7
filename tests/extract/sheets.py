"""Pages typed as text: where a character stands in the text is where it stands on the page.

Two blanks or more part a row into lines of their own, ``# `` in front makes a large heading.
"""

from __future__ import annotations

import re
import textwrap

from autod.domain.reading import Box, Line, Page, Reading, TextSource, Word

CHARACTER, ROW, BODY, HEADING = 5.5, 13.0, 10.0, 20.0


def sheet(text: str, *, width: float = 595.0, height: float = 842.0, top: float = 40.0) -> Page:
    lines: list[Line] = []
    y = top
    for row in textwrap.dedent(text).strip("\n").split("\n"):
        size, row = (HEADING, row.replace("# ", "", 1)) if row.lstrip().startswith("# ") else (BODY, row)
        for piece in re.finditer(r"\S+(?: \S+)*", row):
            words, x = [], 40 + piece.start() * CHARACTER
            for word in piece.group().split(" "):
                words.append(Word(word, Box(x, y, x + len(word) * CHARACTER, y + size)))
                x += (len(word) + 1) * CHARACTER
            lines.append(Line(tuple(words)))
        y += ROW + size - BODY
    return Page(1, width, height, tuple(lines), TextSource.TEXT_LAYER)


def reading_of(text: str, **size: float) -> Reading:
    return Reading((sheet(text, **size),))
