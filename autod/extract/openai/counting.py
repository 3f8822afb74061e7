"""How many tokens a question is, in the service's own count: the question is sent, but not worked on."""

from __future__ import annotations

import json
from pathlib import Path

from autod.domain.asked import Question
from autod.domain.privacy import Purpose
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.errors import ServiceFailing
from autod.extract.openai.remote import share_of

_COUNTED = ("model", "reasoning", "text", "input")
"""What of a question the counting takes; the rest says how to answer."""


def count_tokens(client: ResponsesAPIClient, question: Question) -> int:
    """Tokens of input of a question that ``prepare`` wrote.

    Raises:
        OpenAIError: see the tree in ``errors``.
        PrivacyError: it must not leave.
    """
    body = json.loads(Path(question["path"]).read_text(encoding="utf-8"))
    reply = client.send(
        "POST",
        "/responses/input_tokens",
        body={name: body[name] for name in _COUNTED},
        repeatable=True,
        shares=(share_of(question, Purpose.COUNT),),
    )
    counted = reply.data.get("input_tokens")
    if not isinstance(counted, int) or counted < 0:
        raise ServiceFailing("the service's count is no number", request_id=reply.request_id)
    return counted
