"""The daemon's port: only for those it is meant for, and no caller can harm the daemon."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autod.errors import ConfigurationError
from autod.health import Report
from autod.health.daemon import DaemonReport
from autod.logs import configure_logging
from autod.monitoring import port as module
from autod.monitoring.pages import application
from autod.monitoring.port import listening, require_token

TOKEN = "a-token-of-some-length"


class Still:
    """A daemon that is well."""

    def daemon_report(self) -> DaemonReport:
        return DaemonReport("i", 1, "1", 1.0, False, 0, [], None, False)

    def report(self) -> Report | None:
        return None

    def hindrances(self) -> list[str]:
        return []

    def metrics(self) -> bytes:
        return b"autod_alive 1\n"


@pytest.fixture
def opened() -> Iterator[int]:
    with listening(application(Still(), None), "127.0.0.1", 0) as number:
        assert number is not None
        yield number


def ask(port: int, path: str = "/health/live", method: str = "GET", **headers: str) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def test_the_pages_answer(opened: int) -> None:
    status, text = ask(opened)
    assert (status, json.loads(text)["alive"]) == (200, True)
    assert ask(opened, "/health/ready") == (200, '{"ready":true,"hindrances":[]}')
    assert ask(opened, "/metrics") == (200, "autod_alive 1\n")
    assert ask(opened, "/health")[0] == 503
    assert ask(opened, "/../etc/passwd")[0] == 404
    assert ask(opened, "/metrics", "POST")[0] == 405


def test_a_web_page_that_points_its_name_at_this_machine_is_not_answered(opened: int) -> None:
    assert ask(opened, "/metrics", Host="evil.example:8737")[0] == 421
    assert ask(opened, "/metrics", Host="")[0] == 421
    assert ask(opened, "/metrics", Host="LOCALHOST")[0] == 200
    assert ask(opened, "/metrics", Host="[::1]:8737")[0] == 200


def test_with_a_token_only_who_shows_it_is_answered() -> None:
    with listening(application(Still(), TOKEN), "127.0.0.1", 0) as number:
        assert number is not None
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            assert ask(number, "/metrics", **wrong)[0] == 401
        right = {"Authorization": f"Bearer {TOKEN}", "Host": "nas.example"}
        assert ask(number, "/metrics", **right)[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "nas.example"])  # noqa: S104 - refused
def test_listening_beyond_this_machine_needs_a_token(host: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        require_token(host, None)
    assert refused.value.code == "monitor_token_missing"
    require_token(host, TOKEN)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_listening_on_this_machine_needs_none(host: str) -> None:
    require_token(host, None)


def test_a_busy_port_is_logged_and_stops_nothing(opened: int, tmp_path: Path) -> None:
    configure_logging(tmp_path / "log", "INFO", 1, 1)
    with listening(application(Still(), None), "127.0.0.1", opened) as number:
        assert number is None
    record = json.loads((tmp_path / "log").read_text().splitlines()[-1])
    assert (record["error"], record["level"]) == ("monitor_port_unavailable", "ERROR")
    assert "PAPER_AUTOPILOT_MONITOR_PORT" in record["next_step"]
    assert ask(opened)[0] == 200


def test_silent_callers_are_cut_off_and_others_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CONNECTION_SECONDS", 0.2)
    with listening(application(Still(), None), "127.0.0.1", 0) as number:
        assert number is not None
        silent = [socket.create_connection(("127.0.0.1", number), timeout=10) for _ in range(8)]
        for one in silent:
            one.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        assert ask(number)[0] == 200
        for one in silent:
            with closing(one), pytest.raises((ConnectionError, EOFError)):
                if not one.recv(1):
                    raise EOFError


def test_more_callers_than_places_are_refused_and_the_next_is_served(opened: int) -> None:
    crowd = [socket.create_connection(("127.0.0.1", opened), timeout=10) for _ in range(50)]
    last = crowd[-1]
    with pytest.raises((ConnectionError, EOFError)):
        if not last.recv(1):
            raise EOFError
    for one in crowd:
        one.close()
    answers = (ask(opened)[0] for _ in range(100))
    assert next(status for status in answers if status == 200)


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00\x01", b"GET " + b"a" * 200_000, b"\r\n\r\n\x00" * 50]
)
def test_noise_does_no_harm(opened: int, noise: bytes) -> None:
    one = socket.create_connection(("127.0.0.1", opened), timeout=10)
    with closing(one), contextlib.suppress(OSError):  # the port may hang up in the middle of it
        one.sendall(noise)
        one.shutdown(socket.SHUT_WR)
        while one.recv(4096):
            pass
    assert ask(opened)[0] == 200
