"""Names beside or under the labels that promise them: "Seller", "Bill to", "Name:"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from autod.domain.reading import Box, Page
from autod.extract.local.page.layout import (
    LabelHit,
    LabelTable,
    Relation,
    Span,
    candidates_for,
    find_labels,
    label_tokens,
    layout_of,
)
from autod.extract.local.parties.printed import NameSeen, name_seen
from autod.words import any_of, groups, phrases

_CONNECTED = re.compile(rf"^\W{{0,2}}(?:{any_of('parties.joined')}|/|&)\W{{1,2}}", re.IGNORECASE)
_ADDRESS_WORD = re.compile(
    rf"^\W*(?:{any_of('parties.address_of')} )?{any_of('parties.address')}\b", re.IGNORECASE
)
_WEAK_RECIPIENT = frozenset(phrases("parties.weak_recipient"))
_ACCOUNT_HOLDER = frozenset(phrases("parties.account_holder"))
_HEADING_CELLS = 4
_LABEL_REACH = 9.0  # heights below a party's label in which its name stands
_LINES_BELOW = 6
_LABEL_WORTH, _WEAK_LABEL_WORTH = 0.85, 0.55


@dataclass(frozen=True)
class Labelled:
    """Names beside or under labels such as "Seller" and "Bill to"."""

    issuers: tuple[NameSeen, ...]
    recipients: tuple[NameSeen, ...]


_ITEM_NUMBER = re.compile(r"\W*(?:\d{1,2}[a-z]?)?\W*")
_CAPTION_REACH = 3.5  # caption heights down to what was filled in


@cache
def _captions() -> LabelTable:
    """What a form prints small over the place to fill in."""
    return LabelTable(groups("parties.captions"))


def captioned(page: Page) -> Labelled:
    """The names filled in under the captions of a form: "2 Business name, if different from above"."""
    found: dict[str, list[NameSeen]] = {"issuer": [], "recipient": []}
    for hit in find_labels(page, _captions()):
        if not _ITEM_NUMBER.fullmatch(hit.line.text[: hit.start]):
            continue
        for line in layout_of(page).below(hit.line.box, _CAPTION_REACH):
            goes_on = line.text[:1].islower()
            if line is hit.line or goes_on or abs(line.box.x0 - hit.line.box.x0) > 12:
                continue
            seen = name_seen(Span(page, line.words), 0, _LABEL_WORTH, "label", whole=True)
            if seen is not None:
                found[hit.key].append(seen)
            break
    return Labelled(tuple(found["issuer"]), tuple(found["recipient"]))


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


def labelled(page: Page, *, asks_for_money: bool = False) -> Labelled:
    """The names that the page's own labels point to.

    ``asks_for_money`` says that an account's holder is whom to pay, not the reader.
    """
    hits = [
        hit
        for hit in find_labels(page, _labels())
        if hit.starts_line and _is_label_line(hit) and not (asks_for_money and hit.phrase in _ACCOUNT_HOLDER)
    ]
    by_line = {id(hit.line.words): hit for hit in reversed(hits)}
    found: dict[str, list[NameSeen]] = {"issuer": [], "recipient": []}
    for hit in hits:
        if hit.key != "name":
            seen = _name_for(hit, by_line)
            if seen is not None:
                found[hit.key.rpartition(" ")[2]].append(seen)
    return Labelled(tuple(found["issuer"]), tuple(found["recipient"]))


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


def _name_for(hit: LabelHit, by_line: dict[int, LabelHit]) -> NameSeen | None:
    weight = _WEAK_LABEL_WORTH if hit.key.startswith("weak") else _LABEL_WORTH
    inner = _inner_name(hit, by_line)
    if inner is not None:
        return _weighed(inner, weight)
    below = 0
    for candidate in candidates_for(hit, _LABEL_REACH):
        if candidate.relation is Relation.BELOW:
            below += 1
            if below > _LINES_BELOW or candidate.span.words[0].box.x0 > hit.box.x1 + 60:
                continue
        if candidate.relation is Relation.SAME_LINE and _says_nothing_more(hit):
            continue
        if candidate.relation is not Relation.SAME_LINE:
            other = by_line.get(id(candidate.span.words))
            if other is not None and other.key == "name":
                # Its box has a place for the name: what stands there, or nothing.
                return _weighed(_beside(other), weight) if candidate.relation is Relation.RIGHT else None
            if other is not None:
                if candidate.relation is Relation.BELOW:
                    return None  # the next party's label: this one has no name
                continue
        seen = name_seen(candidate.span, candidate.offset, weight, "label")
        if seen is not None and not (candidate.relation is Relation.RIGHT and _far(hit, candidate.span)):
            return _continued(hit, seen) if candidate.relation is Relation.SAME_LINE else seen
    return None


def _continued(hit: LabelHit, seen: NameSeen) -> NameSeen:
    """The name with the words that run over to the line below, under the name and not under its label."""
    if seen.box.x1 < hit.line.box.x1 - 1:
        return seen
    for line in layout_of(hit.page).below(hit.line.box, 0.6):
        starts_under = abs(line.box.x0 - seen.box.x0) < 2.5 and line.box.x0 > hit.box.x1 - 1
        if starts_under and len(line.words) <= 5 and not any(c.isdigit() or c == ":" for c in line.text[:12]):
            name = f"{seen.name} {line.text}"
            quote = f"{seen.quote} {line.text}"
            return NameSeen(name, seen.weight, seen.page, quote, Box.around([seen.box, line.box]), seen.place)
    return seen


def _weighed(seen: NameSeen | None, weight: float) -> NameSeen | None:
    return seen and NameSeen(seen.name, weight + 0.05, seen.page, seen.quote, seen.box, "label")


def _inner_name(hit: LabelHit, by_line: dict[int, LabelHit]) -> NameSeen | None:
    """What "Name:" in the box under the party's label points to."""
    for candidate in candidates_for(hit, _LABEL_REACH):
        other = by_line.get(id(candidate.span.words))
        if candidate.relation is not Relation.BELOW or other is None:
            continue
        if other.key != "name":
            return None
        if abs(other.box.x0 - hit.box.x0) < 0.2 * hit.page.width:
            return _beside(other)
    return None


def _far(hit: LabelHit, value: Span) -> bool:
    gap = value.words[0].box.x0 - hit.box.x1
    sizes = sorted((value.words[0].box.height, hit.box.height))
    return gap > 0.45 * hit.page.width or (gap > 100 and sizes[1] > 1.4 * sizes[0])


def _beside(hit: LabelHit) -> NameSeen | None:
    """What "Name:" inside a party's box points to."""
    for candidate in candidates_for(hit):
        below = candidate.relation is Relation.BELOW
        seen = name_seen(candidate.span, candidate.offset, 0.85, "label", whole=below)
        if seen is not None:
            return seen
        if below:
            break
    return None
