"""A loopback HTTP server that behaves as the OpenAI API does, in fair weather and in foul.

``script`` holds what the next requests shall meet; ``billed`` is what the service would charge for, whether
or not the answer arrived. Every exchange is checked against the description; ``violations`` must stay empty.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.openai import description
from tests.openai.stub_batches import BatchHall
from tests.openai.stub_files import KeptFiles
from tests.openai.stub_responses import ResponseDesk

KEY = "sk-stub-0123456789abcdef"
Json = dict[str, Any]


@dataclass
class Trouble:
    """What one coming request meets.

    ``status`` answers with an error, ``worked`` after the work was done and billed all the same. ``drop``
    closes the connection ``before`` or ``after`` the work is done, or ``inside`` the answer. ``spoilt`` lets
    something else arrive than the answer, one of ``SPOILT``; ``raw`` is that something, byte for byte.
    """

    method: str = "POST"
    path: str = "/responses"
    status: int | None = None
    code: str | None = None
    kind: str = "server_error"
    param: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: str | None = None
    raw: bytes | None = None
    worked: bool = False
    spoilt: str | None = None
    media_type: str = "application/json"


PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please accept our terms</body></html>"
SPOILT: dict[str, Callable[[bytes], tuple[bytes, str]]] = {
    "cut": lambda raw: (raw[: len(raw) // 2], "application/json"),
    "cut early": lambda raw: (raw[:20], "application/json"),
    "empty": lambda raw: (b"", "application/json"),
    "page": lambda raw: (PAGE, "text/html; charset=utf-8"),
    "page called json": lambda raw: (PAGE, "application/json"),
    "list": lambda raw: (b"[1, 2, 3]", "application/json"),
    "foreign object": lambda raw: (b'{"status": "ok", "hello": "world"}', "application/json"),
    "empty object": lambda raw: (b"{}", "application/json"),
    "deep": lambda raw: (b"[" * 100_000, "application/json"),
    "no text": lambda raw: (b"\xff\xfe\x00\x80", "application/octet-stream"),
}
"""What may arrive in place of an answer: its bytes, and what they are called."""

RATE_LIMITED = {"status": 429, "code": "rate_limit_exceeded", "kind": "requests"}
TOKENS_LIMITED = {"status": 429, "code": "rate_limit_exceeded", "kind": "tokens"}
NO_QUOTA = {"status": 429, "code": "insufficient_quota", "kind": "insufficient_quota"}
NO_FLEX = {"status": 429, "code": "resource_unavailable", "kind": "resource_unavailable"}


class Refused(Exception):
    """The service says no."""

    def __init__(self, status: int, code: str | None, param: str | None = None) -> None:
        self.status, self.code, self.param = status, code, param


class Stub:
    """The service: its shelves, its clock, its books."""

    def __init__(self) -> None:
        self.url = ""
        self.now = 1_795_000_000.0
        self.key = KEY
        self.lock = threading.RLock()
        self.script: list[Trouble] = []
        self.requests: list[tuple[str, str, Any]] = []
        self.violations: list[str] = []
        self.connections = 0
        self.latency = 0.0
        self.work_seconds = 0.0
        self.requests_per_minute: int | None = None
        self._window: list[float] = []
        self.ended_models: set[str] = set()
        self.models: list[Json] = [
            {"id": "gpt-6-luna", "object": "model", "created": 1790000000, "owned_by": "openai"},
            {
                "id": "gpt-5-mini",
                "object": "model",
                "created": 1754000000,
                "owned_by": "openai",
                "shutdown_date": "2026-12-11",
            },
        ]
        self.chat: Json | list[Json] | None = None
        self.takes_no_schema = False
        self.desk = ResponseDesk(self)
        self.kept_files = KeptFiles(self)
        self.hall = BatchHall(self)

    @property
    def billed(self) -> list[Json]:
        return self.desk.billed

    def meet(self, *troubles: Trouble) -> None:
        """Let the next matching requests meet these troubles, in order."""
        self.script.extend(troubles)

    def asked(self, method: str, path: str) -> list[Any]:
        """The bodies of the requests made so far to one path."""
        return [body for m, p, body in self.requests if (m, p) == (method, path)]

    def trouble_for(self, method: str, path: str) -> Trouble | None:
        for trouble in self.script:
            if trouble.method == method and path.startswith(trouble.path):
                self.script.remove(trouble)
                return trouble
        return None

    def limit_headers(self, method: str, path: str) -> tuple[dict[str, str], bool]:
        """The rate-limit headers, and whether this request is over the limit; only paid ones count."""
        limit = self.requests_per_minute or 10_000
        if (method, path) == ("POST", "/responses") and self.requests_per_minute:
            now = time.monotonic()
            self._window = [at for at in self._window if now - at < 60.0]
            if len(self._window) >= limit:
                reset = 60.0 - (now - self._window[0])
                return {"retry-after-ms": f"{reset * 1000:.0f}", **self._shown(limit, 0, reset)}, True
            self._window.append(now)
        reset = 60.0 - (time.monotonic() - self._window[0]) if self._window else 0.0
        return self._shown(limit, limit - len(self._window), reset), False

    def _shown(self, limit: int, remaining: int, reset: float) -> dict[str, str]:
        return {
            "x-ratelimit-limit-requests": str(limit),
            "x-ratelimit-remaining-requests": str(remaining),
            "x-ratelimit-reset-requests": f"{reset:.3f}s",
            "x-ratelimit-limit-tokens": "2000000",
            "x-ratelimit-remaining-tokens": "1999000",
            "x-ratelimit-reset-tokens": "30ms",
        }

    def route(self, method: str, path: str, body: Any, params: dict[str, str]) -> Json | str:
        parts = path.strip("/").split("/")
        if parts == ["models"]:
            return {"object": "list", "data": self.models}
        if parts[0] in ("responses", "conversations"):
            return self.desk.route(method, parts, body, params)
        if parts == ["chat", "completions"] and self.chat is not None:
            if "response_format" in body and self.takes_no_schema:
                raise Refused(400, "unsupported_response_format", "response_format")
            if isinstance(self.chat, list):
                answer: Json = self.chat.pop(0) if len(self.chat) > 1 else self.chat[0]
                return answer
            return self.chat
        if parts[0] == "batches":
            return self.hall.route(method, parts, body, params)
        if parts[0] in ("files", "vector_stores"):
            return self.kept_files.route(method, parts, body, params)
        raise Refused(404, "unknown_url")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.server.stub.lock:
            self.server.stub.connections += 1

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_DELETE(self) -> None:
        self._serve("DELETE")

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent."""

    def _serve(self, method: str) -> None:
        stub = self.server.stub
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/v1")
        length = int(self.headers.get("content-length") or 0)
        media_type = (self.headers.get("content-type") or "").partition(";")[0]
        body = _parsed(self.rfile.read(length), self.headers.get("content-type") or "") if length else None
        with stub.lock:
            stub.requests.append((method, path, body))
            trouble = stub.trouble_for(method, path)
            headers, over = stub.limit_headers(method, path)
        if stub.latency:
            time.sleep(stub.latency)
        if trouble is not None and trouble.drop == "before":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        status, answer = self._answer(stub, method, path, body, dict(parse_qsl(parts.query)), trouble, over)
        if (method, path, status) == ("POST", "/responses", 200) and _is_done(answer):
            time.sleep(stub.work_seconds)
        if trouble is not None:
            headers |= trouble.headers
        other_server = stub.chat is not None
        raw_answer = trouble is not None and trouble.raw is not None
        if description.present() and not other_server and not raw_answer:
            plain = {k: v for k, v in body.items() if k != "_filename"} if isinstance(body, dict) else body
            found = description.violations(method, path, plain, media_type, status, answer)
            with stub.lock:
                stub.violations += found
        if trouble is not None and trouble.drop == "after":
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        raw = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        media = "application/json"
        if trouble is not None and trouble.raw is not None:
            raw, media = trouble.raw, trouble.media_type
        if trouble is not None and trouble.spoilt is not None:
            raw, media = SPOILT[trouble.spoilt](raw)
        self.send_response(status)
        with stub.lock:
            self.send_header("x-request-id", f"req_{len(stub.requests)}")
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-type", media)
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        if trouble is not None and trouble.drop == "inside":
            self.wfile.write(raw[: len(raw) // 2])
            self.wfile.flush()
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.wfile.write(raw)

    def _answer(
        self,
        stub: Stub,
        method: str,
        path: str,
        body: Any,
        params: dict[str, str],
        trouble: Trouble | None,
        over: bool,
    ) -> tuple[int, Json | str]:
        if self.headers.get("authorization") != f"Bearer {stub.key}":
            return 401, _error("invalid_api_key", "invalid_request_error")
        if trouble is not None and trouble.status is not None:
            if trouble.worked:
                with stub.lock:
                    stub.route(method, path, body, params)
            return trouble.status, _error(trouble.code, trouble.kind, trouble.param)
        if over:
            return 429, _error("rate_limit_exceeded", "requests")
        try:
            with stub.lock:
                return 200, stub.route(method, path, body, params)
        except Refused as refusal:
            return refusal.status, _error(refusal.code, "invalid_request_error", refusal.param)


def _is_done(answer: Json | str) -> bool:
    return isinstance(answer, dict) and answer["status"] != "queued"


def _error(code: str | None, kind: str, param: str | None = None) -> Json:
    return {
        "error": {"message": "what you sent was not to my taste", "type": kind, "param": param, "code": code}
    }


def _parsed(raw: bytes, content_type: str) -> Any:
    if content_type.startswith("application/json"):
        return json.loads(raw)
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + raw
    )
    fields: Json = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        content = part.get_payload(decode=True)
        if part.get_filename():
            fields[name] = content.decode("latin-1")
            fields.setdefault("_filename", part.get_filename())
        else:
            outer, _, inner = name.partition("[")
            text = content.decode()
            if inner:
                fields.setdefault(outer, {})[inner.rstrip("]")] = int(text) if text.isdigit() else text
            else:
                fields[name] = text
    return fields


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stub: Stub) -> None:
        self.stub = stub
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is none of our business."""


@contextmanager
def serving(prepare: Callable[[Stub], None] | None = None) -> Iterator[tuple[Stub, str]]:
    """A running stub and its base URL."""
    stub = Stub()
    if prepare is not None:
        prepare(stub)
    server = _Server(stub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        stub.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        yield stub, stub.url
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
