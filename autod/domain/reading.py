"""What was read from a PDF: pages, lines and words with their places on the page.

Coordinates are PDF points (1/72 inch), origin at the top left of the page as a person sees it (after
any rotation), x to the right, y downward.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, TypedDict, TypeVar

from autod.domain.left_out import LeftOut, left_out_of
from autod.domain.storable import storable, storable_json

T = TypeVar("T")


class ReadCounts(TypedDict):
    """What is told of a document that was read, beside the reading itself."""

    pages: int
    ocr_pages: int
    notes: list[str]


class TextSource(StrEnum):
    """Where a page's words came from."""

    TEXT_LAYER = "text_layer"
    OCR = "ocr"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page: left, top, right, bottom, in points."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @staticmethod
    def around(boxes: list[Box]) -> Box:
        """The smallest box holding all of ``boxes`` (at least one)."""
        return Box(
            min(b.x0 for b in boxes),
            min(b.y0 for b in boxes),
            max(b.x1 for b in boxes),
            max(b.y1 for b in boxes),
        )

    def rounded(self) -> list[float]:
        return [round(v, 1) for v in (self.x0, self.y0, self.x1, self.y1)]


@dataclass(frozen=True, slots=True)
class Word:
    """One word; ``confidence`` is 1.0 in a text layer, the engine's own figure (0..1) after OCR."""

    text: str
    box: Box
    confidence: float = 1.0


@dataclass(frozen=True)
class Line:
    """Words that a person reads as one line: same baseline, no gap wider than a column's gutter.

    Two columns side by side are two lines; a table row is several lines with the same top.
    """

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @cached_property
    def box(self) -> Box:
        return Box.around([word.box for word in self.words])


@dataclass(frozen=True)
class Page:
    """One page in reading order (top to bottom, left to right within a row of lines).

    ``hidden_text`` is text a person does not see (white, tiny, transparent, off the page); it is kept
    apart from ``lines`` because such text is how instructions are smuggled to a reader that is not a person.
    ``turned`` is by how many degrees clockwise a page that lay on its side or head was turned to read it;
    ``width``, ``height`` and all boxes are those of the page after that turn. ``plain`` stands for ``lines``
    where a document has so many words that their boxes are not kept.
    """

    number: int
    width: float
    height: float
    lines: tuple[Line, ...] = ()
    source: TextSource = TextSource.NONE
    hidden_text: str = ""
    turned: int = 0
    plain: str = ""
    _worked_out: dict[Callable[[Page], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def worked_out(self, how: Callable[[Page], T]) -> T:
        """What ``how`` makes of the page: made when it is first asked for, and kept as long as the page.

        It says nothing new of the page, so equal pages stay equal.
        """
        if how not in self._worked_out:
            self._worked_out[how] = how(self)
        made: T = self._worked_out[how]
        return made

    @cached_property
    def text(self) -> str:
        return self.plain or "\n".join(line.text for line in self.lines)

    def without_boxes(self) -> Page:
        """The page as text alone."""
        return replace(self, lines=(), plain=self.text)


@dataclass(frozen=True, slots=True)
class FormField:
    """A filled-in AcroForm field. Check boxes that are off and empty fields are left out."""

    name: str
    value: str
    page: int
    box: Box | None = None


@dataclass(frozen=True)
class Reading:
    """Everything read from one file.

    ``invoice_xml`` is the embedded e-invoice (Factur-X, ZUGFeRD, Order-X, XRechnung), as text.
    ``info`` holds the PDF's own metadata (title, author, producer, created), untrusted.
    ``notes`` are stable codes of things worth knowing: ``repaired``, ``embedded_unreadable``…
    ``left_out`` is what limits kept from being read.
    ``codes`` are the texts of the QR codes on pages that look like bills or scans.
    """

    pages: tuple[Page, ...]
    form_fields: tuple[FormField, ...] = ()
    invoice_xml: str | None = None
    info: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def text(self) -> str:
        return "\n\n".join(page.text for page in self.pages)

    def lines(self) -> Iterator[tuple[Page, Line]]:
        for page in self.pages:
            for line in page.lines:
                yield page, line

    def to_json(self) -> str:
        """Compact JSON; ``from_json`` gives an equal Reading back (boxes rounded to 0.1 point).

        Here all that a file says comes in: its texts are made storable.
        """
        return json.dumps(
            {
                "pages": [_page_out(page) for page in self.pages],
                "form": [
                    [storable(f.name), storable(f.value), f.page, f.box.rounded() if f.box else None]
                    for f in self.form_fields
                ],
                "xml": storable(self.invoice_xml) if self.invoice_xml is not None else None,
                "info": storable_json(self.info),
                "notes": self.notes,
                "codes": storable_json(self.codes),
                "left_out": [item.check for item in self.left_out],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @staticmethod
    def from_json(text: str) -> Reading:
        data: dict[str, Any] = json.loads(text)
        return Reading(
            pages=tuple(_page_in(page) for page in data["pages"]),
            form_fields=tuple(FormField(n, v, p, Box(*b) if b else None) for n, v, p, b in data["form"]),
            invoice_xml=data["xml"],
            info=data["info"],
            notes=tuple(data["notes"]),
            codes=tuple(data.get("codes", ())),
            left_out=tuple(filter(None, map(left_out_of, data.get("left_out", ())))),
        )


def _page_out(page: Page) -> dict[str, Any]:
    return {
        "n": page.number,
        "w": page.width,
        "h": page.height,
        "source": page.source.value,
        "hidden": storable(page.hidden_text),
        "turned": page.turned,
        "plain": page.plain,
        "lines": [
            [[storable(w.text), *w.box.rounded(), round(w.confidence, 3)] for w in line.words]
            for line in page.lines
        ],
    }


def _page_in(data: dict[str, Any]) -> Page:
    return Page(
        number=data["n"],
        width=data["w"],
        height=data["h"],
        source=TextSource(data["source"]),
        hidden_text=data["hidden"],
        turned=data["turned"],
        plain=data.get("plain", ""),
        lines=tuple(
            Line(tuple(Word(t, Box(x0, y0, x1, y1), c) for t, x0, y0, x1, y1, c in words))
            for words in data["lines"]
        ),
    )
