"""Find words of a language in the code of the embedded engine: they belong into its words files.

A string that is a phrase of a words file, or a regular expression that holds one, is told with its place,
whatever its case, and also when it is joined from pieces. What is no word:

- values of enums and fields of the metadata;
- sections and lists of the words files, where code asks for them or handles what it got by their names: in a
  call that takes a path, as a key, and compared with a key;
- codes of countries, states and currencies in capitals, and of languages among their like or compared;
- what is said to people in English: errors, and the functions named in ``SPEAKING``.

Usage: ``python -m scripts.words_check`` from the repository root.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from babel import Locale

import autod.domain.metadata
from autod.cli.surprises import guarded
from autod.domain.extraction import EvidenceSource
from autod.domain.kinds import DocType
from autod.domain.metadata import LineItem, Metadata, MeterReading
from autod.extract.local.page.language import LANGUAGES
from autod.extract.local.page.postal import BRAZILIAN_STATES, US_STATES
from autod.grammar.currencies import CURRENCY_NAMES, SYMBOLS
from autod.words.label_table import fold
from scripts.words_compile import compiled

CODE = ("autod/extract/local/**/*.py", "autod/grammar/*.py", "autod/extract/swiss_qr.py", "autod/read/qr.py")
_NO_WORDS = {"language.habits", "language.ocr"}  # names for code, and for Tesseract

_TAKES_NAMES = frozenset(
    {"phrases", "groups", "section", "table", "any_of", "leading", "keys"}  # of autod.words
    | {"unclaimed", "name_in_line", "name_at"}  # of the engine: a key of what was found
)
# What they say to people is English, whatever the document's language: by module, who speaks.
SPEAKING = {
    "derived": frozenset({"_untitled", "summary", "_money_sentence", "_key_points", "_payment"}),
}
NEUTRAL = frozenset(
    {"IBAN"}  # the standard's name, the same in every language
    | {"www"}  # how web addresses begin
    | {"EL"}  # what Greek VAT numbers begin with
)
_SIGNS = frozenset(sign for sign in SYMBOLS if sign.lower() not in set(map(str.lower, CURRENCY_NAMES)))
_UNKNOWN = "\0"  # stands in a joined text for what only a run knows

_GROUP_NAME = re.compile(r"\(\?P(?:<|=)(\w+)[>)]")
_OPENING = re.compile(r"\(\?(?:[aiLmsux-]+:|[aiLmsux]+\)|[:=!>]|<[=!])")
_OPTIONAL_MARK = re.compile(r"(?:\\\W|\\s|\[[^\]\w]*(?:\\s)?[^\]\w]*\]|[ .'-])[?*]|\\(?=[.\-/' ])")
_TWO_CASES = re.compile(r"\[(\w)(\w)\]")
_AFTER_POINT = re.compile(r"\\\.\(\?:([^()]+)\)")  # "\.(?:com|de|co\.uk)"
_ESCAPE = re.compile(r"\\[a-zA-Z]|\{\d*,?\d*\}")


@dataclass(frozen=True)
class Vocabulary:
    """The phrases of all languages, folded, and what may be written although it is one."""

    words: frozenset[str]
    values: frozenset[str]
    """Of enums and fields: names everywhere."""
    lists: frozenset[str]
    """Sections and lists of the words files: names only where code handles them as such."""
    paths: frozenset[str]
    """From section to list, joined by points."""


def findings(path: Path, known: Vocabulary) -> Iterator[tuple[int, str]]:
    """Line and word of each word of a language in the strings of a module; docstrings are prose."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    place = _Module(tree, frozenset(_GROUP_NAME.findall(text)), path.stem)
    inner: set[int] = set()  # pieces of what was looked at as a whole
    for node in ast.walk(tree):
        if id(node) in inner or place.speaks(node):
            continue
        literal = _text(node)
        if literal is None:
            continue
        if not isinstance(node, ast.Constant):
            inner |= {id(piece) for piece in _joined(node)}
        for word, printed in _pieces(literal, place.above(node)):
            if word in known.words and not _is_name(literal, printed, node, place, known):
                yield node.lineno, word  # type: ignore[attr-defined]


class _Module:
    """A module's nodes, with what each stands in."""

    def __init__(self, tree: ast.Module, groups: frozenset[str], stem: str) -> None:
        self._parents = {id(below): node for node in ast.walk(tree) for below in ast.iter_child_nodes(node)}
        self.groups = groups  # of its regular expressions
        self._speaking = SPEAKING.get(stem, frozenset())

    def above(self, node: ast.AST) -> ast.AST | None:
        return self._parents.get(id(node))

    def speaks(self, node: ast.AST) -> bool:
        """Whether ``node`` is a docstring, or said to people in English: in an error, or by who speaks."""
        if isinstance(self.above(node), ast.Expr):
            return True
        return any(
            isinstance(outer, ast.Raise)
            or (isinstance(outer, ast.FunctionDef) and outer.name in self._speaking)
            for outer in self._outward(node)
        )

    def is_enum_value(self, node: ast.AST) -> bool:
        statement = self.above(node)
        outer = self.above(statement) if isinstance(statement, ast.Assign) else None
        bases = outer.bases if isinstance(outer, ast.ClassDef) else []
        return any(isinstance(base, ast.Name) and base.id.endswith("Enum") for base in bases)

    def _outward(self, node: ast.AST) -> Iterator[ast.AST]:
        outer = self.above(node)
        while outer is not None:
            yield outer
            outer = self.above(outer)


