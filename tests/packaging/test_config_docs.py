"""The generated documents say what the settings say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from autod.config import Settings, load_settings, variable_name
from autod.former_settings import FORMER
from scripts.config_docs import SECTIONS, configuration_page, env_example, generated, sections

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(variable_name(name), raising=False)


def test_generated_files_match_the_settings() -> None:
    for path, text in generated(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: make generate"


def test_example_is_a_valid_configuration_as_it_stands() -> None:
    assert load_settings(ROOT / ".env.example") == load_settings(None)


def test_example_shows_the_defaults(tmp_path: Path) -> None:
    shown = re.sub(r"^# (?=[A-Z_]+=)", "", env_example(Settings), flags=re.MULTILINE)
    (tmp_path / ".env").write_text(shown, encoding="utf-8")
    assert len(re.findall(r"^[A-Z_]+=", shown, flags=re.MULTILINE)) == len(Settings.model_fields)
    assert load_settings(tmp_path / ".env") == load_settings(None)


def test_every_setting_has_a_meaning_and_stands_in_one_section() -> None:
    held = [one for _, settings in sections(Settings) for one in settings]
    assert [one.variable for one in held] == [variable_name(name) for name in Settings.model_fields]
    assert all(one.meaning for one in held)
    assert set(SECTIONS) <= set(Settings.model_fields)
    assert next(iter(Settings.model_fields)) in SECTIONS


def test_page_shows_bounds_and_choices() -> None:
    page = configuration_page(Settings)
    assert "| `PAPER_AUTOPILOT_WORKERS` | `2` | whole number, ≥ 1, ≤ 64 |" in page
    assert "`auto`, `tesseract`, `rapidocr`, `off`" in page


def test_changed_default_changes_both_documents() -> None:
    class Other(Settings):
        workers: int = 7

    kind: type[BaseSettings] = Other
    assert "# PAPER_AUTOPILOT_WORKERS=7\n" in env_example(kind)
    assert "| `PAPER_AUTOPILOT_WORKERS` | `7` |" in configuration_page(kind)


@pytest.mark.parametrize(
    "page",
    sorted(path.relative_to(ROOT) for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]),
    ids=str,
)
def test_documents_name_only_settings_that_exist(page: Path) -> None:
    named = set(re.findall(r"\bPAPER_AUTOPILOT_[A-Z_]*[A-Z]\b", (ROOT / page).read_text(encoding="utf-8")))
    known = {variable_name(name) for name in Settings.model_fields}
    tells_of_the_past = page.name == "configuration.md" or page.parent.name == "decisions"
    assert named <= known | (FORMER.keys() if tells_of_the_past else set())
