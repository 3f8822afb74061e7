"""How much a line that names a kind of document looks like the heading of one."""

from __future__ import annotations

import re

from autod.domain.reading import Line, Page
from autod.extract.local.kind.kind_words import is_numbered
from autod.extract.local.kind.signs import RUNNING_ON, THIS
from autod.extract.local.kind.titles import starts_as_subject
from autod.extract.local.kind.weights import KindWeights
from autod.extract.local.page.layout import LabelHit, fold, layout_of

PROSE_WORDS = 9  # as many in a line make it running text
_LARGER, _LARGE, _VERY_LARGE = 1.12, 1.35, 1.8  # times the height of most lines
_TOP, _UPPER_PART = 0.4, 0.65  # of the page's height
_MOST_OF_LINE = 0.6  # of its characters
_HEADING_CELLS = 4
_COMPOUND = re.compile(r"-[^\W\d_]")  # "Auftrag-Datum" names no order


def heading_strength(hit: LabelHit, body: float) -> float:
    """0 to about 1.6: how much the line of ``hit`` looks like the heading of the document."""
    line, page = hit.line, hit.page
    words = [word for word in line.text.split() if len(word) > 1]
    ratio = line.box.height / body
    if is_numbered(hit.phrase) and ratio < _LARGER:
        leads = hit.starts_line and line.box.y0 < _TOP * page.height
        numbered = any(character.isdigit() for character in line.text[hit.end :])
        return KindWeights.numbered if leads and (numbered or _has_value_beside(page, line)) else 0.0
    if len(words) > PROSE_WORDS + 2 or (len(words) > 5 and line.text.rstrip().endswith((".", ",", ";"))):
        return _names_itself(hit)
    strength = _coverage(hit)
    if _heads_column(hit) or starts_as_subject(line):
        strength *= KindWeights.in_passing
    if ratio >= _LARGER:
        larger = KindWeights.large if ratio >= _LARGE else KindWeights.larger
        strength *= KindWeights.very_large if ratio >= _VERY_LARGE else larger
    if line.text.isupper() and strength > KindWeights.gains_by_capitals:
        strength *= KindWeights.capitals
    height = line.box.y0 / max(page.height, 1.0)
    if height >= _TOP:
        strength *= KindWeights.further_down if height < _UPPER_PART else KindWeights.far_down
    if ratio < _LARGER:
        if ":" in line.text[hit.end :]:
            strength *= KindWeights.before_colon
        elif _has_value_beside(page, line):
            strength *= KindWeights.beside_value
    return strength


def _heads_column(hit: LabelHit) -> bool:
    """Whether the hit is one of several cells that head a table, such as "Artikel"."""
    return layout_of(hit.page).cells_beside(hit.line) >= _HEADING_CELLS


def _coverage(hit: LabelHit) -> float:
    before = hit.line.text[: hit.start]
    after = hit.line.text[hit.end :]
    outside = re.findall(r"[^\W\d_]{2,}", before + " " + after)
    telling = [word for word in outside if fold(word) not in RUNNING_ON]
    if _COMPOUND.match(after):
        return KindWeights.compound
    if not telling:
        return KindWeights.before_sign if re.search(r"[#/]", after) else 1.0
    several = " " in hit.phrase
    if hit.end - hit.start > _MOST_OF_LINE * len(hit.line.text):
        return KindWeights.most_of_line
    if len(telling) <= 5 and (hit.starts_line or not after.strip(" .:")):
        return KindWeights.phrase_leads if several else KindWeights.word_leads
    return KindWeights.phrase_in_line if several else KindWeights.word_in_line


def _names_itself(hit: LabelHit) -> float:
    """Running text that calls the document by its name: "This Non-Disclosure Agreement is made ..."."""
    before = hit.line.text[: hit.start].split()
    if before and " " in hit.phrase and fold(before[-1].strip('(“"')) in THIS:
        return KindWeights.names_itself
    return 0.0


def _has_value_beside(page: Page, line: Line) -> bool:
    beside = layout_of(page).right_of(line.box, but=line)
    if not beside:
        return False
    gap, text = beside[0].box.x0 - line.box.x1, beside[0].text
    return gap < 200 and (text.startswith(":") or any(character.isdigit() for character in text))
