"""What a daemon says of itself, and how another process asks it."""

from __future__ import annotations

import hashlib
import http.client
import json
from dataclasses import asdict, dataclass

from autod.config import Settings

LIVE_PATH = "/health/live"
ASK_SECONDS = 3.0
MOST_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class DaemonReport:
    """The inside of a running daemon.

    Args:
        instance: see ``instance_of``.
        up_seconds: since it was started.
        loop_overdue: the inbox loop should have come round and did not.
        in_work: documents that are worked on.
        overdue_steps: steps that run longer than they can, by name.
        circuit: state of the circuit breaker to the remote reader; None without one.
        stopping: it finishes what is in work and takes nothing new.
        waits_for: code of what all work waits for, the database's file or a folder; None while it goes on.
        waiting: the same in words, and what to do about it.
        stalled: work waits, and its engine hands nothing out.
        held_open: files that have waited for a while for the program that has them open for writing.
    """

    instance: str
    pid: int
    version: str
    up_seconds: float
    loop_overdue: bool
    in_work: int
    overdue_steps: list[str]
    circuit: str | None
    stopping: bool
    waits_for: str | None = None
    waiting: tuple[str, str] = ("", "")
    stalled: bool = False
    held_open: int = 0

    @property
    def alive(self) -> bool:
        """Whether work moves."""
        return not self.loop_overdue and not self.overdue_steps and not self.stalled

    def to_dict(self) -> dict[str, object]:
        return asdict(self)


def instance_of(settings: Settings) -> str:
    """Tells daemons of different archives on one machine apart, without telling the folder's name."""
    return hashlib.sha256(str(settings.work_dir.absolute()).encode()).hexdigest()[:12]


def ask_daemon(settings: Settings) -> DaemonReport | None:
    """What the daemon of these settings on this machine says of itself; None when it cannot be asked."""
    if not settings.monitor_port:
        return None
    headers = {}
    if settings.monitor_token is not None:
        headers["Authorization"] = f"Bearer {settings.monitor_token.get_secret_value()}"
    connection = http.client.HTTPConnection(
        _reachable(settings.monitor_host), settings.monitor_port, timeout=ASK_SECONDS
    )
    try:
        connection.request("GET", LIVE_PATH, headers=headers)
        answer = json.loads(connection.getresponse().read(MOST_BYTES))
        report = DaemonReport(**answer["daemon"])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()
    return report if report.instance == instance_of(settings) else None


def _reachable(host: str) -> str:
    """An address to call for one to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not listened on
