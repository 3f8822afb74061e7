"""The Batch API: many questions in one file, answered within a day for half the price.

    upload ─▶ create ─▶ look … ─▶ download ─▶ forget

Our key travels in the file's name and in the batch's metadata, so that whoever comes back after a crash finds
the file and the batch instead of making them again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from autod.codes import Code
from autod.domain.asked import AnswerJson, Question
from autod.domain.batching import BatchLine, BatchView
from autod.domain.money import Order, Priced, TokenUse
from autod.domain.privacy import Share
from autod.domain.storable import storable_json
from autod.errors import AutodError, Retry
from autod.extract.openai.addresses import path_of
from autod.extract.openai.answer import Answer, read_response
from autod.extract.openai.answer_size import believable
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.errors import (
    ForeignAnswer,
    OpenAIError,
    OutcomeUnknown,
    ServiceFailing,
    from_status,
)
from autod.extract.openai.prices import BATCH, Prices
from autod.extract.openai.replies import maybe_done, said_in

Json = dict[str, Any]

MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
LINE_WRAPPING = 200
"""Bytes that a line of the file has besides its question."""

PROVIDER = "openai"
KEY = "autod"
ENDPOINT = "/v1/responses"
WINDOW = "24h"
MOST_PAGES_TURNED = 200
_OVER = frozenset({"completed", "expired", "cancelled", "failed"})
_NOT_IN_A_BATCH = frozenset({"service_tier", "background"})
_KEPT_SECONDS = 30 * 24 * 3600
"""Files that we do not get round to deleting expire after this; the service's own limit is the same."""


class OpenAIBatches:
    """Hands batches in, fetches what came of them, and knows what they cost; see ``BatchRemote``.

    Args:
        max_output_tokens: most tokens of one answer, for reservations.
    """

    most_requests = MOST_REQUESTS
    most_bytes = MOST_BYTES

    def __init__(
        self,
        client: ResponsesAPIClient,
        prices: Prices,
        *,
        max_output_tokens: int,
        now: Callable[[], datetime],
    ) -> None:
        self._client = client
        self._prices = prices
        self._max_output_tokens = max_output_tokens
        self._now = now

    def order(self, sha256: str, document_id: int, model: str, question: Question) -> Order:
        """The reservation for one question."""
        limit = self._limit_of(question)
        most = self._prices.most(model, BATCH, question["input_tokens"], limit, self._now())
        return Order(sha256, document_id, PROVIDER, model, BATCH, most.usd)

    def bill(
        self, answer: AnswerJson, model: str, question: Question
    ) -> tuple[TokenUse | None, Priced | None]:
        """Priced by the channel, whatever tier the answer names."""
        use = Answer.from_dict(answer).use
        if use is None or not believable(use, question):
            return None, None
        return use, self._prices.cost(use, model, BATCH, self._now())

    def larger(self, question: Question) -> Question | None:
        """The same question with room for the longest answer; None when it had that."""
        more = self._max_output_tokens
        return {**question, "output_tokens": more} if self._limit_of(question) < more else None

    def _limit_of(self, question: Question) -> int:
        return int(question.get("output_tokens", self._max_output_tokens))

    def line(self, name: str, question: Question) -> str:
        """One line of a batch's file.

        Raises:
            OSError: the question is gone.
        """
        body = json.loads(Path(question["path"]).read_text(encoding="utf-8"))
        return line_of(name, {**body, "max_output_tokens": self._limit_of(question)})

    def size(self, question: Path) -> int:
        """Bytes of the question's line, rather too many."""
        return question.stat().st_size + LINE_WRAPPING

    def upload(self, path: Path, key: str, shares: Sequence[Share]) -> str:
        """The id of the file with our key; one that is there already is taken."""
        name = f"{KEY}-{key}.jsonl"
        for file in self._pages("/files", {"purpose": "batch", "limit": 100}):
            if file.get("filename") == name:
                return str(file["id"])
        form = {
            "purpose": "batch",
            "expires_after": {"anchor": "created_at", "seconds": _KEPT_SECONDS},
        }
        with path.open("rb") as content:
            made = self._client.send(
                "POST",
                "/files",
                body=form,
                upload=(name, content, "application/jsonl"),
                retries=False,
                shares=shares,
                wants="id",
            )
        return str(made.data["id"])

    def find(self, key: str, since: float) -> BatchView | None:
        """The batch with our key; only those made after ``since`` (seconds since 1970) are looked at."""
        for batch in self._pages("/batches", {"limit": 100}):
            metadata = batch.get("metadata")
            if isinstance(metadata, dict) and metadata.get(KEY) == key:
                return _view(batch)
            if isinstance(batch.get("created_at"), int) and batch["created_at"] < since:
                break
        return None

    def create(self, file_id: str, key: str) -> BatchView:
        """Hand the file in. From here on it costs money.

        Raises:
            OutcomeUnknown: it may have been taken: look with ``find`` before trying again.
            OpenAIError: any other trouble; no batch was made.
        """
        body = {
            "input_file_id": file_id,
            "endpoint": ENDPOINT,
            "completion_window": WINDOW,
            "metadata": {KEY: key},
        }
        try:
            return _view(self._client.send("POST", "/batches", body=body, retries=False, wants="id").data)
        except ServiceFailing as error:
            raise OutcomeUnknown(
                "the service failed while it took a batch", request_id=error.request_id
            ) from None

    def look(self, remote_id: str) -> BatchView:
        """How far it is."""
        return _view(self._client.send("GET", path_of("batches", remote_id), wants="id").data)

    def fetch(self, file_id: str, target: Path) -> Iterator[BatchLine]:
        """The lines of what the service wrote, by way of the file ``target``."""
        self._client.download(path_of("files", file_id, "content"), target)
        return read_lines(target)

    def forget(self, file_ids: Sequence[str]) -> None:
        """Delete files at the service; those that are gone are no error."""
        for file_id in file_ids:
            self._client.delete(path_of("files", file_id))

    def _pages(self, path: str, params: Mapping[str, Any]) -> Iterator[Json]:
        """All items of a list, newest first."""
        after: Json = {}
        for _ in range(MOST_PAGES_TURNED):
            page = self._client.send("GET", path, params={**params, **after}, wants="data").data
            shown = [item for item in page["data"] if isinstance(item, dict) and "id" in item]
            yield from shown
            if not page.get("has_more") or not shown:
                return
            after = {"after": shown[-1].get("id")}


