"""What a setting's text says of an empty value holds for it, from the environment and from ``.env``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from autod.config import Settings, load_settings, shown_value, variable_name

PROMISES = "; empty"
TOLD = [name for name, field in Settings.model_fields.items() if PROMISES in str(field.description)]
LIMITS = [name for name in TOLD if Settings.model_fields[name].default is not None]
UNTOLD = [name for name in Settings.model_fields if name not in TOLD]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_name(name), raising=False)


def test_the_caps_are_among_them() -> None:
    assert {"cap_document_usd", "cap_day_usd", "cap_month_usd"} <= set(LIMITS)


@pytest.mark.parametrize("name", TOLD)
def test_empty_means_none_where_the_text_says_what_that_does(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{variable_name(name)}=\n")
    assert getattr(load_settings(file), name) is None
    assert shown_value(name, None) == ""
    monkeypatch.setenv(variable_name(name), "")
    assert getattr(load_settings(None), name) is None


@pytest.mark.parametrize("name", UNTOLD)
def test_empty_means_the_default_everywhere_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"{variable_name(name)}=\n")
    assert load_settings(file) == load_settings(None)
    monkeypatch.setenv(variable_name(name), "")
    assert getattr(load_settings(None), name) == Settings.model_fields[name].default


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("word", ["none", "None", " "])
def test_no_limit_may_be_said_in_a_word(name: str, word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable_name(name), word)
    assert getattr(load_settings(None), name) is None


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("environment", "file", "holds"), [("", "2", None), ("2", "", Decimal(2)), (None, "2", Decimal(2))]
)
def test_the_environment_wins_over_the_file(
    name: str,
    environment: str | None,
    file: str,
    holds: Decimal | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / ".env").write_text(f"{variable_name(name).lower()}={file}\n")
    if environment is not None:
        monkeypatch.setenv(variable_name(name), environment)
    assert getattr(load_settings(tmp_path / ".env"), name) == holds


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_given_in_the_program_wins_over_both(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable_name(name), "")
    assert getattr(load_settings(None, **{name: Decimal(3)}), name) == 3
