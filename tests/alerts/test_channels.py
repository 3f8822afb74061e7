"""Messages arrive by command, mail and webhook; a channel that fails says so and harms nobody."""

from __future__ import annotations

import json
import socketserver
import ssl
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from autod.alerts import channels
from autod.alerts.channels import (
    ChannelFailed,
    CommandChannel,
    LogChannel,
    MailChannel,
    MailServer,
    WebhookChannel,
)
from autod.alerts.delivery import MOST_TRIES, Delivery
from autod.alerts.hysteresis import Notice
from autod.alerts.message import Message, message_of, trial
from autod.alerts.rules import AlertName, Verdict
from autod.errors import ConfigurationError
from autod.logs import configure_logging
from tests.alerts.certificates import certificate

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DOWN = message_of(
    Verdict(AlertName.DATABASE_DOWN, True, "The database is down: FAILED (unreachable)"),
    Notice.RAISED,
    "nas",
    NOW,
)


def test_a_command_gets_the_message_as_json_and_none_of_our_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("PAPER_AUTOPILOT_MONITOR_TOKEN", "secret")
    program = (
        "import json, os, sys\n"
        "told = [json.load(sys.stdin), dict(os.environ), sys.argv[2]]\n"
        "json.dump(told, open(sys.argv[1], 'w'))"
    )
    out = tmp_path / "out.json"
    CommandChannel([sys.executable, "-c", program, str(out), "$(touch x); a b"]).send(DOWN)
    told, environment, argument = json.loads(out.read_text())
    assert told == {
        "alert": "database_down",
        "severity": "P0",
        "status": "raised",
        "summary": "The database is down: FAILED (unreachable)",
        "next_step": DOWN.next_step,
        "host": "nas",
        "at": "2026-11-24T12:00:00+00:00",
        "text": f"{DOWN.subject}\n{DOWN.text}",
    }
    assert argument == "$(touch x); a b"
    assert not [name for name in environment if name.startswith(("OPENAI", "PAPER"))]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/does/not/exist"], "cannot be started"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "exit code 3"),
        ([sys.executable, "-c", "import time; time.sleep(60)"], "did not end"),
    ],
)
def test_a_command_that_fails_or_hangs_says_so(
    command: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "SECONDS", 0.5)
    with pytest.raises(ChannelFailed, match=words):
        CommandChannel(command).send(DOWN)


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; ``status`` is what it answers."""

    status = 200
    posted: list[dict[str, str]]

    def do_POST(self) -> None:
        self.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def hook(status: int = 200) -> Iterator[tuple[str, list[dict[str, str]]]]:
    posted: list[dict[str, str]] = []
    handler = type("H", (Hook,), {"status": status, "posted": posted})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook?token=hidden", posted
        server.shutdown()


def test_a_webhook_gets_the_message_as_json() -> None:
    with hook() as (url, posted):
        WebhookChannel(url).send(DOWN)
    assert posted == [DOWN.to_dict()]


@pytest.mark.parametrize("status", [500, 404, 302])
def test_a_webhook_that_refuses_says_so_without_its_address(status: int) -> None:
    with hook(status) as (url, posted), pytest.raises(ChannelFailed) as failed:
        WebhookChannel(url).send(DOWN)
    assert str(status) in failed.value.message
    assert "hidden" not in failed.value.message + repr(WebhookChannel(url))
    assert len(posted) == 1


def test_a_webhook_that_is_not_there_says_so() -> None:
    with pytest.raises(ChannelFailed, match="cannot be reached"):
        WebhookChannel("http://127.0.0.1:9/hook").send(DOWN)


class Postman(socketserver.StreamRequestHandler):
    """A mail server, as far as one mail needs it; ``server`` says whether it encrypts and whom it trusts."""

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        letter_box: MailStub = self.server  # type: ignore[assignment]
        self.say("220 stub")
        secure = letter_box.implicit
        while line := self.rfile.readline().decode().strip():
            letter_box.heard.append(line)
            verb = line.split()[0].upper()
            if verb == "EHLO":
                self.say("250-stub")
                if letter_box.context and not secure:
                    self.say("250-STARTTLS")
                self.say("250 AUTH PLAIN")
            elif verb == "STARTTLS":
                self.say("220 go")
                assert letter_box.context is not None
                self.request = letter_box.context.wrap_socket(self.request, server_side=True)
                self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", 0)
                secure = True
            elif verb == "AUTH":
                self.say("235 ok" if letter_box.trusts else "535 no")
            elif verb == "DATA":
                self.say("354 go")
                lines = iter(lambda: self.rfile.readline().decode().rstrip("\r\n"), ".")
                letter_box.mails.append("\n".join(lines))
                letter_box.secure.append(secure)
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class MailStub(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(
        self, context: ssl.SSLContext | None, *, implicit: bool = False, trusts: bool = True
    ) -> None:
        super().__init__(("127.0.0.1", 0), Postman)
        self.context, self.implicit, self.trusts = context, implicit, trusts
        self.heard: list[str] = []
        self.mails: list[str] = []
        self.secure: list[bool] = []
        if implicit and context:
            self.socket = context.wrap_socket(self.socket, server_side=True)

    @property
    def port(self) -> int:
        number: int = self.server_address[1]  # type: ignore[assignment]
        return number

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what some tests are about."""


