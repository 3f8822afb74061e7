"""The words of a language are data: complete, compiled as written, and not in the code."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel import Locale

from autod import words
from autod.config import Settings
from autod.read.limits import ReadLimits
from autod.words.label_table import fold
from scripts import words_check, words_compile

LANGUAGES = words_compile.languages()
CODE = Path("autod")
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
    code = "".join(path.read_text(encoding="utf-8") for path in CODE.rglob("*.py"))
    asked = set(re.findall(r"""["']([a-z_]+(?:\.[a-z_]+)*)["']""", code))
    for path in lists_of(words_compile.compiled()):
        parts = path.split(".")
        assert any(".".join(parts[:n]) in asked for n in range(1, len(parts) + 1)), path


def test_no_word_stands_in_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert words_check.main() == 0, capsys.readouterr().err


KNOWN = words_check.vocabulary()


def found_in(tmp_path: Path, code: str) -> set[str]:
    module = tmp_path / "module.py"
    module.write_text(code, encoding="utf-8")
    return {word for _, word in words_check.findings(module, KNOWN)}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('X = "Rechnungsdatum"', {"rechnungsdatum"}),
        ('X = re.compile(r"\\b(?:scadenza|due date)\\b")', {"scadenza", "due date"}),
        ('X = f"{a}|vervaldatum"', {"vervaldatum"}),
        ('X = ("VAT", "IVA", "total", "net", "cash")', {"vat", "iva", "total", "net", "cash"}),
        ('X = re.compile(r"\\b(?:tva|iva|vat|due|per|ust)\\b")', {"tva", "iva", "vat", "due", "per"}),
        ('X = re.compile(r"\\b(?:i\\.?v\\.?a|p\\.?iva)\\b")', {"iva", "piva"}),
        ('X = re.compile(r"[Rr]echnung|facture?")', {"rechnung", "facture"}),
        ('X = "rechn" + "ung"', {"rechnung"}),
        ('X = "rechn" + ("u" + "ng")', {"rechnung"}),
        ('X = "".join(["rechn", "ung"])', {"rechnung"}),
        ('X = "cash total".split()', {"cash", "total"}),
        ('X = {"a": "importo"}', {"importo"}),
        ('X = f("due")', {"due"}),
        ('X = text == "due" or "due" in text or text in ("due", "net")', {"due", "net"}),
        ('def f():\n    return "scadenza"', {"scadenza"}),
    ],
)
def test_a_word_in_the_code_is_found_whatever_its_form(tmp_path: Path, line: str, expected: set[str]) -> None:
    assert expected <= found_in(tmp_path, line)


def is_told(word: str) -> bool:
    """Whether a word is told in small and in capital letters: it is no name and no code as well."""
    codes = words_check.capital_codes() | words_check.NEUTRAL
    return bool(re.fullmatch("[a-z]{2,}", word)) and not {word, word.upper()} & (codes | KNOWN.values)


WORDS = sorted(filter(is_told, KNOWN.words))


@pytest.mark.parametrize("form", ['X = f("{}")', 'X = re.compile(r"\\b(?:{}|#)\\b")', 'X = ("{}",)'])
@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_any_word_of_any_list_is_found(tmp_path: Path, form: str, case: Callable[[str], str]) -> None:
    code = "".join(form.format(case(word)) + "\n" for word in WORDS)

    assert not set(WORDS) - found_in(tmp_path, code)


@pytest.mark.parametrize(
    "line",
    [
        '"""The due date."""',
        'X = ("invoice", "due_date", "IT")',
        'X = ("de", "it", "no")',
        'X = phrases("due") + keys("amounts.labels", "net")',
        'X = {"due": 1}["due"]',
        'X = label.key == "due" or key in ("net", "cash") or language == "it"',
        'X = ("dates.labels", "amounts.labels")',
        'raise ValueError(f"it can be {a} or {b}")',
        'class X(Enum):\n    BEFORE = "before"',
        'X = re.compile(r"\\.(?:com|net|de|it|co\\.uk)\\b")',
    ],
)
def test_prose_names_and_codes_are_no_words(tmp_path: Path, line: str) -> None:
    assert not found_in(tmp_path, line)


def test_a_key_that_no_section_has_is_told_at_once() -> None:
    assert words.keys("amounts.labels", "net", "due") == ("net", "due")
    with pytest.raises(KeyError):
        words.keys("amounts.labels", "nett")
    with pytest.raises(KeyError):
        words.languages_where("month_frist")


def test_every_language_with_words_is_asked_of_ocr() -> None:
    asked = words.ocr_languages().split("+")

    assert len(asked) == len(set(asked)) == len(LANGUAGES)
    assert asked[0] == "eng" and "pol" in asked
    assert Settings.model_fields["ocr_languages"].default == ReadLimits().ocr_languages == "+".join(asked)


def test_every_habit_is_explained() -> None:
    habits = {
        habit for code in LANGUAGES for habit in words_compile.words_of(code)["language"].get("habits", ())
    }

    page = Path("docs/LANGUAGES.md").read_text(encoding="utf-8")
    assert habits == set(re.findall(r"^  - `(\w+)`:", page, re.MULTILINE))


def test_a_phrase_with_marks_matches_what_they_stand_for() -> None:
    pattern = re.compile(words.either(["net", "net ##", "supersed*"]))

    assert pattern.fullmatch("net 30") and pattern.fullmatch("superseding") and pattern.fullmatch("net")
    assert pattern.fullmatch("net xx") is None