def line_of(name: str, question: Json) -> str:
    """One line of the file: the question as it is asked alone, without what only a single call may have."""
    body = {key: value for key, value in question.items() if key not in _NOT_IN_A_BATCH}
    body["store"] = False
    line = {"custom_id": name, "method": "POST", "url": ENDPOINT, "body": body}
    return json.dumps(line, ensure_ascii=False) + "\n"


def read_lines(path: Path) -> Iterator[BatchLine]:
    """The lines of an output or error file; one that cannot be understood has no name, but an error."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for text in filter(str.strip, lines):
            yield _line(text) or BatchLine("", None, ForeignAnswer("a batch's file has lines of no answer"))


def _line(text: str) -> BatchLine | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(data, dict) or not isinstance(data.get("custom_id"), str):
        return None
    data = storable_json(data)
    name, response, error = data["custom_id"], data.get("response"), data.get("error")
    if not isinstance(response, dict):
        return BatchLine(name, None, _not_done(error))
    status, body = response.get("status_code"), response.get("body")
    request = response.get("request_id")
    request_id = request if isinstance(request, str) else None
    if status == 200 and isinstance(body, dict) and isinstance(body.get("id"), str):
        return BatchLine(name, read_response(body, request_id).to_dict(), None)
    return BatchLine(name, None, _refused(status if isinstance(status, int) else 500, body, request_id))


def _not_done(error: Any) -> AutodError:
    code = error.get("code") if isinstance(error, dict) else None
    shown = code if isinstance(code, str) and code.isidentifier() and len(code) <= 40 else "no reason given"
    return AutodError(
        f"the batch did not get to this question ({shown})",
        code=Code.OPENAI_BATCH_EXPIRED,
        retry=Retry.LATER,
        next_step="Nothing to do: it was not paid for and goes into another batch.",
    )


def _refused(status: int, body: Any, request_id: str | None) -> OpenAIError:
    """Why a question has no answer; behind a failure of the service one may have been written and billed."""
    said = said_in(body)
    if status < 400 or maybe_done(status, said):
        return OutcomeUnknown(f"a batch has no answer for a question (HTTP {status})", request_id=request_id)
    return from_status(status, said, request_id=request_id, to_a_list=True)


def _view(batch: Json) -> BatchView:
    counts = batch.get("request_counts")
    answered = counts.get("completed") if isinstance(counts, dict) else 0
    errors = batch.get("errors")
    listed = errors.get("data") if isinstance(errors, dict) else None
    told = [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    codes = [item["code"] for item in told if isinstance(item.get("code"), str)]
    files = (batch.get("output_file_id"), batch.get("error_file_id"))
    return BatchView(
        remote_id=str(batch["id"]),
        over=batch.get("status") in _OVER,
        refused=batch.get("status") == "failed",
        answered=answered if isinstance(answered, int) else 0,
        files=tuple(file for file in files if isinstance(file, str) and file),
        failed_lines=tuple(item["line"] for item in told if isinstance(item.get("line"), int)),
        error_code=codes[0][:64] if codes else None,
    )
