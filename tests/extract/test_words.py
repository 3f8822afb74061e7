"""The words of a language are data: complete, compiled as written, and not in the code."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from autod import words
from autod.words.label_table import fold
from scripts import words_check, words_compile

LANGUAGES = words_compile.languages()
CODE = (Path("autod/extract/local"), Path("autod/grammar"))
GAPS = Path(__file__).with_name("words_gaps.toml")


def lists_of(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    """The lists of words by path."""
    found: dict[str, Any] = {}
    for name, below in value.items():
        here = f"{path}.{name}".strip(".")
        found |= lists_of(below, here) if isinstance(below, dict) else {here: below}
    return found


def test_what_is_loaded_is_what_people_wrote() -> None:
    compiled = words_compile.COMPILED.read_text(encoding="utf-8")

    assert json.loads(compiled) == words_compile.compiled(), "run: make generate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_of_a_language_can_be_found(language: str) -> None:
    for path, written in lists_of(words_compile.words_of(language)).items():
        if path not in words_compile.BY_LANGUAGE:
            assert set(map(fold, written)) <= set(map(fold, words.phrases(path))), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_months_are_those_of_babel(language: str) -> None:
    months = words.groups("dates.months")
    for number, name in Locale.parse(language).months["format"]["wide"].items():
        assert fold(name) in months[str(number)]


def lacking(language: str) -> list[str]:
    """The lists of the fullest file that this one has not; narrower kinds differ from country to country."""
    full, own = (lists_of(words_compile.words_of(code)) for code in (words_compile.FIRST, language))
    return sorted(path for path in full.keys() - own.keys() if ".subtypes." not in path)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_language_lacks_against_the_fullest_is_known(language: str) -> None:
    """A list new in the fullest file is told for each language; one that is filled leaves words_gaps.toml."""
    known = tomllib.loads(GAPS.read_text(encoding="utf-8"))

    assert lacking(language) == known[language]


def test_the_first_file_is_the_fullest() -> None:
    lists = {language: len(lists_of(words_compile.words_of(language))) for language in LANGUAGES}

    assert max(lists, key=lambda language: lists[language]) == words_compile.FIRST


def test_every_list_is_read_by_the_code() -> None:
    """A section that nothing asks for is a slip of the pen, or left over."""
    code = "".join(path.read_text(encoding="utf-8") for room in CODE for path in room.rglob("*.py"))
    asked = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)*)["']""", code))
    for path in lists_of(words_compile.compiled()):
        parts = path.split(".")
        assert any(".".join(parts[:n]) in asked for n in range(1, len(parts) + 1)), path


def test_no_word_stands_in_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert words_check.main() == 0, capsys.readouterr().err


@pytest.mark.parametrize(
    "line",
    ['X = "Rechnungsdatum"', 'X = re.compile(r"\\b(?:scadenza|due date)\\b")', 'X = f"{a}|vervaldatum"'],
)
def test_a_word_in_the_code_is_found_whatever_its_form(tmp_path: Path, line: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(line, encoding="utf-8")

    assert list(words_check.findings(module, *words_check.words_and_names()))


def test_prose_names_and_codes_are_no_words(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('"""The due date."""\nX = ("invoice", "due_date", "IT", "de")\n', encoding="utf-8")

    assert not list(words_check.findings(module, *words_check.words_and_names()))


def test_a_phrase_with_marks_matches_what_they_stand_for() -> None:
    pattern = re.compile(words.either(["net", "net ##", "supersed*"]))

    assert pattern.fullmatch("net 30") and pattern.fullmatch("superseding") and pattern.fullmatch("net")
    assert pattern.fullmatch("net xx") is None
