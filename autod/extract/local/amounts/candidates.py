"""Amounts on a page tied to the labels beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from itertools import islice
from typing import Final

from autod.domain.reading import Box, Line, Page, Reading, TextSource
from autod.extract.local.page.candidates import Candidate, Place, Read, Relation
from autod.extract.local.page.layout import (
    LabelHit,
    LabelsByLine,
    LabelTable,
    find_labels,
    fold,
    labels_by_line,
    layout_of,
    text_height,
    under,
)
from autod.extract.local.page.walk import Habit, along, down
from autod.grammar.amounts import AmountMatch, parse_amounts
from autod.words import any_of, keys, phrases, table

# ``total`` names the whole with taxes; ``plain`` may name it; ``to_pay`` is what is asked for, mostly the
# total too; ``due`` is what remains; ``net``, ``tax``, ``cash``, ``change``, ``paid`` and ``rounding`` are
# parts to check it with; ``other`` is none of these; ``items`` heads columns of goods.
AMOUNT_LABELS = table("amounts.labels")
_MANY_PAGES = 25  # totals stand on the first or the last pages
_MANY_LABELS = 500  # on one page
_MANY_BESIDE = 80  # amounts beside one label, more than a sheet of paper has room for
_NEXT_ROW = 2.2  # how many label heights lie between rows that belong together
_COLUMN_GAP = 0.8  # of the height of the text: wider than between two words of a sentence
_HABIT: Final = Habit(
    far=300,  # a printed line has 200 characters
    most_words=4,
    cells=_MANY_BESIDE,
    widest_gap=0.45,
    longest_remark=12,
    parted=True,
    row_ends_at_label=True,
)
_TO_TOTAL = 30.0  # how many label heights down a column is followed to its total
_HEADS_TOTALLED = frozenset(keys("amounts.labels", "total", "net", "tax", "to_pay"))
_WHOLE_BUT_DUE = frozenset(keys("amounts.labels", "plain", "total", "to_pay"))
_WHOLE = _WHOLE_BUT_DUE.union(keys("amounts.labels", "due"))
_BARE_DUE = phrases("amounts.bare_due")
_ITEMS = frozenset(keys("amounts.labels", "items"))
_DEAF = _ITEMS.union(keys("amounts.labels", "plain"))
_DEAF_IF_QUALIFIED = _DEAF.union(keys("amounts.labels", "tax"))
_WITH_TAX = re.compile(rf"^\W{{0,3}}{any_of('amounts.with_tax')}\b")
_WITHOUT_TAX = re.compile(rf"^\W{{0,3}}{any_of('amounts.without_tax')}\b")
_COUNTED = re.compile(rf"^\W{{0,3}}{any_of('amounts.counted')}\b")
_AT_A_RATE = re.compile(r"^\W{0,3}\w{0,2} ?%")
_PART_OF = re.compile(rf"\b{any_of('amounts.part_of')}\W{{0,2}}$")


@dataclass(frozen=True)
class AmountCandidate(Candidate[AmountMatch]):
    """An amount with the label that explains it. ``alone``: no other amount shares its row."""

    alone: bool = True

    @property
    def value(self) -> Decimal:
        return self.match.value

    @property
    def may_be_longer(self) -> bool:
        """Whether the digits before it, a word's gap away, may be its thousands."""
        longer = self.match.longer
        if longer is None:
            return False
        head, own = (
            self.place.box(longer.start, longer.start + 1),
            self.place.box(self.match.start, self.match.end),
        )
        return own.x0 - head.x1 < _COLUMN_GAP * text_height(own)


class _Amounts:
    """The amounts in the lines of a page; each text is read once, however many labels look at it."""

    def __init__(self, page: Page, language: str | None) -> None:
        self._spaced = page.source is TextSource.OCR
        self._language = language
        self._of_text: dict[str, list[AmountMatch]] = {}

    def any(self, text: str) -> list[AmountMatch]:
        """The amounts in ``text``; nobody may change the list."""
        if text not in self._of_text:
            self._of_text[text] = parse_amounts(text, self._language, spaced=self._spaced)
        return self._of_text[text]

    def money(self, text: str) -> list[AmountMatch]:
        """Those that are written as money is."""
        return [match for match in self.any(text) if match.looks_like_money]


def labelled_amounts(
    reading: Reading, language: str | None, table: LabelTable = AMOUNT_LABELS
) -> tuple[list[AmountCandidate], list[LabelHit]]:
    """Every amount a label of ``table`` explains, in reading order, and the labels that stand alone."""
    candidates: list[AmountCandidate] = []
    bare: list[LabelHit] = []
    pages = reading.pages
    if len(pages) > _MANY_PAGES:
        pages = pages[:15] + pages[-10:]
    for page in pages:
        hits = find_labels(page, table)[:_MANY_LABELS]
        by_line = labels_by_line(hits)
        amounts = _Amounts(page, language)
        for hit in hits:
            if hit.key == "settled":
                bare.append(hit)
            elif hit.key not in {"other", "items"}:
                candidates += _read(hit, by_line, amounts)
    return candidates, bare


def _read(hit: LabelHit, by_line: LabelsByLine, amounts: _Amounts) -> Iterator[AmountCandidate]:
    """The amounts of one label: those on its row, or else the one under it."""
    key, start = _qualified(hit)
    if key == "other":
        return
    habit = _habit(hit.key, start > hit.end)
    row = list(islice(along(hit, amounts.any, habit, by_line, start), _MANY_BESIDE))
    if row:
        alone = len(row) == 1
        entries = [AmountCandidate(c.match, c.place, hit, key, alone=alone) for c in row]
        entries = _with_thousands(entries)
        yield from entries if key == "tax" else [_whole_of(entries)]
    elif not _heads_items(hit, by_line):
        below = _below(hit, habit, by_line, amounts)
        if below:
            yield from _with_thousands([AmountCandidate(below.match, below.place, hit, key)])


