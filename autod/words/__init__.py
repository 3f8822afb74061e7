"""The words of all languages together, folded: what the rules look for on a page.

People write them in ``autod/extract/local/words/LANG.toml``, one file a language (docs/LANGUAGES.md). ``make
generate`` merges and folds these files into ``compiled.json`` once, so that no process has to. A path such
as ``dates.labels`` names a section or a list in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, cast

from autod.words.label_table import LabelTable


@cache
def _compiled() -> Mapping[str, Any]:
    text = files(__package__).joinpath("compiled.json").read_text(encoding="utf-8")
    return cast(Mapping[str, Any], json.loads(text))


def _at(path: str) -> Any:
    found: Any = _compiled()
    for name in path.split("."):
        found = found[name]
    return found


def phrases(path: str) -> tuple[str, ...]:
    """The list at ``path`` in all languages, folded, each phrase once; ``KeyError`` if no language has it."""
    return tuple(_at(path))


def keys(path: str, *names: str) -> tuple[str, ...]:
    """``names``, as lists of the section at ``path``; ``KeyError`` for one that no language has."""
    known = _at(path)
    for name in names:
        known[name]
    return names


def groups(path: str) -> dict[str, tuple[str, ...]]:
    """The lists of the section at ``path`` by their names, each as ``phrases`` gives it."""
    return {name: tuple(texts) for name, texts in _at(path).items()}


def section(path: str) -> Mapping[str, Any]:
    """The section at ``path`` with the sections in it; nobody may change it."""
    return cast(Mapping[str, Any], _at(path))


def table(path: str) -> LabelTable:
    """The section at ``path`` ready to be looked for: a phrase is found under the name of its list."""
    return LabelTable(groups(path))


@cache
def languages_where(habit: str) -> frozenset[str]:
    """The languages (ISO 639-1) whose files name ``habit``; docs/LANGUAGES.md says what the habits are.

    ``KeyError`` if no language has it: then it is misspelt.
    """
    found = frozenset(code for code, habits in _at("language.habits").items() if habit in habits)
    if not found:
        raise KeyError(habit)
    return found


def ocr_languages() -> str:
    """Tesseract's names of the languages that have a file, joined as it takes them: ``eng+deu``."""
    return "+".join(name for names in groups("language.ocr").values() for name in names)


def any_of(*paths: str) -> str:
    """A group for a regular expression on folded text: any phrase of the lists, the longest first.

    In a phrase ``*`` stands for any letters and ``#`` for a digit.
    """
    return either(phrase for path in paths for phrase in phrases(path))


def either(texts: Iterable[str]) -> str:
    """As ``any_of``, for phrases that are at hand."""
    ordered = sorted(dict.fromkeys(texts), key=lambda text: (-len(text), text))
    return "(?:" + "|".join(_as_pattern(text) for text in ordered) + ")"


def leading(*paths: str) -> str:
    """As ``any_of``, with the blank that parts each phrase from the word it leads to ("of ", "d'")."""
    return either(
        phrase + (" " if phrase[-1:].isalnum() else "") for path in paths for phrase in phrases(path)
    )


def _as_pattern(text: str) -> str:
    return re.escape(text).replace(r"\ ", " ").replace(r"\*", r"\w*").replace(r"\#", r"\d")
