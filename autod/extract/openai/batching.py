"""The Batch API: half price, within a day, in any order. Each method is one durable step.

A backlog is idempotent: its name is made from what is in it, so a batch that was submitted before a crash is
found again instead of being paid for twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autod.errors import Retry
from autod.extract.openai.addresses import path_of
from autod.extract.openai.answer import Answer, read_response
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.errors import NOT_FOUND, OpenAIError, RequestRefused
from autod.extract.openai.prices import BATCH

Json = dict[str, Any]

MOST_REQUESTS = 50_000
MOST_BYTES = 190_000_000
KEEP_SECONDS = 7 * 24 * 3600
LABEL = "paper_autopilot"
_PAGE = 100
_MOST_PAGES = 20
_LOOK_AGAIN_SECONDS = 2.0
_NEVER_RAN = ("failed", "cancelled")


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One question of a batch; ``custom_id`` is the document's hash and the part."""

    custom_id: str
    question: Path


@dataclass(frozen=True, slots=True)
class BatchState:
    """Where a batch stands, in the service's own word."""

    status: str
    done: bool


class Batches:
    """Submits, watches and collects batches."""

    def __init__(self, client: ResponsesAPIClient, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client = client
        self._sleep = sleep

    def submit(self, items: Sequence[BatchItem]) -> str:
        """The id of a batch with these questions: a known one, or a new one.

        Raises:
            OpenAIError: nothing was submitted, or it will be found by the next call.
        """
        label = label_of(items)
        known = self._find(label)
        if known is not None:
            return known
        lines = b"".join(self._line(item) for item in items)
        file = self._upload(f"{label}.jsonl", lines, "application/jsonl", "batch")
        body = {
            "input_file_id": file,
            "endpoint": "/v1/responses",
            "completion_window": "24h",
            "metadata": {LABEL: label},
        }
        try:
            return str(self._client.send("POST", "/batches", body=body, retries=False).data["id"])
        except OpenAIError as error:
            if error.retry is not Retry.LATER:
                raise
            self._sleep(_LOOK_AGAIN_SECONDS)
            known = self._find(label)
            if known is None:
                raise
            return known

    def state(self, batch_id: str) -> BatchState:
        """How far a batch is."""
        status = str(self._client.send("GET", path_of("batches", batch_id)).data["status"])
        return BatchState(status, status in ("completed", "expired", *_NEVER_RAN))

    def collect(self, batch_id: str) -> dict[str, Answer]:
        """The answers of a finished batch by custom id; what is missing was not done and not charged."""
        batch = self._client.send("GET", path_of("batches", batch_id)).data
        output = batch.get("output_file_id")
        if not isinstance(output, str):
            return {}
        content = self._client.fetch(path_of("files", output, "content"))
        return dict(_answers(content.decode("utf-8", "replace").splitlines()))

    def forget(self, batch_id: str) -> None:
        """Delete the files of a collected batch; the service keeps its own record of the batch."""
        batch = self._client.send("GET", path_of("batches", batch_id)).data
        asked = batch.get("input_file_id")
        for file in self._files_in(asked) if isinstance(asked, str) else ():
            self._delete(file)
        for name in ("input_file_id", "output_file_id", "error_file_id"):
            if isinstance(batch.get(name), str):
                self._delete(batch[name])

    def _find(self, label: str) -> str | None:
        params: Json = {"limit": _PAGE}
        for _ in range(_MOST_PAGES):
            page = self._client.send("GET", "/batches", params=params).data
            for batch in page["data"]:
                if (batch.get("metadata") or {}).get(LABEL) == label and batch["status"] not in _NEVER_RAN:
                    return str(batch["id"])
            if not page.get("has_more") or not page["data"]:
                return None
            params = {**params, "after": page["data"][-1]["id"]}
        return None

    def _line(self, item: BatchItem) -> bytes:
        body: Json = json.loads(item.question.read_text(encoding="utf-8"))
        for name in ("background", "service_tier", "conversation"):
            body.pop(name, None)
        body["store"] = False
        for part in body["input"][-1]["content"]:
            if part["type"] == "input_file":
                pdf = base64.b64decode(part.pop("file_data").partition(",")[2])
                del part["filename"]
                name = f"{hashlib.sha256(pdf).hexdigest()}.pdf"
                part["file_id"] = self._upload(name, pdf, "application/pdf", self._purpose)
        request = {"custom_id": item.custom_id, "method": "POST", "url": "/v1/responses", "body": body}
        return json.dumps(request, ensure_ascii=False).encode() + b"\n"

    @property
    def _purpose(self) -> str:
        return "assistants" if self._client.is_azure else "user_data"

    def _upload(self, name: str, content: bytes, kind: str, purpose: str) -> str:
        """A lost upload may leave a file behind that nobody uses: it expires by itself."""
        body: Mapping[str, Any] = {
            "purpose": purpose,
            "expires_after": {"anchor": "created_at", "seconds": KEEP_SECONDS},
        }
        upload = (name, content, kind)
        made = self._client.send("POST", "/files", body=body, upload=upload, repeatable=True)
        return str(made.data["id"])

    def _files_in(self, file: str) -> Iterator[str]:
        try:
            content = self._client.fetch(path_of("files", file, "content"))
        except RequestRefused as refusal:
            if refusal.code != NOT_FOUND:
                raise
            return
        for line in content.decode("utf-8", "replace").splitlines():
            for part in json.loads(line)["body"]["input"][-1]["content"]:
                if part.get("file_id"):
                    yield str(part["file_id"])

    def _delete(self, file: str) -> None:
        try:
            self._client.send("DELETE", path_of("files", file))
        except RequestRefused as refusal:
            if refusal.code != NOT_FOUND:
                raise


def label_of(items: Sequence[BatchItem]) -> str:
    """A name for a set of questions: the same set, in any order, has the same one."""
    names = "\n".join(sorted(item.custom_id for item in items))
    return hashlib.sha256(names.encode()).hexdigest()[:32]


def in_batches(items: Sequence[BatchItem], most_bytes: int = MOST_BYTES) -> Iterator[list[BatchItem]]:
    """``items`` in runs that the service takes at once."""
    run: list[BatchItem] = []
    size = 0
    for item in items:
        weight = item.question.stat().st_size + 200
        if run and (len(run) == MOST_REQUESTS or size + weight > most_bytes):
            yield run
            run, size = [], 0
        run.append(item)
        size += weight
    if run:
        yield run


def _answers(lines: Sequence[str]) -> Iterator[tuple[str, Answer]]:
    for line in lines:
        entry = json.loads(line)
        response = entry.get("response")
        if isinstance(response, dict) and response.get("status_code") == 200:
            answer = read_response({**response["body"], "service_tier": BATCH}, response.get("request_id"))
            yield str(entry["custom_id"]), answer
