"""A reading as data for the service: one JSON object a page, so that no text can pose as anything else."""

from __future__ import annotations

import json
from dataclasses import dataclass

from autod.codes import Code
from autod.domain.left_out import LeftOut
from autod.domain.reading import Line, Page, Reading

LONGEST_PAGE = 60_000
"""Characters of one page that are sent; real pages have a tenth of it."""


@dataclass(frozen=True, slots=True)
class SentPage:
    """One page as it is sent; ``tokens`` is an estimate that is rather too high."""

    number: int
    text: str

    @property
    def tokens(self) -> int:
        return most_tokens(self.text)


def most_tokens(text: str) -> int:
    """More tokens than ``text`` has in all likelihood: two bytes a token, where prose has four."""
    return len(text.encode("utf-8")) // 2 + 8


def page_texts(reading: Reading) -> list[SentPage]:
    """What is seen on each page, form fields included, hidden text left out."""
    fields: dict[int, list[list[str]]] = {}
    for field in reading.form_fields:
        fields.setdefault(field.page, []).append([field.name, field.value])
    pages = []
    for page in reading.pages:
        text = rows_of(page)
        content: dict[str, object] = {"page": page.number, "text": text[:LONGEST_PAGE]}
        if page.number in fields:
            content["form_fields"] = fields[page.number]
        pages.append(SentPage(page.number, json.dumps(content, ensure_ascii=False)))
    return pages


def left_out_of_text(reading: Reading) -> list[LeftOut]:
    """The pages whose ends are not sent."""
    cut = sum(len(rows_of(page)) > LONGEST_PAGE for page in reading.pages)
    return [LeftOut(Code.SENT_PAGES_CUT, cut, len(reading.pages))] if cut else []


def rows_of(page: Page) -> str:
    """The page's text with the columns of a row side by side, separated by tabs."""
    rows: list[list[Line]] = []
    for line in page.lines:
        if rows and _same_row(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return "\n".join("\t".join(line.text for line in row) for row in rows)


def _same_row(left: Line, right: Line) -> bool:
    middle = (right.box.y0 + right.box.y1) / 2
    return left.box.y0 <= middle <= left.box.y1 and right.box.x0 >= left.box.x1
