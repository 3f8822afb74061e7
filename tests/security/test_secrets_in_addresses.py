"""Passwords of any characters in any address that is a setting, and every way out."""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
from pathlib import Path

import pytest
import structlog

from autod import masking
from autod.alerts.channels import MailServer
from autod.cli.main import report
from autod.cli.output import clean, print_json
from autod.config import load_settings, shown_value, variable_name
from autod.errors import AutodError, ConfigurationError
from autod.extract.openai.addresses import checked_url
from autod.masking import masked, secrets_in_url, shown_url
from tests.nothing_hidden import nothing_hidden
from tests.security.test_every_secret_setting import ROOT, SCHEMES, WATCHED, is_address
from tests.test_logs import log_file

__all__ = ["log_file", "nothing_hidden"]

ADDRESSES = [name for name in WATCHED if is_address(name)]
TELLING = ("LEAKone", "LEAKtwo", "LEAKend")
SIGNS = [*"/#?@%:&=[]+;,\\\"'<>^`{|}~$!*() ", *"äß€"]
WRONG_SCHEMES = {"alert_smtp_url": ("smtp", "imap"), "alert_webhook_url": ("ftp", "webhook+x")}
RANDOM = random.Random(20)  # noqa: S311
PASSWORDS = [
    *(f"LEAKone{sign}LEAKtwo{sign}LEAKend" for sign in SIGNS),
    *(
        "".join(f"{mark}{''.join(RANDOM.choices(string.punctuation, k=4))}" for mark in TELLING)
        for _ in range(60)
    ),
]


def address(name: str, password: str, scheme: str | None = None) -> str:
    return f"{scheme or SCHEMES.get(name, 'https')}://me:{password}@127.0.0.1:9/place"


@pytest.mark.parametrize("name", ADDRESSES)
def test_no_password_of_any_characters_is_shown(
    name: str, log_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = structlog.get_logger("autod.x")
    for scheme in (None, *WRONG_SCHEMES.get(name, ())):
        for password in PASSWORDS:
            masking._hidden.clear()
            url = address(name, password, scheme)
            settings = load_settings(None, **{name: url})
            said = [repr(settings), shown_value(name, getattr(settings, name)), shown_url(url)]
            parts = [part for part in password.split("@") if len(part) >= 6]
            for text in (url, f"cannot reach {url}: refused", password, password.partition("@")[0], *parts):
                said += [clean(text), masked(repr(text)), masked(json.dumps(text))]
                log.error(text, error="x", nested={text: [text]}, thing=RuntimeError(text))
                report(AutodError(text, next_step=text))
                print_json({"a": [text, {text: text}]})
            output = capsys.readouterr()
            everything = "\n".join([*said, output.out, output.err, log_file.read_text()])
            assert "LEAK" not in everything, password
            log_file.write_text("")


@pytest.mark.parametrize("password", [one for one in PASSWORDS if not set(one) & set(" \"'<>")])
def test_an_address_that_nobody_told_us_is_masked_in_words_to_people(password: str) -> None:
    """But for signs at which a word ends: nobody can tell there where the address does."""
    assert "LEAK" not in masked(f"cannot reach postgresql://me:{password}@host/x: refused")


@pytest.mark.parametrize("sign", "/#?@%")
@pytest.mark.parametrize("extra", [[], ["--json"]])
def test_the_configuration_is_shown_without_it(sign: str, extra: list[str], tmp_path: Path) -> None:
    password = f"LE{sign}LEAK{sign}LEAK20"
    environment = {variable_name(name): address(name, password) for name in ADDRESSES}
    environment |= {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", "autod", "config", *extra],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert "DB_URL" in done.stdout
    assert "LEAK" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:a/b@db:5432/x", "postgresql://u:[redacted]@db:5432/x"),
        ("postgresql://u@db/x?sslmode=require", "postgresql://u@db/x?sslmode=require"),
        ("postgresql://db/x?password=a@b&sslmode=prefer", "postgresql://db/x?password=[redacted]&sslmode=prefer"),
        ("postgresql://u:p@db/x?password=a@b", "postgresql://[redacted]"),
        ("postgresql://db/x?password=a&b", "postgresql://db/x?password=[redacted]"),
        ("sqlite:////srv/a@b:c/file.db", "sqlite:////srv/a@b:c/file.db"),
        ("sqlite:///file@home.db", "sqlite:///file@home.db"),
        ("https://host/v1?api_key=a@b", "https://[redacted]"),
        ("https://token@host/v1", "https://[redacted]@host/v1"),
    ],
)  # fmt: skip
def test_where_an_address_leads_to_is_shown(url: str, shown: str) -> None:
    assert shown_url(url) == shown


def test_an_address_without_a_secret_has_none() -> None:
    assert secrets_in_url("sqlite:////srv/a@b:c/file.db") == set()
    assert secrets_in_url("postgresql://me@db/x?sslmode=prefer") == set()


@pytest.mark.parametrize("sign", "/?#")
def test_a_mail_server_is_not_cut_from_a_password(sign: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        MailServer.of_url(f"smtps://me:12{sign}LEAK@mail.example.com")
    assert "LEAK" not in str(refused.value)
    assert "%2F" in str(refused.value)


def test_neither_is_the_host_of_the_service() -> None:
    with pytest.raises(ConfigurationError, match="credentials"):
        checked_url("https://me:12/LEAK@api.example.com/v1")
