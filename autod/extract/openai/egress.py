"""Which requests carry content out of this machine, and where the service keeps it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from typing import Any, BinaryIO

from autod.domain.privacy import Sending, Share

ANSWERED = "answered"
"""The outcome of a request that was answered as it should."""

_WITHOUT_CONTENT = re.compile(r"/vector_stores|/batches(/[^/]+/cancel)?|/responses/[^/]+/cancel")
_CLAIM = "/conversations"
_KEPT_FILES = re.compile(r"/files|/vector_stores/[^/]+/files")


def sending_of(
    host: str,
    path: str,
    body: Mapping[str, object],
    upload: tuple[str, bytes | BinaryIO, str] | None,
    shares: tuple[Share, ...],
) -> Sending | None:
    """What a ``POST`` takes with it; None for the few that are known to carry nothing of a document."""
    empty = path == _CLAIM and not body.get("items")
    if not shares and upload is None and (empty or _WITHOUT_CONTENT.fullmatch(path)):
        return None
    size = _size(upload[1]) if upload is not None else len(json.dumps(body, ensure_ascii=False).encode())
    return Sending(host, size, _is_kept(path, body), shares, kept_at(path, body, None))


def _size(content: bytes | BinaryIO) -> int:
    return len(content) if isinstance(content, bytes) else os.fstat(content.fileno()).st_size


def kept_at(path: str, body: Mapping[str, object], identifier: Any) -> str | None:
    """The path under which the service keeps what was sent, None when it keeps nothing."""
    if not _is_kept(path, body):
        return None
    if path == "/responses" and isinstance(body.get("conversation"), str):
        return f"{_CLAIM}/{body['conversation']}"
    return f"{path}/{identifier}" if isinstance(identifier, str) else None


def _is_kept(path: str, body: Mapping[str, object]) -> bool:
    if path == "/responses":
        return body.get("store") is not False
    return _KEPT_FILES.fullmatch(path) is not None
