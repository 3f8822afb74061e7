"""Rows of goods or services, read from a table with a heading.

Rows are kept only when arithmetic vouches for them: quantity times price makes the amount in most rows, or
the amounts add up to a total or net amount printed elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from autod.domain.extraction import Found
from autod.domain.kinds import DocType, kind_of
from autod.domain.metadata import LineItem
from autod.domain.reading import Box, Line, Page, Reading, TextSource, Word
from autod.extract.local.amounts.candidates import AMOUNT_LABELS, AmountCandidate
from autod.extract.local.page.layout import (
    LabelHit,
    Span,
    find_labels,
    label_tokens,
    labels_by_line,
    page_source,
    rows,
)
from autod.extract.local.weights import ItemWeights
from autod.grammar.amounts import AmountMatch, parse_amounts
from autod.words import keys, table

_COLUMNS = table("items.columns")
_MOST_ROWS = 2_000
_END_KEYS = frozenset(
    keys("amounts.labels", "total", "plain", "to_pay", "net", "tax", "due", "rounding", "cash", "paid")
)
_CENTS = Decimal("0.02")


@dataclass(frozen=True)
class _Row:
    item: LineItem
    page: Page
    words: tuple[Word, ...]


def find_line_items(
    reading: Reading, language: str | None, doc_type: DocType, amounts: Iterable[AmountCandidate]
) -> dict[str, Found]:
    """The rows as ``line_items``, a tuple of ``LineItem``; the evidence is that of the first row.

    ``amounts`` are the labelled ones of the document: a total among them may vouch for the rows.
    """
    if not kind_of(doc_type).items:
        return {}
    table_rows = [row for page in reading.pages for row in _rows_of(page, language)]
    score = _score([row.item for row in table_rows], amounts)
    if score is None:
        return {}
    first = table_rows[0]
    quote = " ".join(word.text for word in first.words)
    box = Box.around([word.box for word in first.words])
    items = tuple(row.item for row in table_rows[:_MOST_ROWS])
    left_out = len(table_rows) - len(items)
    source = page_source(first.page)
    return {"line_items": Found(items, score, source, first.page.number, quote, box, left_out)}


def _score(items: list[LineItem], labelled: Iterable[AmountCandidate]) -> float | None:
    """How sure the rows are; ``None`` when nothing vouches for them."""
    amounts = [item.amount for item in items if item.amount is not None]
    if not amounts:
        return None
    products = [
        _product_fits(item) for item in items if item.quantity is not None and item.unit_price is not None
    ]
    sums = {entry.value for entry in labelled if entry.key in {"total", "plain", "net", "to_pay"}}
    adds_up = sum(amounts) in sums
    fitting = sum(products) / len(products) if products else 0.0
    most = fitting > ItemWeights.most_fit
    if adds_up and (len(items) > 1 or fitting):
        return ItemWeights.all_agree if most else ItemWeights.add_up
    if len(products) >= max(1, len(items) // 2) and most:
        return ItemWeights.products_fit
    return None


def _product_fits(item: LineItem) -> bool:
    if item.quantity is None or item.unit_price is None or item.amount is None:
        return False
    return abs(item.quantity * item.unit_price - item.amount) <= _CENTS


def _rows_of(page: Page, language: str | None) -> Iterator[_Row]:
    """The items under each heading of the page, up to the row that sums them."""
    headings = find_labels(page, _COLUMNS)
    if not headings:
        return
    by_line = labels_by_line(headings)
    columns: dict[str, Box] = {}
    headings_here: list[Box] = []
    for row in rows(page):
        hits = [hit for line in row for hit in by_line.get(line, [])]
        heading = _heading(hits)
        if heading:
            columns, headings_here = heading, [hit.box for hit in hits]
        elif columns:
            if _ends_table(row):
                columns = {}
                continue
            item = _item(page, row, columns, headings_here, language)
            if item:
                yield item


def _heading(hits: list[LabelHit]) -> dict[str, Box] | None:
    """The columns by role, if these labels head a table: what, how much, and one more."""
    columns: dict[str, Box] = {}
    for hit in hits:
        if hit.key not in columns or hit.key == "amount":
            columns[hit.key] = hit.box
    roles = columns.keys() & {"description", "quantity", "unit_price", "amount"}
    return columns if "amount" in roles and "description" in roles and len(roles) >= 3 else None


def _ends_table(row: list[Line]) -> bool:
    first = row[0]
    return any(
        key in _END_KEYS and not first.text[:start].strip(" :.-*")
        for key, _, start, _ in AMOUNT_LABELS.find(label_tokens(first.text))
    )


def _item(
    page: Page, row: list[Line], columns: dict[str, Box], headings: list[Box], language: str | None
) -> _Row | None:
    numbers = [
        (match, span.box(match.start, match.end))
        for line in row
        for span in [Span(page, line.words)]
        for match in parse_amounts(line.text, language, spaced=page.source is TextSource.OCR)
    ]
    amount = _nearest(numbers, columns["amount"])
    description = _description(row, columns["description"], headings)
    if amount is None or not amount.looks_like_money or not description:
        return None
    quantity = _nearest(numbers, columns["quantity"]) if "quantity" in columns else None
    price = _nearest(numbers, columns["unit_price"]) if "unit_price" in columns else None
    item = LineItem(
        description=description[:300],
        quantity=quantity.value if quantity and quantity is not amount else None,
        unit_price=price.value if price and price is not amount else None,
        amount=amount.value,
    )
    return _Row(item, page, tuple(word for line in row for word in line.words))


def _nearest(numbers: list[tuple[AmountMatch, Box]], column: Box) -> AmountMatch | None:
    """The number in the column: overlapping its heading, or ending where it ends."""
    best: tuple[float, AmountMatch] | None = None
    for match, box in numbers:
        shared = min(column.x1, box.x1) - max(column.x0, box.x0)
        aligned = min(abs(column.x1 - box.x1), abs(column.x0 - box.x0))
        if shared <= 0 and aligned > 12:
            continue
        distance = aligned - max(shared, 0)
        if best is None or distance < best[0]:
            best = distance, match
    return best[1] if best else None


def _description(row: list[Line], column: Box, headings: list[Box]) -> str:
    """The words between the columns left and right of the description's heading."""
    left = max((box.x1 for box in headings if box.x1 <= column.x0), default=0.0)
    right = min((box.x0 for box in headings if box.x0 >= column.x1), default=float("inf"))
    words = [
        word.text for line in row for word in line.words if left <= (word.box.x0 + word.box.x1) / 2 < right
    ]
    text = " ".join(words)
    return text if sum(character.isalpha() for character in text) >= 2 else ""
