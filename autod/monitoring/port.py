"""The daemon's own port: a small HTTP server in a thread, which no caller can harm the daemon with.

Each connection has one answer and a few seconds to ask for it; only so many are held at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import structlog

from autod.codes import Code
from autod.errors import ConfigurationError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

log = structlog.get_logger("autod.monitoring")

CONNECTION_SECONDS = 15.0
"""Every connection ends after this time, whatever its caller does."""
MOST_CONNECTIONS = 32
TICK_SECONDS = 1.0
"""How often the answers' ``Date`` is set."""
STOP_SECONDS = 5.0


def is_local(host: str) -> bool:
    """Whether nobody beyond this machine reaches it."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_token(host: str, token: str | None) -> None:
    """Refuse to listen beyond this machine for everybody.

    Raises:
        ConfigurationError: code ``monitor_token_missing``.
    """
    if token is None and not is_local(host):
        raise ConfigurationError(
            f"PAPER_AUTOPILOT_MONITOR_HOST={host} listens beyond this machine, and anybody could ask",
            code=Code.MONITOR_TOKEN_MISSING,
            next_step="Set PAPER_AUTOPILOT_MONITOR_TOKEN (16 characters or more), or listen on 127.0.0.1.",
        )


@contextlib.contextmanager
def listening(application: ASGIApp, host: str, port: int) -> Iterator[int | None]:
    """Answer while the block runs; gives the port, None when it cannot be had: that stops nothing else.

    Args:
        port: 0 takes any that is free.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen()
        except OSError:
            bound.close()
            raise
    except OSError as error:
        log.error(
            "The port for health and metrics cannot be opened",
            error=Code.MONITOR_PORT_UNAVAILABLE,
            detail=f"{host}:{port}: {error.strerror}",
            next_step="Set PAPER_AUTOPILOT_MONITOR_PORT to a free port, or 0 for none; then restart.",
        )
        yield None
        return
    server = _server(application)
    thread = threading.Thread(target=_serve, args=(server, bound), name="monitoring port", daemon=True)
    thread.start()
    log.info("Listening for health and metrics", host=host, port=bound.getsockname()[1])
    try:
        yield bound.getsockname()[1]
    finally:
        server.end()
        thread.join(STOP_SECONDS)
        bound.close()


def _serve(server: Any, bound: socket.socket) -> None:
    try:
        asyncio.run(server.serve(sockets=[bound]))
    except Exception:
        log.exception("The port for health and metrics has closed", error=Code.MONITOR_PORT_UNAVAILABLE)


def _server(application: ASGIApp) -> Any:
    import uvicorn

    class Unhurried(uvicorn.Server):
        """Is told to end, instead of looking ten times a second whether it should."""

        async def main_loop(self) -> None:
            self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
            while not await self.on_tick(0):
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._told.wait(), TICK_SECONDS)

        def end(self) -> None:
            self.should_exit = True
            with contextlib.suppress(AttributeError, RuntimeError):  # not begun, or over
                self._loop.call_soon_threadsafe(self._told.set)

    # What strangers send is not worth a line of the log each; what breaks in our own pages is.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)
    return Unhurried(
        uvicorn.Config(
            application,
            http=_protocol(),
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_CONNECTIONS,
            timeout_graceful_shutdown=1,
            h11_max_incomplete_event_size=16_384,
        )
    )


def _protocol() -> Any:
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Brief(H11Protocol):
        """A connection that ends in time, and is not even begun when there are too many."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            if len(self.connections) > MOST_CONNECTIONS:
                transport.abort()
                return
            self._end = self.loop.call_later(CONNECTION_SECONDS, transport.abort)

        def connection_lost(self, exc: Exception | None) -> None:
            if hasattr(self, "_end"):
                self._end.cancel()
            super().connection_lost(exc)

    return Brief
