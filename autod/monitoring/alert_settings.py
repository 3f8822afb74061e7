"""Alerts as the settings describe them: where they go, when they are due, and after how long."""

from __future__ import annotations

import shlex
import shutil
from datetime import timedelta
from decimal import Decimal

from autod.alerts.channels import (
    AppriseChannel,
    Channel,
    CommandChannel,
    LogChannel,
    MailChannel,
    MailServer,
    WebhookChannel,
)
from autod.alerts.hysteresis import Timing
from autod.alerts.rules import Limits
from autod.config import Settings
from autod.errors import ConfigurationError
from autod.masking import is_url

COST_ALERT_SHARE = Decimal("0.8")
"""Of the day's cap, where no threshold is set: there is still time to look."""

API_ERROR_SHARE = 0.5
"""Of the service's outcomes in 15 minutes; the runbook's "API errors > 50%"."""

VECTOR_STORE_FAILURES = 3
"""Failed uploads in an hour: one or two are the network's, and they are made again without anybody."""

AFTER_SECONDS = 60.0
"""How long a condition must last before it is an alert: a database that is restarted wakes nobody."""

CLEAR_SECONDS = 300.0
"""How long it must stay away before the alert is resolved, so that what comes and goes is one alert."""


def open_channels(settings: Settings) -> list[Channel]:
    """The ways alerts go; the log always is one.

    Raises:
        ConfigurationError: one of them cannot work.
    """
    channels: list[Channel] = [LogChannel()]
    if settings.alert_command:
        try:
            words = shlex.split(settings.alert_command)
        except ValueError as error:
            raise ConfigurationError(f"PAPER_AUTOPILOT_ALERT_COMMAND: {error}") from None
        if not shutil.which(words[0]):
            raise ConfigurationError(f"PAPER_AUTOPILOT_ALERT_COMMAND: there is no program {words[0]}")
        channels.append(CommandChannel(words))
    if settings.alert_email_to:
        recipients = [address.strip() for address in settings.alert_email_to.split(",") if address.strip()]
        if not recipients or not all("@" in address for address in recipients):
            raise ConfigurationError("PAPER_AUTOPILOT_ALERT_EMAIL_TO holds something that is no address")
        server = MailServer.of_url(settings.alert_smtp_url.get_secret_value())
        channels.append(MailChannel(server, settings.alert_email_from or recipients[0], recipients))
    if settings.alert_webhook_url is not None:
        url = settings.alert_webhook_url.get_secret_value()
        if not url.startswith(("http://", "https://")):
            raise ConfigurationError("PAPER_AUTOPILOT_ALERT_WEBHOOK_URL must start with https:// or http://")
        channels.append(WebhookChannel(url))
    channels += _apprise_channels(settings)
    return channels


def _apprise_channels(settings: Settings) -> list[AppriseChannel]:
    """One for each address, so that a service that fails is tried again and the others are not told twice."""
    if settings.alert_apprise_url is None:
        return []
    found = settings.alert_apprise_url.get_secret_value().split()
    if not all(is_url(one) for one in found):
        raise ConfigurationError(
            "PAPER_AUTOPILOT_ALERT_APPRISE_URL must hold addresses such as ntfys://TOPIC, separated by spaces"
        )
    if not AppriseChannel.installed():
        raise ConfigurationError(
            "PAPER_AUTOPILOT_ALERT_APPRISE_URL needs the library apprise, which is not installed",
            next_step="pip install 'paper-autopilot[notify]', or empty the setting.",
        )
    names = [f"apprise {number}" for number in range(1, len(found) + 1)] if len(found) > 1 else ["apprise"]
    return [AppriseChannel(one, name) for one, name in zip(found, names, strict=True)]


def alert_limits(settings: Settings) -> Limits:
    """Above which, or under which, an alert is due."""
    cost = settings.alert_cost_day_usd
    if cost is None and settings.cap_day_usd is not None:
        cost = settings.cap_day_usd * COST_ALERT_SHARE
    return Limits(
        disk_bytes=int(settings.alert_disk_gb * 1e9),
        api_error_share=API_ERROR_SHARE,
        cost_usd=None if settings.own_server else cost,
        vector_store_failures=VECTOR_STORE_FAILURES,
    )


def timing() -> Timing:
    """After how long a condition is believed."""
    return Timing(timedelta(seconds=AFTER_SECONDS), timedelta(seconds=CLEAR_SECONDS))
