"""The sentence that a phrase stands in, over the lines of its paragraph."""

from __future__ import annotations

import re

from autod.domain.extraction import Found
from autod.domain.reading import Box, Line
from autod.extract.local.page.layout import LabelHit, page_source
from autod.words import any_of

_LINES_AROUND = 3
_LONGEST = 300
_SCORE = 0.75
_END = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÝŒ¿¡0-9])")
_ABBREVIATION = re.compile(rf"\b{any_of('phrases.abbreviations')}\.$", re.IGNORECASE)


def sentence_around(hit: LabelHit) -> Found:
    """The whole sentence around ``hit``, up to 300 characters; its box is that of the hit's line."""
    lines = _paragraph(hit)
    at = lines.index(hit.line)
    text = " ".join(line.text for line in lines)
    start = sum(len(line.text) + 1 for line in lines[:at]) + hit.start
    begin, end = 0, len(text)
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[: match.start()]):
            continue
        if match.end() <= start:
            begin = match.end()
        elif match.start() > start:
            end = match.start()
            break
    sentence = text[begin:end][:_LONGEST].strip()
    quoted = hit.line
    return Found(
        sentence, _SCORE, page_source(hit.page), hit.page.number, quoted.text, Box.around([quoted.box])
    )


def _paragraph(hit: LabelHit) -> list[Line]:
    """The lines above and below that go on with the text of the hit's line."""
    lines = hit.page.lines
    at = next(index for index, line in enumerate(lines) if line is hit.line)
    first = last = at
    while first > 0 and at - first < _LINES_AROUND and _goes_on(lines[first - 1], lines[first]):
        first -= 1
    while last + 1 < len(lines) and last - at < _LINES_AROUND and _goes_on(lines[last], lines[last + 1]):
        last += 1
    return list(lines[first : last + 1])


def _goes_on(upper: Line, lower: Line) -> bool:
    height = max(upper.box.height, lower.box.height)
    return (
        -0.3 * height < lower.box.y0 - upper.box.y1 < 0.8 * height
        and abs(lower.box.x0 - upper.box.x0) < 2 * height
        and len(upper.words) >= 4
    )
