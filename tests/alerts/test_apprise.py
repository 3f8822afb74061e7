"""The services that apprise knows get the message; their addresses are secret, whatever part of them is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from autod import masking
from autod.alerts.channels import AppriseChannel, ChannelFailed
from autod.alerts.delivery import Delivery
from autod.cli.output import clean
from autod.config import load_settings, shown_value
from autod.errors import ConfigurationError
from autod.monitoring.alert_settings import open_channels
from tests.alerts.test_channels import DOWN, hook
from tests.nothing_hidden import nothing_hidden
from tests.settings import settings_in
from tests.test_logs import log_file

__all__ = ["log_file", "nothing_hidden"]

ADDRESSES = {
    "token for a host": ("tgram://123456789:LEAKabcdefghijklmnopqrstuvwxyz12345/987654", "LEAK"),
    "token with dots": ("sendgrid://SG.LEAKabcdefghijklmnopqr.LEAKabcdefghijklmnop:me@example.com", "LEAK"),
    "tokens for a path": ("slack://T1JJ3T3L2/A1BRTD4JD/LEAKTIiajkdnlazkcOXrIdevi7FQ/#general", "LEAK"),
    "user and token": ("pover://LEAKuserkeyuserkeyuserkey12@LEAKtokentokentokentoken12", "LEAK"),
    "a topic": ("ntfys://LEAKtopicofmine", "LEAK"),
    "a password": ("jsons://me:LEAKpassword@nas.example.com/place", "LEAK"),
    "a query": ("json://nas.example.com/place?+X-Token=LEAKtoken", "LEAK"),
}


def test_a_service_gets_subject_and_text_and_how_bad_it_is() -> None:
    with hook() as (url, posted):
        AppriseChannel(url.replace("http://", "json://")).send(DOWN)
    (said,) = posted
    assert (said["title"], said["message"].strip()) == (DOWN.subject, DOWN.text.strip())
    assert said["type"] == "failure"


def test_a_service_that_refuses_or_is_away_says_so_without_its_address() -> None:
    with hook(500) as (url, posted), pytest.raises(ChannelFailed) as failed:
        AppriseChannel(url.replace("http://", "json://")).send(DOWN)
    assert len(posted) == 1
    assert "hidden" not in failed.value.message + repr(AppriseChannel("json://127.0.0.1/hidden"))
    with pytest.raises(ChannelFailed):
        AppriseChannel("json://127.0.0.1:9/hidden").send(DOWN)


def test_an_address_of_no_service_fails_when_it_is_used() -> None:
    with pytest.raises(ChannelFailed, match="knows no service"):
        AppriseChannel("nosuchservice://x").send(DOWN)


def test_a_service_that_fails_is_tried_again_and_the_others_are_not_told_twice(tmp_path: Path) -> None:
    with hook() as (good, told), hook(500) as (bad, refused):
        addresses = " ".join(url.replace("http://", "json://") for url in (good, bad))
        settings = settings_in(tmp_path, "sqlite:///x.db", alert_apprise_url=addresses)
        found = [channel for channel in open_channels(settings) if isinstance(channel, AppriseChannel)]
        assert [channel.name for channel in found] == ["apprise 1", "apprise 2"]
        delivery = Delivery(found)
        delivery.send(DOWN)
        delivery.again()
    assert (len(told), len(refused)) == (1, 2)


@pytest.mark.parametrize("wrong", ["my-topic", "ntfys://topic my-topic"])
def test_what_is_no_address_is_refused_at_the_start(wrong: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "sqlite:///x.db", alert_apprise_url=wrong)
    with pytest.raises(ConfigurationError, match="ALERT_APPRISE_URL must hold addresses") as refused:
        open_channels(settings)
    assert wrong not in refused.value.message


def test_without_the_extra_the_setting_is_refused_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AppriseChannel, "installed", staticmethod(lambda: False))
    settings = settings_in(tmp_path, "sqlite:///x.db", alert_apprise_url="ntfys://topic")
    with pytest.raises(ConfigurationError) as refused:
        open_channels(settings)
    assert "paper-autopilot[notify]" in refused.value.next_step


def test_it_is_loaded_only_when_it_sends() -> None:
    program = (
        "import sys\n"
        "from autod.config import load_settings\n"
        "from autod.monitoring.alert_settings import open_channels\n"
        "open_channels(load_settings(None, alert_apprise_url='ntfys://topic'))\n"
        "assert 'apprise' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)


@pytest.mark.parametrize("sort", ADDRESSES)
@pytest.mark.parametrize("beside", [None, "json://nas.example.com/place"])
def test_no_secret_part_of_an_address_is_shown(sort: str, beside: str | None, log_file: Path) -> None:
    address, secret = ADDRESSES[sort]
    settings = load_settings(None, alert_apprise_url=f"{beside} {address}" if beside else address)
    shown = shown_value("alert_apprise_url", settings.alert_apprise_url)
    assert shown.endswith("://[redacted]") and shown.count("://") == (2 if beside else 1)
    parts = [part for part in masking.re.split(r"[/:@.#?=]+", address) if secret in part]
    for text in (address, f"cannot reach {address}: refused", *parts):
        structlog.get_logger("autod.x").error(
            text, error="x", nested={text: [text]}, thing=RuntimeError(text)
        )
        assert secret not in clean(text) + masking.masked(json.dumps(text))
    assert secret not in repr(settings) + shown + log_file.read_text()


def test_names_of_hosts_stay_to_be_seen() -> None:
    load_settings(
        None, alert_apprise_url="json://localhost:8080/place mailto://me:pass-word@mail.example.com"
    )
    for said in ("http://localhost:8737/health", "cannot reach mail.example.com"):
        assert masking.masked(said) == said
