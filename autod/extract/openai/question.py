"""One question to the service: the static part first, the document last, as data."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.catalogue import CacheKind, Model
from autod.extract.openai.document_text import SentPage
from autod.extract.openai.prompt import instructions, prompt_version
from autod.extract.openai.schema import NAME, answer_schema

DETAIL = "high"
"""How closely the model looks at the pages of a file: small print and scans are lost with less."""


FILE_NAME = "document.pdf"
"""The real name stays here: it is the owner's, and it would break the cached prefix if it came first."""

LONGEST_FILE_DATA = 73_400_320
LARGEST_REQUEST = 50_000_000


@dataclass(frozen=True, slots=True)
class QuestionManner:
    """How questions are asked, the same for every document of a run.

    ``effort`` must be one the model knows; empty sends none. ``stored`` and ``background`` are decided by
    how a call is paid for only once; ``flex`` asks for the cheaper tier.
    """

    model: Model
    effort: str
    max_output_tokens: int
    flex: bool = False
    stored: bool = True
    background: bool = True


def text_content(pages: Sequence[SentPage]) -> list[ApiJson]:
    """Pages as text."""
    return [{"type": "input_text", "text": page.text} for page in pages]


def file_content(pdf: bytes) -> list[ApiJson]:
    """A PDF file as it is.

    Raises:
        ValueError: larger than the service takes.
    """
    data = "data:application/pdf;base64," + base64.b64encode(pdf).decode("ascii")
    if len(data) > min(LONGEST_FILE_DATA, LARGEST_REQUEST):
        raise ValueError("the file is larger than the service takes")
    return [{"type": "input_file", "filename": FILE_NAME, "file_data": data, "detail": DETAIL}]


def question(manner: QuestionManner, content: list[ApiJson], *, sha256: str, part: str) -> ApiJson:
    """The body of ``POST /responses`` for one document or one part of it.

    Everything before ``content`` in the model's eyes is the same for all documents: what differs (hash,
    part) is in ``metadata``, which the model does not see.
    """
    static: ApiJson = {"type": "input_text", "text": instructions()}
    body: ApiJson = {
        "model": manner.model.id,
        "text": {
            "format": {"type": "json_schema", "name": NAME, "strict": True, "schema": answer_schema()},
        },
        "max_output_tokens": manner.max_output_tokens,
        "store": manner.stored,
        "service_tier": "flex" if manner.flex else "default",
        "metadata": {"sha256": sha256, "part": part, "prompt": prompt_version()},
    }
    if manner.effort:
        body["reasoning"] = {"effort": manner.effort}
    if manner.model.known:
        body["text"]["verbosity"] = "low"  # older models refuse any but their own
    if manner.background:
        body["background"] = True
    if manner.model.cache is CacheKind.EXPLICIT:
        static["prompt_cache_breakpoint"] = {"mode": "explicit"}
        body["prompt_cache_options"] = {"mode": "explicit"}
    else:
        body["prompt_cache_key"] = f"autod-{prompt_version()}"
    body["input"] = [{"role": "developer", "content": [static]}, {"role": "user", "content": content}]
    return body
