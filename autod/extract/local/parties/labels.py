"""Names beside or under the labels that promise them: "Seller", "Bill to", "Name:"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from autod.domain.reading import Box, Page, Word
from autod.extract.local.page.candidates import Candidate, Place, Relation, TextMatch
from autod.extract.local.page.identity import ByIdentity
from autod.extract.local.page.layout import (
    LabelHit,
    LabelTable,
    Span,
    find_labels,
    label_tokens,
    layout_of,
)
from autod.extract.local.page.walk import Column, Habit, column_places, places
from autod.extract.local.parties.printed import NameCandidate, name_at
from autod.extract.local.weights import PartyWeights
from autod.words import any_of, groups, phrases

_CONNECTED = re.compile(rf"^\W{{0,2}}(?:{any_of('parties.joined')}|/|&)\W{{1,2}}", re.IGNORECASE)
_ADDRESS_WORD = re.compile(
    rf"^\W*(?:{any_of('parties.address_of')} )?{any_of('parties.address')}\b", re.IGNORECASE
)
_WEAK_RECIPIENT = frozenset(phrases("parties.weak_recipient"))
_ACCOUNT_HOLDER = frozenset(phrases("parties.account_holder"))
_HEADING_CELLS = 4
_LINES_BELOW = 6
_RIGHT_OF_LABEL = 60  # points that a name under a label may begin right of it
_SAME_BOX = 0.2  # of the page's width, within which "Name:" stands in the box of a party's label
_FAR = 0.45  # of the page's width
_GAP = 100  # points between label and name of different sizes that do not belong together
_OTHER_SIZE = 1.4  # times the height
_UNDER_NAME = 2.5  # points
_NEXT_LINE = 0.6  # line heights
_HABIT: Final = Habit(reach=9.0, column=Column.LINE)
_IN_BOX: Final = Habit(column=Column.LINE)


@dataclass(frozen=True)
class Sides:
    """Names beside or under labels such as "Seller" and "Bill to"."""

    issuers: tuple[NameCandidate, ...]
    recipients: tuple[NameCandidate, ...]


_ITEM_NUMBER = re.compile(r"\W*(?:\d{1,2}[a-z]?)?\W*")
_CAPTIONED: Final = Habit(reach=3.5, column=Column.LINE)  # down to what was filled in


@cache
def _captions() -> LabelTable:
    """What a form prints small over the place to fill in."""
    return LabelTable(groups("parties.captions"))


def captioned(page: Page) -> Sides:
    """The names filled in under the captions of a form: "2 Business name, if different from above"."""
    names: dict[str, list[NameCandidate]] = {"issuer": [], "recipient": []}
    for hit in find_labels(page, _captions()):
        if not _ITEM_NUMBER.fullmatch(hit.line.text[: hit.start]):
            continue
        for line, place in column_places(hit, _CAPTIONED, hit.line.box):
            goes_on = line.text[:1].islower()
            if goes_on or abs(line.box.x0 - hit.line.box.x0) > 12:
                continue
            name = name_at(place, "label", PartyWeights.label, whole=True)
            if name is not None:
                names[hit.key].append(name)
            break
    return Sides(tuple(names["issuer"]), tuple(names["recipient"]))


@cache
def _labels() -> LabelTable:
    return LabelTable(
        {
            "weak issuer": phrases("parties.weak_issuer"),
            "weak recipient": phrases("parties.weak_recipient"),
            "issuer": phrases("parties.issuer"),
            "recipient": phrases("parties.recipient"),
            "name": phrases("parties.name"),
        }
    )


_ByWords = ByIdentity[tuple[Word, ...], LabelHit]
"""The first label of a line, by the words that a place in the whole of that line has."""


def labelled(page: Page, *, asks_for_money: bool = False) -> Sides:
    """The names that the page's own labels point to.

    ``asks_for_money`` says that an account's holder is whom to pay, not the reader.
    """
    hits = [
        hit
        for hit in find_labels(page, _labels())
        if hit.starts_line and _is_label_line(hit) and not (asks_for_money and hit.phrase in _ACCOUNT_HOLDER)
    ]
    by_line: _ByWords = ByIdentity()
    for hit in hits:
        by_line.setdefault(hit.line.words, hit)
    names: dict[str, list[NameCandidate]] = {"issuer": [], "recipient": []}
    for hit in hits:
        if hit.key != "name":
            name = _name_for(hit, by_line)
            if name is not None:
                names[hit.key.rpartition(" ")[2]].append(name)
    return Sides(tuple(names["issuer"]), tuple(names["recipient"]))


def _is_label_line(hit: LabelHit) -> bool:
    """The label stands alone, before a colon, or directly before a name; it begins no sentence."""
    rest = hit.line.text[hit.end :]
    if _says_nothing_more(hit) or rest.lstrip().startswith((":", "(", "/")):
        return hit.phrase not in _WEAK_RECIPIENT or not _in_heading_row(hit)
    starts_large = hit.line.text[hit.start].isupper()
    if hit.key == "name" or hit.key.startswith("weak"):
        return False
    return starts_large and len(hit.line.words) <= 9 and rest.lstrip()[:1].isupper()


def _says_nothing_more(hit: LabelHit) -> bool:
    """Whether nothing follows in the line but more labels: "Named Insured and Mailing Address"."""
    rest = hit.line.text[hit.end :]
    joined = _CONNECTED.sub(" ", rest)
    other = next(iter(_labels().find(label_tokens(joined))), None)
    if other is not None and not joined[: other[2]].strip(" /&,"):
        rest = joined[other[3] :]
    return not _ADDRESS_WORD.sub("", joined if rest == hit.line.text[hit.end :] else rest).strip(" :.*#-()/")


def _in_heading_row(hit: LabelHit) -> bool:
    """Whether the label is one of several cells that head a table: "From  To  Departure  Seat"."""
    return (
        len(layout_of(hit.page).right_of(Box(0.0, hit.line.box.y0, 0.0, hit.line.box.y1))) >= _HEADING_CELLS
    )


def _name_for(hit: LabelHit, by_line: _ByWords) -> NameCandidate | None:
    reason = PartyWeights.weak_label if hit.key.startswith("weak") else PartyWeights.label
    inner = _inner_name(hit, by_line)
    if inner is not None:
        return inner.worth(reason, PartyWeights.named_inside)
    below = 0
    for place in places(hit, _HABIT):
        if place.relation is Relation.BELOW:
            below += 1
            if below > _LINES_BELOW or place.span.words[0].box.x0 > hit.box.x1 + _RIGHT_OF_LABEL:
                continue
        if place.relation is Relation.SAME_LINE and _says_nothing_more(hit):
            continue
        if place.relation is not Relation.SAME_LINE:
            other = by_line.get(place.span.words, None)
            if other is not None and place.relation is Relation.BELOW:
                return None  # the next party's label, or a place for the name: this one has no name
            if other is not None and other.key == "name":
                beside = _beside(other)  # its box has a place for the name: what stands there, or nothing
                return beside and beside.worth(reason, PartyWeights.named_inside)
            if other is not None:
                continue
        name = name_at(place, "label", reason)
        if name is not None and not (place.relation is Relation.RIGHT and _far(hit, place.span)):
            return _continued(hit, name) if place.relation is Relation.SAME_LINE else name
    return None


def _continued(hit: LabelHit, name: NameCandidate) -> NameCandidate:
    """The name with the words that run over to the line below, under the name and not under its label."""
    if name.box.x1 < hit.line.box.x1 - 1:
        return name
    for line in layout_of(hit.page).below(hit.line.box, _NEXT_LINE):
        starts_under = abs(line.box.x0 - name.box.x0) < _UNDER_NAME and line.box.x0 > hit.box.x1 - 1
        if starts_under and len(line.words) <= 5 and not any(c.isdigit() or c == ":" for c in line.text[:12]):
            both = Span(hit.page, (*name.words, *line.words))
            text = TextMatch(f"{name.match.value} {line.text}", 0, len(both.text))
            return Candidate(text, Place(both), key=name.key, reasons=name.reasons)
    return name


def _inner_name(hit: LabelHit, by_line: _ByWords) -> NameCandidate | None:
    """What "Name:" in the box under the party's label points to."""
    for place in places(hit, _HABIT):
        other = by_line.get(place.span.words, None)
        if place.relation is not Relation.BELOW or other is None:
            continue
        if other.key != "name":
            return None
        if abs(other.box.x0 - hit.box.x0) < _SAME_BOX * hit.page.width:
            return _beside(other)
    return None


def _far(hit: LabelHit, value: Span) -> bool:
    gap = value.words[0].box.x0 - hit.box.x1
    sizes = sorted((value.words[0].box.height, hit.box.height))
    return gap > _FAR * hit.page.width or (gap > _GAP and sizes[1] > _OTHER_SIZE * sizes[0])


def _beside(hit: LabelHit) -> NameCandidate | None:
    """What "Name:" inside a party's box points to."""
    for place in places(hit, _IN_BOX):
        below = place.relation is Relation.BELOW
        name = name_at(place, "label", PartyWeights.label, whole=below)
        if name is not None or below:
            return name
    return None
