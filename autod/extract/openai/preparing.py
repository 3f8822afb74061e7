"""From a reading to the questions about it, on disk: what the sandboxed child does before anything is sent.

A document is sent as text where its text is known for sure, as a file where only a look at the page
helps. One that is over the model's limits is asked about in parts, by pages.
"""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate
from types import MappingProxyType

from autod.codes import Code
from autod.domain.asked import WrittenQuestion, WrittenQuestions
from autod.domain.reading import Reading, TextSource
from autod.errors import READ_HERE, LimitExceeded
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.catalogue import Model, find_model
from autod.extract.openai.document_text import SentPage, most_tokens, page_texts
from autod.extract.openai.profiles import Profile, chat_question, find_profile
from autod.extract.openai.prompt import instructions
from autod.extract.openai.question import (
    DETAIL,
    LARGEST_REQUEST,
    QuestionManner,
    file_content,
    question,
    text_content,
)
from autod.extract.openai.schema import answer_schema
from autod.open_files import read_bytes, read_text, write_text

OPENAI = "openai"
MOST_PAGES_IN_A_FILE = 100
MOST_FILE_BYTES = LARGEST_REQUEST * 3 // 4 - 100_000
"""Base64 makes four bytes of three, and the rest of the request needs a little room."""


class Form(StrEnum):
    """In which form a document is sent; ``auto`` decides by what was read."""

    AUTO = "auto"
    TEXT = "text"
    FILE = "file"
    IMAGES = "images"


@dataclass(frozen=True, slots=True)
class Part:
    """Pages ``first`` to ``last`` in one question; ``tokens`` is the most their content may count."""

    first: int
    last: int
    tokens: int


def prepare(
    reading: int,
    document: int,
    questions: int,
    sha256: str,
    model: str,
    effort: str,
    form: str,
    max_output_tokens: int,
    flex: bool,
    stored: bool,
    background: bool,
    profile: str = OPENAI,
    pictures: int | None = None,
    picture_sizes: Mapping[str, int] = MappingProxyType({}),
) -> WrittenQuestions:
    """What the sandbox calls: writes the questions as JSON to the open file ``questions``, one after another.

    ``reading`` and ``document`` are open files. ``profile`` names another kind of server, which gets text,
    and the ``pictures`` of pages that ``picture_pages`` wrote, with their ``picture_sizes``.

    Raises:
        LimitExceeded: one page alone is more than the service takes.
    """
    read = Reading.from_json(read_text(reading))
    if profile != OPENAI:
        shown = _pictures(read_bytes(pictures) if pictures is not None else b"", picture_sizes)
        return _prepare_chat(read, questions, sha256, model, find_profile(profile), shown)
    manner = QuestionManner(find_model(model), effort, max_output_tokens, flex, stored, background)
    chosen = choose_form(read, Form(form))
    pages = page_texts(read)
    pdf = read_bytes(document) if chosen is Form.FILE else b""
    parts = parts_of(chosen, pages, manner.model)
    static = static_tokens()
    written = []
    for number, (part, content) in enumerate(_contents(parts, pages, pdf), 1):
        body = question(manner, content, sha256=sha256, part=f"{number}/{len(parts)}")
        written.append(
            _entry(_write(questions, body), sha256, f"{number}/{len(parts)}", chosen, part, static)
        )
    return {"form": chosen.value, "questions": written}


def _prepare_chat(
    reading: Reading,
    questions: int,
    sha256: str,
    model: str,
    profile: Profile,
    pictures: Mapping[int, bytes],
) -> WrittenQuestions:
    pages = page_texts(reading)
    parts = text_parts(pages, profile.split_tokens, dict.fromkeys(pictures, profile.picture_tokens))
    written = []
    for number, (part, content) in enumerate(_contents(parts, pages, b""), 1):
        shown = [pictures[n] for n in range(part.first, part.last + 1) if n in pictures]
        size = _write(questions, chat_question(profile, model, content + [_picture(data) for data in shown]))
        form = Form.IMAGES if shown else Form.TEXT
        written.append(_entry(size, sha256, f"{number}/{len(parts)}", form, part, 0))
    return {"form": (Form.IMAGES if pictures else Form.TEXT).value, "questions": written}


