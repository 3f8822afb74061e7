"""Amounts on a page tied to the labels beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.reading import Box, Line, Page, Reading, TextSource
from autod.extract.local.page.layout import (
    Candidate,
    LabelHit,
    LabelsByLine,
    LabelTable,
    Relation,
    Span,
    find_labels,
    fold,
    labels_by_line,
    layout_of,
    page_source,
    under,
)
from autod.extract.local.page.once import once
from autod.grammar.amounts import AmountMatch, parse_amounts
from autod.words import any_of, table

# ``total`` names the whole with taxes; ``plain`` may name it; ``to_pay`` is what is asked for, mostly the
# total too; ``due`` is what remains; ``net``, ``tax``, ``cash``, ``change``, ``paid`` and ``rounding`` are
# parts to check it with; ``other`` is none of these; ``items`` heads columns of goods.
AMOUNT_LABELS = table("amounts.labels")
_MANY_PAGES = 25  # totals stand on the first or the last pages
_MANY_LABELS = 500  # on one page
_FAR = 300  # characters after a label in its line; a printed line has 200
_MANY_BESIDE = 80  # amounts beside one label, more than a sheet of paper has room for
_MANY_WORDS = 4  # more words than this between a label and an amount make it a sentence
_COLUMN = 30.0  # how many label heights down a column is followed to its total
_NEXT_ROW = 2.2  # how many label heights lie between rows that belong together
_WHOLE = frozenset({"plain", "total", "to_pay", "due"})
_WITH_TAX = re.compile(rf"^\W{{0,3}}{any_of('amounts.with_tax')}\b")
_WITHOUT_TAX = re.compile(rf"^\W{{0,3}}{any_of('amounts.without_tax')}\b")
_COUNTED = re.compile(rf"^\W{{0,3}}{any_of('amounts.counted')}\b")
_AT_A_RATE = re.compile(r"^\W{0,3}\w{0,2} ?%")
_PART_OF = re.compile(rf"\b{any_of('amounts.part_of')}\W{{0,2}}$")
_WORD = re.compile(r"[^\W\d_]{2,}")


class _Amounts:
    """The amounts in the lines of a page; each line is read once, however many labels look at it."""

    def __init__(self, page: Page, language: str | None) -> None:
        self._spaced = page.source is TextSource.OCR
        self._language = language
        self._of_line: dict[int, list[AmountMatch]] = {}

    def of(self, line: Line) -> list[AmountMatch]:
        """The amounts in a line of the page; nobody may change the list."""
        if id(line) not in self._of_line:
            self._of_line[id(line)] = self.within(line.text)
        return self._of_line[id(line)]

    def within(self, text: str) -> list[AmountMatch]:
        return parse_amounts(text, self._language, spaced=self._spaced)


@dataclass(frozen=True)
class Labelled:
    """An amount with the label that explains it. ``alone``: no other amount shares its row."""

    hit: LabelHit
    key: str
    match: AmountMatch
    candidate: Candidate
    relation: Relation
    alone: bool

    @property
    def value(self) -> Decimal:
        return self.match.value

    @property
    def page(self) -> Page:
        return self.candidate.span.page

    @property
    def quote(self) -> str:
        return self.candidate.quote(self.match.start, self.match.end)

    @property
    def box(self) -> Box:
        return self.candidate.box(self.match.start, self.match.end)

    def found(self, score: float, value: object = None, source: EvidenceSource | None = None) -> Found:
        """The amount as a proposal, or ``value`` resting on the same words."""
        return Found(
            self.value if value is None else value,
            round(max(0.05, min(score, 0.99)), 3),
            source or page_source(self.page),
            self.page.number,
            self.quote,
            self.box,
        )


def labelled_amounts(
    reading: Reading, language: str | None, table: LabelTable = AMOUNT_LABELS
) -> tuple[list[Labelled], list[LabelHit]]:
    """Every amount a label of ``table`` explains, in reading order, and the labels that stand alone."""
    return once(reading, ("amounts", language, id(table)), lambda: _labelled(reading, language, table))


def _labelled(
    reading: Reading, language: str | None, table: LabelTable
) -> tuple[list[Labelled], list[LabelHit]]:
    found: list[Labelled] = []
    bare: list[LabelHit] = []
    pages = reading.pages
    if len(pages) > _MANY_PAGES:
        pages = pages[:15] + pages[-10:]
    for page in pages:
        hits = find_labels(page, table)[:_MANY_LABELS]
        by_line = labels_by_line(hits)
        amounts = _Amounts(page, language)
        for hit in hits:
            if hit.key in {"other", "items"}:
                continue
            if hit.key == "settled":
                bare.append(hit)
                continue
            found += _read(hit, by_line, amounts)
    return found, bare


def _read(hit: LabelHit, by_line: LabelsByLine, amounts: _Amounts) -> Iterator[Labelled]:
    """The amounts of one label: those on its row, or else the one under it."""
    key, start = _qualified(hit)
    if key == "other":
        return
    places = list(islice(_on_row(hit, start, by_line, amounts), _MANY_BESIDE))
    row = [(candidate, match, len(places) == 1) for candidate, match in places]
    if row:
        for candidate, match, alone in row if key == "tax" else _whole_of(row):
            yield Labelled(hit, key, match, candidate, candidate.relation, alone)
        return
    if not _heads_items(hit, by_line):
        below = _below(hit, by_line, amounts)
        if below:
            yield Labelled(hit, key, below[1], below[0], Relation.BELOW, True)


def _whole_of(
    row: list[tuple[Candidate, AmountMatch, bool]],
) -> list[tuple[Candidate, AmountMatch, bool]]:
    """The amount that sums up a row: the one that is the sum of the others, or else the largest."""
    money = [entry for entry in row if entry[1].looks_like_money] or row
    last = money[-1]
    if len(money) > 1 and sum(match.value for _, match, _ in money[:-1]) == last[1].value:
        return [(last[0], last[1], True)]
    candidate, match, alone = max(money, key=lambda entry: entry[1].value)
    return [(candidate, match, alone or len(money) == 1)]


def _qualified(hit: LabelHit) -> tuple[str, int]:
    """The label's key once the words after it are heard ("Total excl. VAT"), and where they end."""
    rest = fold(hit.line.text[hit.end :])
    if (
        hit.key in _WHOLE
        and not hit.starts_line
        and (
            hit.phrase == "due"
            or "%" in hit.line.text[: hit.start]
            or _PART_OF.search(fold(hit.line.text[: hit.start]))
        )
    ):
        return "other", hit.end
    if hit.key in _WHOLE - {"due"}:
        if _COUNTED.match(rest) or (hit.key == "plain" and _AT_A_RATE.match(rest)):
            return "other", hit.end
        for pattern, key in ((_WITHOUT_TAX, "net"), (_WITH_TAX, "total")):
            qualifier = pattern.match(rest)
            if qualifier:
                return key, hit.end + qualifier.end()
    return hit.key, hit.end


