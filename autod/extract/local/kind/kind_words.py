"""The words of each kind of document, ready to be looked for on a page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

from autod.domain.kinds import DocType
from autod.extract.local.page.layout import LabelTable
from autod.words import phrases, section


class Role(Enum):
    """How a phrase speaks for a kind."""

    TITLE = "title"
    LABEL = "label"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind that a phrase speaks for; ``subtype`` only with a title."""

    kind: DocType
    role: Role
    subtype: str | None = None


@dataclass(frozen=True)
class KindWords:
    """``table`` finds phrases, ``meanings`` says what each one means, by the table's key."""

    table: LabelTable
    meanings: dict[str, tuple[Meaning, ...]]


_NUMBER_WORDS = frozenset(phrases("signs.number"))


@cache
def kind_words() -> KindWords:
    """The word lists, made ready at first use."""
    collected: dict[str, list[Meaning]] = {}
    for name, lists in section("kinds").items():
        for phrase, meaning in _meanings(DocType(name), lists):
            collected.setdefault(phrase, []).append(meaning)
    return KindWords(
        table=LabelTable({phrase: [phrase] for phrase in collected}),
        meanings={phrase: tuple(meanings) for phrase, meanings in collected.items()},
    )


def is_numbered(phrase: str) -> bool:
    """Whether ``phrase`` ends in a word for "number", as labels do and some headings."""
    return phrase.rpartition(" ")[2] in _NUMBER_WORDS


def _meanings(kind: DocType, lists: dict[str, Any]) -> list[tuple[str, Meaning]]:
    found = [
        (phrase, Meaning(kind, Role.TITLE, subtype))
        for subtype, phrases in lists.get("subtypes", {}).items()
        for phrase in phrases
    ]
    narrower = {phrase for phrase, _ in found}
    found += [(p, Meaning(kind, Role.TITLE)) for p in lists.get("titles", ()) if p not in narrower]
    headings = {phrase for phrase, _ in found}
    strong = set(lists.get("strong", ()))
    # "Rechnung Nr. 42" is a heading as often as a label
    found += [
        (p, Meaning(kind, Role.TITLE)) for p in strong if p.rpartition(" ")[0] in headings and is_numbered(p)
    ]
    found += [(phrase, Meaning(kind, Role.STRONG)) for phrase in lists.get("strong", ())]
    found += [
        (phrase, Meaning(kind, Role.LABEL)) for phrase in lists.get("labels", ()) if phrase not in strong
    ]
    return found
