"""A running stub of the service, with clients whose clock and sleep are ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from tenacity import nap

from autod.domain.privacy import Purpose, Sending, SentForm, Share
from autod.extract.openai.client import ResponsesAPIClient
from tests.openai.stub import KEY, Stub, serving

INVOICE_SHARE = Share(Purpose.READ, SentForm.TEXT, "a" * 64, 1)


@dataclass
class OpenDoor:
    """Lets everything out and remembers it."""

    sendings: list[Sending] = field(default_factory=list)
    outcomes: list[tuple[str, str | None]] = field(default_factory=list)
    gone: list[tuple[str, str]] = field(default_factory=list)

    def before(self, sending: Sending) -> list[int]:
        self.sendings.append(sending)
        return [len(self.sendings)]

    def after(self, notes: list[int], outcome: str, kept_at: str | None, *, arrived: bool = True) -> None:
        self.outcomes.append((outcome, kept_at))

    def deleted(self, host: str, path: str) -> None:
        self.gone.append((host, path))


@dataclass
class Service:
    """The stub with a clock that only moves when somebody sleeps."""

    stub: Stub
    url: str
    slept: list[float] = field(default_factory=list)
    moment: float = 1000.0
    clients: list[ResponsesAPIClient] = field(default_factory=list)
    egress: OpenDoor = field(default_factory=OpenDoor)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.moment += seconds
        self.stub.now += seconds

    def clock(self) -> float:
        return self.moment

    def client(self, key: str = KEY, **options: Any) -> ResponsesAPIClient:
        standard: dict[str, Any] = {
            "base_url": self.url,
            "timeout_seconds": 5.0,
            "sleep": self.sleep,
            "clock": self.clock,
            "egress": self.egress,
        }
        nap.time = SimpleNamespace(sleep=self.sleep)  # what retries sleep with; see tests/conftest.py
        client = ResponsesAPIClient(key, **{**standard, **options})
        self.clients.append(client)
        return client


@pytest.fixture
def service() -> Iterator[Service]:
    """The service; the test fails when an exchange contradicted the description."""
    with serving() as (stub, url):
        running = Service(stub, url)
        yield running
        for client in running.clients:
            client.close()
        assert stub.violations == []