def _on_row(
    hit: LabelHit, start: int, by_line: LabelsByLine, amounts: _Amounts
) -> Iterator[tuple[Candidate, AmountMatch]]:
    """Amounts after the label in its line and right of it, up to the next label that has its own."""
    line = hit.line
    stop = _next_label(hit, start, by_line)
    text = line.text[start : min(stop, start + _FAR)]
    matches = amounts.within(text)
    if matches:
        if len(_WORD.findall(text[: matches[0].start])) > _MANY_WORDS:
            return
        candidate = Candidate(hit.span, Relation.SAME_LINE, start)
        yield from ((candidate, match) for match in matches)
    if start + len(text) < len(line.text):
        return
    right_edge = line.box.x1
    for other in layout_of(hit.page).right_of(line.box, but=line):
        if by_line.get(other.words[0]) and _explains(by_line[other.words[0]], hit):
            return
        if matches and other.box.x0 - right_edge > 0.45 * hit.page.width:
            return
        found = amounts.of(other)
        if not found and _WORD.search(other.text) and len(other.text) > 12:
            return
        candidate = Candidate(Span(hit.page, other.words), Relation.RIGHT)
        yield from ((candidate, match) for match in found)


def _next_label(hit: LabelHit, start: int, by_line: LabelsByLine) -> int:
    """Where the next label begins that is not part of this one ("Total incl. VAT")."""
    for other in by_line[hit.line.words[0]]:
        qualifier = start > hit.end and other.key == "tax"
        if other.start >= start and other.key not in {"items", "plain"} and not qualifier:
            return other.start
    return len(hit.line.text)


