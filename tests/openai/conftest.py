"""A running stub of the service, with clients whose clock and sleep are ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from autod.extract.openai.client import ResponsesAPIClient
from tests.openai.stub import KEY, Stub, serving


@dataclass
class Service:
    """The stub with a clock that only moves when somebody sleeps."""

    stub: Stub
    url: str
    slept: list[float] = field(default_factory=list)
    moment: float = 1000.0
    clients: list[ResponsesAPIClient] = field(default_factory=list)

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
            "jitter": lambda: 1.0,
        }
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