def _with_thousands(row: list[AmountCandidate]) -> list[AmountCandidate]:
    """The row with its longer amounts in place of their parts where a currency stands at them, too."""
    whole: list[AmountCandidate] = []
    for entry in row:
        longer = entry.match.longer
        if longer is not None and entry.may_be_longer and (longer.currency or longer.symbol):
            whole = [e for e in whole if e.place != entry.place or e.match.end <= longer.start]
            entry = replace(entry, match=longer)
        whole.append(entry)
    return [replace(e, alone=True) for e in whole] if len(whole) == 1 else whole


@cache
def _habit(key: str, qualified: bool) -> Habit:
    """How the amounts of labels of ``key`` stand; ``qualified`` ones go on: "Total incl. VAT"."""
    return replace(
        _HABIT,
        deaf_to=_DEAF_IF_QUALIFIED if qualified else _DEAF,
        deaf_to_cells=_ITEMS | {key},
        reach=_TO_TOTAL if key in _HEADS_TOTALLED else _NEXT_ROW,
    )


def _whole_of(row: list[AmountCandidate]) -> AmountCandidate:
    """The amount that sums up a row: the one that is the sum of the others, or else the largest."""
    money = [entry for entry in row if entry.match.looks_like_money] or row
    last = money[-1]
    if len(money) > 1 and sum(entry.match.value for entry in money[:-1]) == last.match.value:
        return replace(last, alone=True)
    largest = max(money, key=lambda entry: entry.match.value)
    return replace(largest, alone=largest.alone or len(money) == 1)


def _qualified(hit: LabelHit) -> tuple[str, int]:
    """The label's key once the words after it are heard ("Total excl. VAT"), and where they end."""
    rest = fold(hit.line.text[hit.end :])
    if (
        hit.key in _WHOLE
        and not hit.starts_line
        and (
            hit.phrase in _BARE_DUE
            or "%" in hit.line.text[: hit.start]
            or _PART_OF.search(fold(hit.line.text[: hit.start]))
        )
    ):
        return "other", hit.end
    if hit.key in _WHOLE_BUT_DUE:
        if _COUNTED.match(rest) or (hit.key == "plain" and _AT_A_RATE.match(rest)):
            return "other", hit.end
        for key, pattern in {"net": _WITHOUT_TAX, "total": _WITH_TAX}.items():
            qualifier = pattern.match(rest)
            if qualifier:
                return key, hit.end + qualifier.end()
    return hit.key, hit.end


def _heads_items(hit: LabelHit, by_line: LabelsByLine) -> bool:
    """Whether the label stands in the heading of a table of goods."""
    row = [hit.line, *layout_of(hit.page).right_of(hit.line.box), *_left_of(hit)]
    heads = {other.phrase for line in row for other in by_line.get(line, []) if other.key == "items"}
    return len(heads) >= 2


def _left_of(hit: LabelHit) -> list[Line]:
    box = hit.line.box
    left = Box(0.0, box.y0, 0.0, box.y1)
    return [line for line in layout_of(hit.page).right_of(left) if line.box.x1 <= box.x0 + 1]


def _below(
    hit: LabelHit, habit: Habit, by_line: LabelsByLine, amounts: _Amounts
) -> Candidate[AmountMatch] | None:
    """The amount under the label; where it heads a column of several, the one in the row of totals."""
    first: Candidate[AmountMatch] | None = None
    bottom = hit.box.y1
    for candidate in down(hit, amounts.money, habit, by_line):
        line = candidate.place.span.whole
        if _is_total_row(line, hit.page, by_line):
            return candidate
        if line.y0 - bottom > _NEXT_ROW * text_height(hit.box):
            continue
        if first is not None and _row_labels(line, hit.page, by_line):
            return first
        if first is not None and first.match.value != candidate.match.value:
            return _total_row_below(hit, line, by_line, amounts.money)
        first, bottom = candidate, line.y1
    return first


def _total_row_below(
    hit: LabelHit, last: Box, by_line: LabelsByLine, read: Read[AmountMatch]
) -> Candidate[AmountMatch] | None:
    layout = layout_of(hit.page)
    for line in layout.between(last.y1 - 1, hit.page.height):
        place = Place(layout.span(line), Relation.BELOW)
        if _is_total_row(line.box, hit.page, by_line):
            for match in read(place.text):
                if under(hit.box, place.box(match.start, match.end)):
                    return Candidate(match, place, hit, hit.key)
    return None


def _is_total_row(line: Box, page: Page, by_line: LabelsByLine) -> bool:
    """Whether the row of ``line`` begins with a word for total."""
    return any(label.key in {"plain", "total"} for label in _row_labels(line, page, by_line))


def _row_labels(line: Box, page: Page, by_line: LabelsByLine) -> list[LabelHit]:
    """The labels that stand left of ``line`` in its row, or begin it."""
    return [
        label
        for entry in layout_of(page).right_of(Box(0.0, line.y0, 0.0, line.y1))
        if entry.box.x0 <= line.x0
        for label in by_line.get(entry, [])
        if label.starts_line and label.key != "items"
    ]
