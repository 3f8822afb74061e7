"""What an honest paid reader would answer about a document, made of what the embedded engine reads."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any, cast

from autod.child.understand import understand
from autod.domain.extraction import STATED, Extraction
from autod.domain.fields import FIELDS
from autod.domain.folding import words
from autod.domain.metadata import LineItem, MeterReading
from autod.domain.reading import Page, Reading
from autod.extract.openai.schema import asked_fields
from autod.read.limits import ReadLimits
from autod.read.reader import read_document
from demo.samples import PROCESSED, Sample
from demo.samples import SAMPLES as DEMO
from tests.extract import test_made_documents
from tests.extract.kind_samples import SAMPLES
from tests.extract.sheets import reading_of

TODAY = date(2026, 6, 1)
REVIEW_BELOW = 0.6

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A document, what the embedded engine believes of it, and the honest answer."""

    name: str
    reading: Reading
    embedded: Extraction
    answer: Json


@cache
def cases() -> tuple[Case, ...]:
    """One for each sample document that is made of text, and each of the demonstration that is no scan."""
    typed = [
        (f"{kind.value}-{language}-{number}", text) for number, (kind, language, text) in enumerate(SAMPLES)
    ]
    typed += [(name, text) for name, text in vars(test_made_documents).items() if _is_sheet(name, text)]
    return (
        *(case_of(name, reading_of(text)) for name, text in typed),
        *(case_of(sample.file_name, _read(sample.make())) for sample in DEMO if _is_readable(sample)),
    )


def _is_sheet(name: str, value: Any) -> bool:
    return name.isupper() and isinstance(value, str)


def _is_readable(sample: Sample) -> bool:
    return sample.outcome == PROCESSED and not sample.is_scan


def _read(data: bytes) -> Reading:
    """What the files state for machines is left out: such documents are not asked about."""
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        reading = read_document(file.fileno(), ReadLimits(ocr_engine="off"))
    return replace(reading, invoice_xml=None, codes=())


def case_of(name: str, reading: Reading) -> Case:
    embedded = understand(reading, review_below=REVIEW_BELOW, today=TODAY)
    return Case(name, reading, embedded, honest(reading, embedded))


def honest(reading: Reading, embedded: Extraction) -> Json:
    said = {name: _said(name, reading, embedded) for name in asked_fields()}
    return {name: item for name, item in said.items() if item}


def rows_of(page: Page) -> list[str]:
    """The page's rows as a person reads them: lines beside one another are one row."""
    rows: dict[float, list[str]] = {}
    for line in page.lines:
        rows.setdefault(line.box.y0, []).append(line.text)
    return [" ".join(texts) for _, texts in sorted(rows.items())]


def _said(name: str, reading: Reading, embedded: Extraction) -> Any:
    evidence = embedded.evidence.get(name)
    value = getattr(embedded.metadata, name)
    if evidence is None or evidence.source in STATED:
        return None
    if FIELDS[name].is_list:
        rows = [_row(item, reading) for item in value]
        return [row for row in rows if row]
    if evidence.page is None:
        return None
    return {"value": _plain(value), "page": evidence.page, "quote": evidence.quote}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else float(value)


def _row(item: Any, reading: Reading) -> Json | None:
    """A row of a list with the page's words that say all of it, if they stand together."""
    if isinstance(item, str):
        quote = _over_lines(item, reading.pages[0])
        return {"value": item, "page": 1, "quote": quote} if quote else None
    cells = item.model_dump(mode="json")
    named = item.description if isinstance(item, LineItem) else cast(MeterReading, item).meter
    for page in reading.pages:
        for row in rows_of(page):
            if named and set(words(named)) <= set(words(row)) and _says_numbers(cells, row):
                numbers = {k: float(v) for k, v in cells.items() if v and k in _NUMBERS}
                return {**cells, **numbers, "page": page.number, "quote": row}
    return None


_NUMBERS = ("quantity", "unit_price", "amount", "value")


def _says_numbers(cells: Json, row: str) -> bool:
    said = "".join(character for character in row if character.isdigit())
    values = (str(cells[name]) for name in _NUMBERS if cells.get(name))
    return all("".join(c for c in value if c.isdigit()).rstrip("0") in said for value in values)


def _over_lines(text: str, page: Page) -> str | None:
    """The lines of the page that hold the words of ``text``, one after the other."""
    wanted = words(text)
    lines = [line.text for line in page.lines]
    for start in range(len(lines)):
        for end in range(start + 1, min(start + 6, len(lines)) + 1):
            said = " ".join(lines[start:end])
            if all(word in words(said) for word in wanted):
                return said if start + 1 == end or len(words(said)) <= len(wanted) + 2 else None
    return None


def with_hidden(case: Case, text: str) -> Case:
    """The same document with ``text`` on its first page that nobody sees."""
    first, *others = case.reading.pages
    return replace(case, reading=replace(case.reading, pages=(replace(first, hidden_text=text), *others)))
