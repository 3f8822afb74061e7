"""What the daemon's port answers: health for people and machines, metrics for Prometheus."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from autod.health import Report
from autod.health.daemon import LIVE_PATH, DaemonReport
from autod.masking import unhidden, unhidden_data
from autod.monitoring.exposition import CONTENT_TYPE

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class Watched(Protocol):
    """The daemon, as its pages see it. All methods are safe in any thread."""

    def daemon_report(self) -> DaemonReport: ...

    def report(self) -> Report | None:
        """The last look at everything; None before the first."""

    def hindrances(self) -> list[str]:
        """Why no new work can be taken; empty when it can."""

    def metrics(self) -> bytes:
        """May ask the database."""


def application(watched: Watched, token: str | None) -> ASGIApp:
    """The pages. With ``token`` every caller must show it; without, only this machine is answered."""

    async def live(_: Request) -> Response:
        said = watched.daemon_report()
        return _json({"alive": said.alive, "daemon": said.to_dict()}, said.alive)

    async def ready(_: Request) -> Response:
        hindrances = watched.hindrances()
        return _json({"ready": not hindrances, "hindrances": hindrances}, not hindrances)

    async def health(_: Request) -> Response:
        report = watched.report()
        if report is None:
            return _json({"healthy": None, "checks": {}}, False)
        return _json(report.to_dict(), report.healthy)

    async def metrics(_: Request) -> Response:
        text = (await asyncio.to_thread(watched.metrics)).decode("utf-8")
        return Response(unhidden(text), media_type=CONTENT_TYPE)

    routes = {LIVE_PATH: live, "/health/ready": ready, "/health": health, "/metrics": metrics}
    pages = Starlette(routes=[Route(path, page, methods=["GET"]) for path, page in routes.items()])
    return _Doorkeeper(pages, token)


def _json(content: Mapping[str, object], well: bool) -> Response:
    return JSONResponse(unhidden_data(content), 200 if well else 503, headers={"Cache-Control": "no-store"})


class _Doorkeeper:
    """Lets in who has the token; without one, who calls this machine by a name of this machine.

    The name matters because a web page may point a name of its own at 127.0.0.1 and read the answer.
    """

    def __init__(self, inner: ASGIApp, token: str | None) -> None:
        self._inner = inner
        self._wanted = None if token is None else f"Bearer {token}".encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        refused = self._refusal(
            headers.get(b"authorization", b""), headers.get(b"host", b"").decode("latin-1")
        )
        handler: Callable[..., Awaitable[None]] = refused or self._inner
        await handler(scope, receive, send)

    def _refusal(self, authorization: bytes, host: str) -> Response | None:
        if self._wanted is not None:
            if secrets.compare_digest(authorization, self._wanted):
                return None
            return JSONResponse(
                {"error": "a token is needed"}, 401, headers={"WWW-Authenticate": 'Bearer realm="autod"'}
            )
        name, _, port = host.rpartition(":")
        if (name if port.isdigit() and name else host).lower() not in LOCAL_NAMES:
            return JSONResponse({"error": "call this machine by its own name: localhost"}, 421)
        return None