def _explains(others: list[LabelHit], hit: LabelHit) -> bool:
    return any(other.key not in {"items"} and other.key != hit.key for other in others)


def _heads_items(hit: LabelHit, by_line: LabelsByLine) -> bool:
    """Whether the label stands in the heading of a table of goods."""
    row = [hit.line, *layout_of(hit.page).right_of(hit.line.box), *_left_of(hit)]
    heads = {other.phrase for line in row for other in by_line.get(line.words[0], []) if other.key == "items"}
    return len(heads) >= 2


def _left_of(hit: LabelHit) -> list[Line]:
    box = hit.line.box
    left = Box(0.0, box.y0, 0.0, box.y1)
    return [line for line in layout_of(hit.page).right_of(left) if line.box.x1 <= box.x0 + 1]


def _below(hit: LabelHit, by_line: LabelsByLine, amounts: _Amounts) -> tuple[Candidate, AmountMatch] | None:
    """The amount under the label; where it heads a column of several, the one in the row of totals."""
    first: tuple[Candidate, AmountMatch] | None = None
    reach = _COLUMN if hit.key in {"total", "net", "tax", "to_pay"} else 2.2
    bottom = hit.box.y1
    height = max(hit.box.height, 4.0)
    for line in layout_of(hit.page).below(hit.box, reach):
        if line is hit.line:
            continue
        place = _in_column(hit, line, amounts)
        if place is None:
            if first is None and _headed_again(hit, line, by_line):
                return None
            continue
        if _is_total_row(line, hit.page, by_line):
            return place
        if line.box.y0 - bottom > _NEXT_ROW * height:
            continue
        if first is not None and _row_labels(line, hit.page, by_line):
            return first
        if first is not None and first[1].value != place[1].value:
            return _total_row_below(hit, line, by_line, amounts)
        first, bottom = place, line.box.y1
    return first


def _total_row_below(
    hit: LabelHit, last: Line, by_line: LabelsByLine, amounts: _Amounts
) -> tuple[Candidate, AmountMatch] | None:
    for line in layout_of(hit.page).between(last.box.y1 - 1, hit.page.height):
        if _is_total_row(line, hit.page, by_line) and (place := _in_column(hit, line, amounts)):
            return place
    return None


def _in_column(hit: LabelHit, line: Line, amounts: _Amounts) -> tuple[Candidate, AmountMatch] | None:
    candidate = Candidate(Span(hit.page, line.words), Relation.BELOW)
    for match in amounts.of(line):
        if match.looks_like_money and under(hit.box, candidate.box(match.start, match.end)):
            return candidate, match
    return None


def _headed_again(hit: LabelHit, line: Line, by_line: LabelsByLine) -> bool:
    return any(under(hit.box, other.box) for other in by_line.get(line.words[0], []))


def _is_total_row(line: Line, page: Page, by_line: LabelsByLine) -> bool:
    """Whether the row of ``line`` begins with a word for total."""
    return any(label.key in {"plain", "total"} for label in _row_labels(line, page, by_line))


def _row_labels(line: Line, page: Page, by_line: LabelsByLine) -> list[LabelHit]:
    """The labels that stand left of ``line`` in its row, or begin it."""
    return [
        label
        for entry in layout_of(page).right_of(Box(0.0, line.box.y0, 0.0, line.box.y1))
        if entry.box.x0 <= line.box.x0
        for label in by_line.get(entry.words[0], [])
        if label.starts_line and label.key != "items"
    ]
