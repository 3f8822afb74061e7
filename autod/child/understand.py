"""From a reading to what is believed about the document: extract, verify, derive.

Runs in the sandboxed child, because documents are hostile to extractors too.
"""

from __future__ import annotations

import dataclasses
from datetime import date
from decimal import Decimal
from typing import TypedDict

from autod.domain.asked import AnswersJson
from autod.domain.extraction import STATED, Draft, Evidence, Extraction, ExtractionJson, Usage
from autod.domain.left_out import LeftOut
from autod.domain.reading import Reading
from autod.extract.base import Extractor
from autod.extract.local.derived import derive
from autod.extract.local.extractor import LocalExtractor
from autod.open_files import read_text
from autod.verify.verification import verify


def understand(
    reading: Reading, *, review_below: float, today: date, extractor: Extractor | None = None
) -> Extraction:
    """What the document says, each value verified on the page; ``extractor`` defaults to the embedded one.

    The embedded engine, which begins with what the file states itself, reads every document: beside another
    extractor it is the second reader.
    """
    own = LocalExtractor().extract(reading)
    draft, second = (extractor.extract(reading), own) if extractor is not None else (own, None)
    believed = verify(draft, reading, review_below, today, second=second, printed=_printed(own, reading))
    extraction = _with_derived(believed, reading)
    rows = [
        LeftOut.of_field(name, found.left_out, len(found.value))
        for name, found in draft.found.items()
        if found.left_out
    ]
    return extraction.marked([*reading.left_out, *rows])


def _printed(own: Draft, reading: Reading) -> Draft | None:
    """What the pages alone say, where the file states values for machines; else ``own`` has it already."""
    if not any(item.source in STATED for item in own.found.values()):
        return None
    return LocalExtractor().extract(dataclasses.replace(reading, invoice_xml=None, codes=()))


def _with_derived(extraction: Extraction, reading: Reading) -> Extraction:
    """Add the summary, tags and the like, which rest on the verified values alone."""
    found = {
        name: value
        for name, value in derive(extraction.metadata, reading).items()
        if not getattr(extraction.metadata, name)
    }
    evidence = dict(extraction.evidence)
    for name, item in found.items():
        evidence[name] = Evidence(item.source, item.score, item.page, item.quote, item.box)
    metadata = extraction.metadata.model_copy(update={name: f.value for name, f in found.items()})
    return dataclasses.replace(extraction, metadata=metadata, evidence=evidence)


class Understanding(TypedDict):
    """What a document says, and of each page its number, text and source."""

    extraction: ExtractionJson
    pages: list[tuple[int, str, str]]


def understand_file(
    reading: int,
    review_below: float,
    today: str,
    answers: AnswersJson | None = None,
) -> Understanding:
    """What the sandbox calls.

    ``answers`` are a paid reader's, with usage and cost; without them the embedded engine reads.
    """
    read = Reading.from_json(read_text(reading))
    extraction = understand(
        read,
        review_below=review_below,
        today=date.fromisoformat(today),
        extractor=_from_answers(answers) if answers else None,
    )
    if answers:
        from autod.extract.openai.document_text import left_out_of_text

        extraction = extraction.marked(left_out_of_text(read))
    pages = [(page.number, page.text, page.source.value) for page in read.pages]
    return {"extraction": extraction.to_dict(), "pages": pages}


def _from_answers(answers: AnswersJson) -> Extractor:
    from autod.extract.openai.drafting import AnswerExtractor, PartAnswer

    return AnswerExtractor(
        [PartAnswer(part["text"], part["first_page"]) for part in answers["answers"]],
        usage=Usage(**answers["usage"]),
        cost_usd=Decimal(answers["cost_usd"]),
    )
