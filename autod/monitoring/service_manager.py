"""Talking to systemd: ready, stopping, how it goes, and the watchdog; to nobody where there is none."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Mapping


class ServiceManager:
    """The one who started us, by what it left in the environment: ``NOTIFY_SOCKET`` and ``WATCHDOG_…``."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        microseconds = environment.get("WATCHDOG_USEC", "")
        meant = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_seconds = int(microseconds) / 1e6 if meant and microseconds.isdigit() else None
        """Without a sign of life for so long we are restarted; None when nobody watches."""

    def tell(self, *lines: str) -> None:
        """Send ``READY=1`` and the like; a service manager that does not listen does not matter."""
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(1)
            out.sendto("\n".join(lines).encode(), self._address)


class Feeder:
    """Tells the watchdog that we are alive, as long as ``moving`` says that work moves."""

    def __init__(
        self, manager: ServiceManager, moving: Callable[[], bool], status: Callable[[], str]
    ) -> None:
        self._manager = manager
        self._moving = moving
        self._status = status

    @property
    def every_seconds(self) -> float:
        """Often enough for the watchdog to miss one."""
        return min(15.0, (self._manager.watchdog_seconds or 60.0) / 3)

    def feed(self) -> None:
        """One sign of life, if there is life."""
        lines = [f"STATUS={self._status()}"]
        if self._moving():
            lines.append("WATCHDOG=1")
        self._manager.tell(*lines)