@contextmanager
def post_office(context: ssl.SSLContext | None, **ways: bool) -> Iterator[MailStub]:
    with MailStub(context, **ways) as stub:
        threading.Thread(target=stub.serve_forever, daemon=True).start()
        yield stub
        stub.shutdown()


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The contexts of a server on 127.0.0.1 and of a client that trusts it."""
    file = certificate(tmp_path_factory.mktemp("tls"))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=str(file))


@pytest.mark.parametrize("implicit", [False, True])
def test_mail_arrives_encrypted(tls: tuple[ssl.SSLContext, ssl.SSLContext], implicit: bool) -> None:
    server, client = tls
    with post_office(server, implicit=implicit) as stub:
        way = MailServer("127.0.0.1", stub.port, implicit, "me", "open sesame")
        MailChannel(way, "autod@example.com", ["a@example.com", "b@example.com"], client).send(DOWN)
    assert stub.secure == [True]
    assert "Subject: [P0] Paper Autopilot: database_down raised on nas" in stub.mails[0]
    assert "The database is down: FAILED (unreachable)." in stub.mails[0]
    # SMTP's words have no letter case (RFC 5321), and Pythons differ in it.
    assert [line.lower() for line in stub.heard if line.lower().startswith("rcpt")] == [
        "rcpt to:<a@example.com>",
        "rcpt to:<b@example.com>",
    ]
    assert "open sesame" not in repr(way)


def test_mail_goes_to_this_machine_as_it_is(tmp_path: Path) -> None:
    with post_office(None) as stub:
        MailChannel(MailServer("127.0.0.1", stub.port, False), "a@example.com", ["b@example.com"]).send(DOWN)
    assert stub.secure == [False]


def test_mail_to_another_machine_needs_encryption(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MailServer, "local", property(lambda _: False))
    with post_office(None) as stub, pytest.raises(ChannelFailed, match="STARTTLS"):
        MailChannel(MailServer("127.0.0.1", stub.port, False), "a@example.com", ["b@example.com"]).send(DOWN)
    assert stub.mails == []


def test_a_server_that_nobody_vouches_for_gets_no_mail(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with post_office(tls[0]) as stub, pytest.raises(ChannelFailed, match="SSLCert"):
        MailChannel(MailServer("127.0.0.1", stub.port, False, "me", "x"), "a@example.com", ["b@x.com"]).send(
            DOWN
        )
    assert not [line for line in stub.heard if line.startswith("AUTH")]


def test_a_wrong_password_is_told_without_it(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, client = tls
    with post_office(server, trusts=False) as stub, pytest.raises(ChannelFailed) as failed:
        way = MailServer("127.0.0.1", stub.port, False, "me", "open sesame")
        MailChannel(way, "a@example.com", ["b@example.com"], client).send(DOWN)
    assert failed.value.message == "the mail server refused: code 535"


def test_mail_servers_are_named_by_urls() -> None:
    assert MailServer.of_url("smtps://me:p%40ss@mail.example") == MailServer(
        "mail.example", 465, True, "me", "p@ss"
    )
    assert MailServer.of_url("smtp://127.0.0.1:25").local
    for wrong in ("http://mail.example", "smtp://", "mail.example:25", "smtp://x:99999"):
        with pytest.raises(ConfigurationError):
            MailServer.of_url(wrong)


def test_the_log_has_a_code_to_group_by(tmp_path: Path) -> None:
    configure_logging(tmp_path / "log", "INFO", 1, 1)
    LogChannel().send(DOWN)
    LogChannel().send(trial("nas", NOW))
    first, second = (json.loads(line) for line in (tmp_path / "log").read_text().splitlines())
    assert (first["level"], first["error"], first["severity"]) == ("ERROR", "alert_database_down", "P0")
    assert (second["level"], second["message"]) == ("INFO", "Alert test")


class Moody:
    """A channel that fails as often as it is told to."""

    name = "moody"

    def __init__(self, failures: int, error: Callable[[], Exception]) -> None:
        self.failures, self.error = failures, error
        self.tries = 0

    def send(self, message: Message) -> None:
        self.tries += 1
        if self.tries <= self.failures:
            raise self.error()


@pytest.mark.parametrize("error", [lambda: ChannelFailed("no"), lambda: RuntimeError("bug")])
def test_a_failing_channel_is_tried_again_and_does_not_keep_the_others(
    error: Callable[[], Exception],
) -> None:
    moody, steady, hopeless = Moody(2, error), Moody(0, error), Moody(99, error)
    delivery = Delivery([hopeless, moody, steady])
    delivery.send(DOWN)
    for _ in range(10):
        delivery.again()
    assert (moody.tries, steady.tries, hopeless.tries) == (3, 1, MOST_TRIES)
