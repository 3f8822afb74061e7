"""What the licences of installed packages ask of whoever passes our program on.

The GPL and the AGPL would bind the whole program; the LGPL and the MPL bind their own files only. A package
says its licence in up to three ways, and the most exact one counts: ``License-Expression`` (SPDX), its
classifiers and its ``License`` line, and, where it says nothing, the heading of its licence's text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import Distribution
from pathlib import Path

LONGEST_HEADING = 400
"""Characters of a licence's text that hold its name."""

_STRONG_ID = re.compile(r"(?i)^A?GPL(?:-|v|\d|$)")
_STRONG_WORDS = re.compile(
    r"(?i)(?<![a-z])A?GPL(?![a-z])|(?<!lesser )(?<!library )general public licen[sc]e|affero"
)
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", re.MULTILINE)
_WORDS = re.compile(r"\(|\)|[^\s()]+")


class Bond(StrEnum):
    """How far a licence reaches."""

    FREE = "free"
    STRONG = "strong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Licence:
    """A package's licence in its own words."""

    package: str
    said: str
    bond: Bond


def licence_of(package: Distribution) -> Licence:
    """The licence by the package's metadata and, without any, by its licence's text."""
    name = package.metadata["Name"]
    if expression := _said(package, "License-Expression"):
        return Licence(name, expression, bond_of_expression(expression))
    line = _said(package, "License")
    told = [line.splitlines()[0]] if line else []
    told += [c for c in package.metadata.get_all("Classifier") or () if c.startswith("License ::")]
    telling = [words for words in told if words.lower() not in ("unknown", "license :: osi approved")]
    if not telling:
        telling = [heading for heading in [_heading(package)] if heading]
    said = " | ".join(telling)
    if not telling:
        return Licence(name, "", Bond.UNKNOWN)
    return Licence(name, said, Bond.STRONG if any(map(is_strong, telling)) else Bond.FREE)


def _said(package: Distribution, field: str) -> str:
    return package.metadata[field].strip() if field in package.metadata else ""


def is_strong(words: str) -> bool:
    """Whether words such as a classifier or a heading name the GPL or the AGPL."""
    return _STRONG_WORDS.search(" ".join(words.split())) is not None


def bond_of_expression(expression: str) -> Bond:
    """An SPDX expression: of ``OR`` we may choose, ``AND`` binds by both, an exception is not relied on."""
    tokens = _WORDS.findall(expression)
    try:
        strong, rest = _alternatives(tokens)
    except IndexError:
        return Bond.UNKNOWN
    if rest:
        return Bond.UNKNOWN
    return Bond.STRONG if strong else Bond.FREE


def _alternatives(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    strong, tokens = _together(tokens)
    while tokens and tokens[0].upper() == "OR":
        other, tokens = _together(tokens[1:])
        strong = strong and other
    return strong, tokens


def _together(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    strong, tokens = _one(tokens)
    while tokens and tokens[0].upper() == "AND":
        other, tokens = _one(tokens[1:])
        strong = strong or other
    return strong, tokens


def _one(tokens: Sequence[str]) -> tuple[bool, Sequence[str]]:
    if tokens[0] == "(":
        strong, tokens = _alternatives(tokens[1:])
        if tokens[0] != ")":
            raise IndexError
        return strong, tokens[1:]
    strong, tokens = _STRONG_ID.match(tokens[0]) is not None, tokens[1:]
    if tokens and tokens[0].upper() == "WITH":
        tokens = tokens[2:]
    return strong, tokens


def _heading(package: Distribution) -> str:
    """How the licence's text begins."""
    for file in package.files or ():
        if re.match(r"(?i)(licen[sc]e|copying)", file.name):
            try:
                text = Path(str(package.locate_file(file))).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            return " ".join(text[:LONGEST_HEADING].split())
    return ""


def pinned_in(text: str) -> frozenset[str]:
    """The packages that a requirements file pins, by their normal names."""
    return frozenset(normal(name) for name in _PIN.findall(text))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def split(packages: Iterable[Distribution], core: frozenset[str]) -> tuple[list[Licence], list[Licence]]:
    """The licences of what the core needs, and of all else: extras and tools for development."""
    ours, apart = list[Licence](), list[Licence]()
    for package in sorted(packages, key=lambda package: normal(package.metadata["Name"])):
        (ours if normal(package.metadata["Name"]) in core else apart).append(licence_of(package))
    return ours, apart
