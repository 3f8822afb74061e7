"""Write autod/words/compiled.json from the files of the languages; ``--check`` only compares.

Usage: ``python -m scripts.words_compile [--check]`` from the repository root.
"""

from __future__ import annotations

import json
import sys
import tomllib
import unicodedata
from pathlib import Path
from typing import Any

from babel import Locale

from autod.cli.surprises import guarded
from autod.words.label_table import fold

WORDS = Path("autod/extract/local/words")
COMPILED = Path("autod/words/compiled.json")
FIRST = "en"  # the fullest file: its order is the order of sections and lists
# Kept apart by language, in lower case with accents: what tells languages apart, their habits, how Tesseract
# calls them, and where they are spoken.
BY_LANGUAGE = {"language.common", "language.ocr", "language.habits", "contacts.regions"}
# Parts of patterns for text that is not folded: case counts, and accents may be there or not.
AS_WRITTEN = {
    "currencies", "numbers.signs", "numbers.lead", "parties.address", "parties.after_name",
    "legal_forms.abbreviated", "legal_forms.after_comma", "legal_forms.in_footer",
    "contracts.described", "contracts.goes_on", "contracts.joined",
}  # fmt: skip


# Kept to the letter: a raised "o" without its accent would be another word.
TO_THE_LETTER = {"numbers.marks"}


def languages() -> list[str]:
    """The codes of the languages that have a file, the fullest first."""
    codes = sorted(path.stem for path in WORDS.glob("*.toml"))
    return [FIRST, *(code for code in codes if code != FIRST)]


def words_of(language: str) -> dict[str, Any]:
    """A language's file as it stands."""
    return tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))


def compiled() -> dict[str, Any]:
    """All languages in one: lists joined, folded, each phrase once."""
    merged: dict[str, Any] = {}
    for language in languages():
        _merge(merged, words_of(language), language, "")
    months = merged["dates"]["months"]
    for language in languages():
        for month, names in months_of(language).items():
            known = months.setdefault(str(month), [])
            known += [name for name in names if name not in known]
    return merged


def months_of(language: str) -> dict[int, list[str]]:
    """The names and abbreviations of each month by its number, folded, as babel knows them."""
    names: dict[int, list[str]] = {}
    for forms in Locale.parse(language).months.values():  # inside a date, and alone
        for width in ("wide", "abbreviated"):
            for month, name in forms[width].items():
                folded = fold(name).strip(".")
                if folded not in names.setdefault(month, []):
                    names[month].append(folded)
    return names


def _merge(into: dict[str, Any], words: dict[str, Any], language: str, path: str) -> None:
    for name, value in words.items():
        here = f"{path}.{name}".strip(".")
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value, language, here)
        elif here in BY_LANGUAGE:
            into.setdefault(name, {})[language] = [text.lower() for text in value]
        else:
            known = into.setdefault(name, [])
            if here in TO_THE_LETTER:
                known += [text for text in value if text not in known]
                continue
            as_written = bool(AS_WRITTEN & {path, here})
            texts = [
                form for text in value for form in ((text, _plain(text)) if as_written else (fold(text),))
            ]
            known += [text for text in dict.fromkeys(texts) if text not in known]


def _plain(text: str) -> str:
    """``text`` without accents, in the same case."""
    return "".join(unicodedata.normalize("NFKD", character)[:1] for character in text)


def text_of(merged: dict[str, Any]) -> str:
    """One line a list, so that a change is a line in a comparison."""
    return _written(merged, "") + "\n"


def _written(value: Any, indent: str) -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    inner = indent + " "
    rows = [
        f"{inner}{json.dumps(name, ensure_ascii=False)}: {_written(v, inner)}" for name, v in value.items()
    ]
    return "{\n" + ",\n".join(rows) + "\n" + indent + "}"


def main(arguments: list[str]) -> int:
    path, text = COMPILED, text_of(compiled())
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in arguments:
        print(
            "autod/words/compiled.json does not match the words of the languages; run: make generate",
            file=sys.stderr,
        )
        return 1
    path.write_text(text, encoding="utf-8")
    print("wrote autod/words/compiled.json")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:])))
