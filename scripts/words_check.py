"""Find words of a language in the code of the embedded engine: they belong into its words files.

A string under autod/extract/local or autod/grammar that is a phrase of a words file, or a regular expression
that holds one, is told with its place. Names are no words: values of enums, fields of the metadata, sections
and lists of the words files themselves, groups of regular expressions, codes of languages, and codes in
capitals.

Usage: ``python -m scripts.words_check`` from the repository root.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import autod.domain.metadata
from autod.cli.surprises import guarded
from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem, Metadata, MeterReading
from autod.extract.local.page.language import LANGUAGES
from autod.words.label_table import fold
from scripts.words_compile import compiled

CODE = (Path("autod/extract/local"), Path("autod/grammar"))
_SHORTEST = 4  # letters of a word inside a pattern; shorter ones are parts of its grammar as often as words
_GROUP_NAME = re.compile(r"\(\?P<(\w+)>")
_GRAMMAR = re.compile(r"\(\?P?[<=!:]+\w*>?|\\[a-zA-Z]|\{\d*,?\d*\}")

# What they say to people is English, whatever the document's language.
SPEAKING = frozenset({"derived", "typed"})


def findings(path: Path, words: frozenset[str], names: frozenset[str]) -> Iterator[tuple[int, str]]:
    """Line and word of each word of a language in the strings of a module; docstrings are prose."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    names |= set(_GROUP_NAME.findall(text))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in prose:
            continue
        for word in _pieces(node.value):
            if word in words and word not in names:
                yield node.lineno, word


def _pieces(literal: str) -> list[str]:
    """The whole string, and the words between the marks of a regular expression, folded."""
    if literal.isupper():
        return []
    whole = fold(literal).strip()
    parts = re.split(r"[^\w' ]+", _GRAMMAR.sub("|", fold(literal)))
    stripped = [part.strip() for part in parts]
    return list(
        dict.fromkeys(
            [*([whole] if len(whole) > 1 else []), *(part for part in stripped if len(part) >= _SHORTEST)]
        )
    )


def words_and_names() -> tuple[frozenset[str], frozenset[str]]:
    """All phrases of the words files, and what may be written in code although it is one."""
    words: set[str] = set()
    names: set[str] = {*LANGUAGES, *Metadata.model_fields, *LineItem.model_fields, *MeterReading.model_fields}
    _collect(compiled(), words, names)
    for kind in vars(autod.domain.metadata).values():
        if isinstance(kind, type) and issubclass(kind, Enum):
            names |= {str(member.value) for member in kind}
    names |= {str(member.value) for member in (*DocType, *EvidenceSource)}
    return frozenset(words), frozenset(map(fold, names))


def _collect(value: dict[str, Any], words: set[str], names: set[str]) -> None:
    for name, below in value.items():
        names.add(name)
        if isinstance(below, dict):
            _collect(below, words, names)
        else:
            words |= set(map(fold, below))


def main() -> int:
    words, names = words_and_names()
    modules = sorted(path for folder in CODE for path in folder.rglob("*.py") if path.stem not in SPEAKING)
    found = [(path, line, word) for path in modules for line, word in findings(path, words, names)]
    for path, line, word in found:
        print(
            f"{path}:{line}: {word!r} is a word of a language; take it from autod.words",
            file=sys.stderr,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