def _pictures(data: bytes, sizes: Mapping[str, int]) -> dict[int, bytes]:
    """Pictures by their page's number, cut out of where they lie one after another."""
    ends = accumulate(sizes.values())
    return {int(n): data[end - size : end] for (n, size), end in zip(sizes.items(), ends, strict=True)}


def _picture(data: bytes) -> ApiJson:
    text = base64.b64encode(data).decode("ascii")
    return {"type": "input_image", "image_url": f"data:image/jpeg;base64,{text}"}


def _entry(size: int, sha256: str, name: str, form: Form, part: Part, static: int) -> WrittenQuestion:
    return {
        "bytes": size,
        "sha256": sha256,
        "part": name,
        "form": form.value,
        "pages": part.last - part.first + 1,
        # The pages of a file are counted anew in each part; text names its own.
        "first_page": part.first if form is Form.FILE else 1,
        "input_tokens": part.tokens + static,
        "static_tokens": static,
    }


def choose_form(reading: Reading, wanted: Form) -> Form:
    """Text when every page that shows anything has its own text; a file when a page is only a picture.

    The service makes pictures of a file's pages by itself, so a file serves who wants images. A document that
    holds text which nobody sees never goes as a file, whatever is wanted: the service would read that text.
    """
    if any(page.hidden_text for page in reading.pages):
        return Form.TEXT
    if wanted is Form.IMAGES:
        return Form.FILE
    if wanted is not Form.AUTO:
        return wanted
    own_text = all(page.source is TextSource.TEXT_LAYER for page in reading.pages)
    return Form.TEXT if own_text and any(page.lines for page in reading.pages) else Form.FILE


def static_tokens() -> int:
    """The most that the part which all questions share counts."""
    return most_tokens(instructions()) + most_tokens(json.dumps(answer_schema()))


def parts_of(form: Form, pages: Sequence[SentPage], model: Model) -> list[Part]:
    """The questions that a document is asked about in."""
    if form is Form.FILE:
        return file_parts(len(pages), model.split_tokens, model.page_tokens[DETAIL])
    return text_parts(pages, model.split_tokens)


def text_parts(
    pages: Sequence[SentPage], most: int, more: Mapping[int, int] = MappingProxyType({})
) -> list[Part]:
    """As many pages to a part as fit into ``most`` tokens, at least one; ``more`` by a page's number."""
    parts: list[Part] = []
    for page in pages:
        tokens = page.tokens + more.get(page.number, 0)
        if parts and parts[-1].tokens + tokens <= most:
            parts[-1] = Part(parts[-1].first, page.number, parts[-1].tokens + tokens)
        else:
            parts.append(Part(page.number, page.number, tokens))
    return parts


def file_parts(pages: int, most: int, page_tokens: int) -> list[Part]:
    """Equal runs of pages that fit into ``most`` tokens and into what a file may hold."""
    run = max(1, min(most // page_tokens, MOST_PAGES_IN_A_FILE))
    return [
        Part(first, min(first + run - 1, pages), (min(first + run - 1, pages) - first + 1) * page_tokens)
        for first in range(1, pages + 1, run)
    ]


def _contents(
    parts: list[Part], pages: Sequence[SentPage], pdf: bytes
) -> Iterator[tuple[Part, list[ApiJson]]]:
    for part in parts:
        if not pdf:
            yield part, text_content([page for page in pages if part.first <= page.number <= part.last])
            continue
        whole = len(parts) == 1 and len(pdf) <= MOST_FILE_BYTES
        cut = pdf if whole else _cut(pdf, part)
        if len(cut) > MOST_FILE_BYTES:
            raise LimitExceeded(
                f"pages {part.first} to {part.last} are larger than the service takes",
                code=Code.OPENAI_DOCUMENT_TOO_LARGE,
                next_step=f"{READ_HERE}.",
            )
        yield part, file_content(cut)


def _cut(pdf: bytes, part: Part) -> bytes:
    """Some pages of a PDF as a file of their own."""
    import pikepdf

    with pikepdf.open(io.BytesIO(pdf)) as source, pikepdf.new() as target:
        target.pages.extend(source.pages[part.first - 1 : part.last])
        buffer = io.BytesIO()
        target.save(buffer)
    return buffer.getvalue()


def _write(questions: int, body: ApiJson) -> int:
    return write_text(questions, json.dumps(body, ensure_ascii=False))
