"""Two readers of one document: what both say is surer; what one says, or both otherwise, is looked at."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autod.codes import Code
from autod.domain.extraction import STATED, Draft, Found
from autod.domain.field_columns import Grammar
from autod.domain.fields import FIELDS
from autod.domain.kinds import DocType
from autod.grammar.letters import letters_and_digits
from autod.grammar.says import same
from autod.verify.arithmetic import Findings
from autod.verify.grounding import Grounding, ground
from autod.verify.page_index import DocumentIndex
from autod.verify.shape import fits_schema

_SURE = 0.85
"""An embedded rule with a label beside the value is at least so sure; its value is then the one shown."""


@dataclass(frozen=True)
class Borne:
    """Values that the page bears out, with where, and the codes of those that it does not."""

    found: dict[str, Found] = field(default_factory=dict)
    grounds: dict[str, Grounding] = field(default_factory=dict)
    dropped: tuple[str, ...] = ()

    @property
    def states_a_fact(self) -> bool:
        """Whether there is more than judgements, which no words need to bear out."""
        return any(FIELDS[name].about.grammar is not Grammar.JUDGED for name in self.found)

    def take(self, name: str, other: Borne) -> None:
        self.found[name], self.grounds[name] = other.found[name], other.grounds[name]

    def sureness(self, name: str) -> float:
        return self.found[name].score * self.grounds[name].strength * self.grounds[name].word_confidence


def borne_out(draft: Draft, index: DocumentIndex) -> Borne:
    """The part of a draft that stands on the pages."""
    borne, dropped = Borne(), []
    for name, item in draft.found.items():
        if not fits_schema(name, item.value):
            dropped.append(Code.INVALID.of(name))
        elif (grounding := ground(name, item, index)) is None:
            dropped.append(Code.UNGROUNDED.of(name))
        else:
            if grounding.value is not None and grounding.value != item.value:
                dropped.append(Code.UNGROUNDED.of(name))
                item = dataclasses.replace(item, value=grounding.value)
            if grounding.printed is not None:
                item = dataclasses.replace(item, value=grounding.printed)
            if grounding.quote is not None:
                item = dataclasses.replace(item, quote=grounding.quote)
            borne.found[name], borne.grounds[name] = item, grounding
    return dataclasses.replace(borne, dropped=tuple(dropped))


@dataclass(frozen=True)
class Joined:
    """One value a field; ``others`` are what the other reader said, ``alone`` what only the paid one did."""

    borne: Borne
    others: Mapping[str, Found]
    alone: tuple[str, ...]


def join(paid: Borne, own: Borne, findings: Findings) -> Joined:
    """Field by field: what the file states, what both say, the better founded of two, what one alone says."""
    borne = Borne(dropped=paid.dropped)
    others: dict[str, Found] = {}
    alone: list[str] = []
    for name in FIELDS:
        if name not in paid.found and name not in own.found:
            continue
        if name not in paid.found or (name in own.found and own.found[name].source in STATED):
            borne.take(name, own)
        elif name not in own.found:
            borne.take(name, paid)
            if FIELDS[name].about.grammar.weighs:
                alone.append(name)
        elif _agree(name, paid.found[name].value, own.found[name].value):
            borne.take(name, paid)
            findings.confirmed.add(name)
        else:
            _differ(name, paid, own, borne, others, findings)
    _deadline(borne, own)
    return Joined(borne, others, tuple(alone))


def _agree(name: str, one: Any, other: Any) -> bool:
    """Whether two values are one; of lists, whether each has the rows of the other, in whatever order."""
    if FIELDS[name].about.grammar is not Grammar.ROWS:
        return same(name, one, other)
    return Counter(map(_spelt, one)) == Counter(map(_spelt, other))


def _spelt(row: Any) -> tuple[Any, ...]:
    """The cells of a row, words without their signs and capitals."""
    cells = (row,) if isinstance(row, str) else tuple(row.model_dump().values())
    return tuple(letters_and_digits(cell) if isinstance(cell, str) else cell for cell in cells)


def _differ(
    name: str, paid: Borne, own: Borne, borne: Borne, others: dict[str, Found], findings: Findings
) -> None:
    grammar = FIELDS[name].about.grammar
    if grammar is Grammar.ROWS:
        borne.take(name, paid)
        findings.fail_of(Code.READERS_DIFFER, name)
        return
    judged = name in ("doc_type", "language")
    if not grammar.weighs and not judged and grammar is not Grammar.CURRENCY:
        borne.take(name, paid)
        return
    if own.found[name].value is DocType.OTHER:
        borne.take(name, paid)
        return
    shown, other = (own, paid) if not judged and own.sureness(name) >= _SURE else (paid, own)
    borne.take(name, shown)
    others[name] = other.found[name]
    findings.fail_of(Code.READERS_DIFFER, name)


def _deadline(borne: Borne, own: Borne) -> None:
    """A deadline that is nothing but the last day to pay goes with it."""
    due = borne.found.get("due_date")
    mine = {name: own.found[name].value for name in ("deadline", "due_date") if name in own.found}
    if due is not None and mine.get("deadline") == mine.get("due_date"):
        borne.found["deadline"], borne.grounds["deadline"] = due, borne.grounds["due_date"]