def _joined(node: ast.AST) -> Iterator[ast.AST]:
    """The pieces of which ``_text`` joins a string; what a run puts into it is looked at by itself."""
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.JoinedStr):
        yield node
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.BinOp) and _text(node) is not None:
        yield node
        yield from chain(_joined(node.left), _joined(node.right))
    elif isinstance(node, ast.Call) and _text(node) is not None:
        yield node
        yield from chain.from_iterable(map(_joined, node.args[0].elts))  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str | None:
    """What a string says, joined where it is joined from pieces; ``None`` for all else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or _UNKNOWN for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _text(node.left), _text(node.right)
        if left is None and right is None:
            return None
        return (left if left is not None else _UNKNOWN) + (right if right is not None else _UNKNOWN)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
        between = _text(node.func.value)
        if between is not None and node.args and isinstance(node.args[0], ast.List | ast.Tuple | ast.Set):
            return between.join(_text(part) or _UNKNOWN for part in node.args[0].elts)
    return None


def _pieces(text: str, parent: ast.AST | None) -> list[tuple[str, str]]:
    """The whole string and the alternatives of a regular expression: folded, and as they stand."""
    plain = _AFTER_POINT.sub(lambda m: "" if set(m[1].split("|")) <= _domains() else m[0], text)
    plain = _OPENING.sub("|", _GROUP_NAME.sub("|", plain))
    plain = _TWO_CASES.sub(lambda m: m[1] if fold(m[1]) == fold(m[2]) else m[0], plain)
    readings = [plain, _OPTIONAL_MARK.sub("", plain), re.sub(r"\w\?", "", _OPTIONAL_MARK.sub("", plain))]
    parts = list(chain.from_iterable(re.split(r"[^\w' ]+", _ESCAPE.sub("|", form)) for form in readings))
    if isinstance(parent, ast.Attribute) and parent.attr in ("split", "replace"):
        parts += text.split()
    stripped = dict.fromkeys(part.strip() for part in (text, *parts))
    return list(dict.fromkeys((fold(part), part) for part in stripped if len(part) > 1))


def _is_name(literal: str, printed: str, node: ast.AST, place: _Module, known: Vocabulary) -> bool:
    if printed in capital_codes() or literal in _SIGNS or printed in NEUTRAL or printed in known.values:
        return True
    if literal in known.paths or place.is_enum_value(node):
        return True
    if printed in known.lists or printed in LANGUAGES or printed in place.groups:
        return _is_handled_as_name(node, place)
    return False


def _is_handled_as_name(node: ast.AST, place: _Module) -> bool:
    outer = place.above(node)
    if isinstance(outer, ast.Call):
        name = outer.func.id if isinstance(outer.func, ast.Name) else getattr(outer.func, "attr", "")
        return name in _TAKES_NAMES or (name in ("get", "pop") and node is outer.args[0])
    if isinstance(outer, ast.Dict):
        return any(node is key for key in outer.keys)
    if isinstance(outer, ast.Tuple | ast.List | ast.Set):
        if len(outer.elts) > 1 and all(_text(element) in LANGUAGES for element in outer.elts):
            return True
        compared = place.above(outer)
        return isinstance(compared, ast.Compare) and _is_key(compared.left)
    if isinstance(outer, ast.Compare):
        return _is_key(outer.left)
    return isinstance(outer, ast.Subscript)


def _is_key(node: ast.AST) -> bool:
    """Whether ``node`` is called a key, or is the name of a language."""
    name = node.id if isinstance(node, ast.Name) else getattr(node, "attr", "")
    return name.lower().endswith(("key", "language"))


def _countries() -> list[str]:
    return [code for code in map(str, Locale.parse("en").territories) if code.isalpha() and len(code) == 2]


@cache
def _domains() -> frozenset[str]:
    """Endings of web addresses, as patterns write them."""
    return frozenset({"com", "net", "org", "eu", r"co\.uk", *map(str.lower, _countries())})


@cache
def capital_codes() -> frozenset[str]:
    """Countries, currencies and states, as they stand in capitals."""
    currencies = (code for code in map(str, Locale.parse("en").currencies) if len(code) == 3)
    return frozenset(chain(_countries(), currencies, US_STATES.split("|"), BRAZILIAN_STATES.split("|")))


def vocabulary() -> Vocabulary:
    """All phrases of the words files, and the names."""
    words: set[str] = set()
    paths: set[str] = set()
    _collect(compiled(), words, paths, "")
    values = {*Metadata.model_fields, *LineItem.model_fields, *MeterReading.model_fields}
    for kind in vars(autod.domain.metadata).values():
        if isinstance(kind, type) and issubclass(kind, Enum):
            values |= {str(member.value) for member in kind}
    values |= {str(member.value) for member in (*DocType, *EvidenceSource)}
    lists = {name for path in paths for name in path.split(".")}
    return Vocabulary(
        frozenset(words),
        frozenset(values),
        frozenset(lists),
        frozenset(path for path in paths if "." in path),
    )


def _collect(value: dict[str, Any], words: set[str], paths: set[str], path: str) -> None:
    for name, below in value.items():
        here = f"{path}.{name}".strip(".")
        if here in _NO_WORDS:
            continue
        paths.add(here)
        if isinstance(below, dict):
            _collect(below, words, paths, here)
        else:
            words |= set(map(fold, below))


def main() -> int:
    known = vocabulary()
    modules = sorted(path for pattern in CODE for path in Path().glob(pattern))
    found = [(path, line, word) for path in modules for line, word in findings(path, known)]
    for path, line, word in found:
        print(
            f"{path}:{line}: {word!r} is a word of a language; take it from autod.words",
            file=sys.stderr,
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(guarded(main))
