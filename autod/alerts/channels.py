"""The ways a message goes: log, command, e-mail, webhook, apprise. Each may fail; none may hang."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import logging
import os
import signal
import smtplib
import socket
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import structlog

from autod.alerts.hysteresis import Notice
from autod.alerts.message import Message
from autod.alerts.rules import Severity
from autod.codes import Code
from autod.errors import ConfigurationError, ServiceError

log = structlog.get_logger("autod.alerts")

SECONDS = 20.0
"""How long a command, a mail server or a webhook may take."""
OWN_SETTINGS = ("PAPER_AUTOPILOT_", "OPENAI_", "OTEL_")


class ChannelFailed(ServiceError):
    code = Code.ALERT_CHANNEL_FAILED
    next_step = "Correct the PAPER_AUTOPILOT_ALERT_… settings, then run `autod alerts test`."


class Channel(Protocol):
    """One way to tell people."""

    @property
    def name(self) -> str: ...

    def send(self, message: Message) -> None:
        """Raises:
        ChannelFailed: it did not arrive; the words name no secret.
        """
        ...


class LogChannel:
    """Always there."""

    name = "log"

    def send(self, message: Message) -> None:
        told = {
            "alert": message.name,
            "severity": message.severity.value,
            "status": message.notice.value,
            "detail": message.summary,
        }
        if message.notice in (Notice.RESOLVED, Notice.TEST):
            log.info(f"Alert {message.notice}", **told)
        else:
            code = f"alert_{message.name}"
            log.error(f"Alert {message.notice}", error=code, next_step=message.next_step, **told)


@dataclass(frozen=True, slots=True)
class CommandChannel:
    """Runs a program of the operator's, without a shell; it gets the message as JSON on its standard input.

    Our own settings, and with them our secrets, are not in its environment.
    """

    command: Sequence[str] = field(repr=False)
    name: str = "command"

    def send(self, message: Message) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(OWN_SETTINGS)}
        try:
            process = subprocess.Popen(  # noqa: S603 - the operator's own command, never a document's word
                list(self.command),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            raise ChannelFailed(f"the alert command cannot be started: {error.strerror}") from None
        try:
            process.communicate(json.dumps(message.to_dict()).encode(), timeout=SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise ChannelFailed(f"the alert command did not end in {SECONDS:.0f} s") from None
        if process.returncode:
            raise ChannelFailed(f"the alert command ended with exit code {process.returncode}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in: encrypted from the start (``implicit_tls``), or after STARTTLS."""

    host: str
    port: int
    implicit_tls: bool
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of_url(cls, url: str) -> MailServer:
        """From ``smtps://USER:PASSWORD@HOST:465`` or ``smtp://HOST:587``.

        Raises:
            ConfigurationError: it is no such address.
        """
        parts = urlsplit(url)
        implicit = parts.scheme == "smtps"
        try:
            port = parts.port or (465 if implicit else 587)
        except ValueError:
            port = 0
        cut = "@" in f"{parts.path}{parts.query}{parts.fragment}"  # the host was taken from a password
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or not port or cut:
            raise ConfigurationError(
                "PAPER_AUTOPILOT_ALERT_SMTP_URL must be smtps://USER:PASSWORD@HOST:465 or smtp://HOST:587; "
                "in a password write / as %2F, ? as %3F and # as %23"
            )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return cls(parts.hostname, port, implicit, user, password)

    @property
    def local(self) -> bool:
        return self.host in ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailChannel:
    """Sends an e-mail; to another machine only encrypted."""

    server: MailServer
    sender: str
    recipients: Sequence[str]
    context: ssl.SSLContext | None = None
    name: str = "email"

    def send(self, message: Message) -> None:
        try:
            with self._connected() as connection:
                if self.server.user:
                    connection.login(self.server.user, self.server.password)
                connection.send_message(self._mail(message))
        except smtplib.SMTPResponseException as error:
            raise ChannelFailed(f"the mail server refused: code {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise ChannelFailed(f"the mail server cannot be used: {type(error).__name__}") from None

    @contextlib.contextmanager
    def _connected(self):  # type: ignore[no-untyped-def]  # a context manager of smtplib.SMTP
        context = self.context or ssl.create_default_context()
        server = self.server
        if server.implicit_tls:
            with smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context) as connection:
                yield connection
            return
        with smtplib.SMTP(server.host, server.port, timeout=SECONDS) as connection:
            connection.ehlo()
            if connection.has_extn("starttls"):
                connection.starttls(context=context)
                connection.ehlo()
            elif not server.local:
                raise ChannelFailed("the mail server offers no encryption (STARTTLS)")
            yield connection

    def _mail(self, message: Message) -> EmailMessage:
        mail = EmailMessage()
        mail["Subject"] = message.subject
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.recipients)
        mail["Date"] = format_datetime(message.at)
        mail["Message-ID"] = make_msgid(domain=socket.gethostname() or "localhost")
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        return mail


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts the message as JSON; the address may hold a secret and is never told."""

    url: str = field(repr=False)
    name: str = "webhook"

    def send(self, message: Message) -> None:
        import httpx2

        try:
            answer = httpx2.post(self.url, json=message.to_dict(), timeout=SECONDS, follow_redirects=False)
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise ChannelFailed(f"the webhook cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise ChannelFailed(f"the webhook answered with status {answer.status_code}")


@dataclass(frozen=True, slots=True)
class AppriseChannel:
    """Hands the message to a service that the library apprise knows, which is loaded when it sends.

    The address is apprise's own, such as ``ntfys://TOPIC``; any part of it may be a secret, and none is told.
    """

    address: str = field(repr=False)
    name: str = "apprise"

    @staticmethod
    def installed() -> bool:
        """Whether the extra is there; nothing is loaded."""
        return importlib.util.find_spec("apprise") is not None

    def send(self, message: Message) -> None:
        import apprise

        # Its records hold addresses, and go to the terminal where no log is kept; what went wrong we say.
        logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)
        # Its own ways of keeping things on disk and of loading more code are of no use to one short text.
        asset = apprise.AppriseAsset(app_id="Paper Autopilot", async_mode=False, storage_mode="memory")
        services = apprise.Apprise(asset=asset)
        if not services.add(self.address):
            raise ChannelFailed("apprise knows no service of such an address")
        if message.notice is Notice.RESOLVED:
            kind = apprise.NotifyType.SUCCESS
        elif message.notice is Notice.TEST:
            kind = apprise.NotifyType.INFO
        elif message.severity in (Severity.P0, Severity.P1):
            kind = apprise.NotifyType.FAILURE
        else:
            kind = apprise.NotifyType.WARNING
        if not services.notify(
            body=message.text, title=message.subject, notify_type=kind, body_format=apprise.NotifyFormat.TEXT
        ):
            raise ChannelFailed("the service that apprise was to tell did not take the message")
