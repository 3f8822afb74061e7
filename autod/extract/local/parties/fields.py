"""Who made a document and whom it is for.

Candidates from independent places are weighed together: the same name in the letterhead, the sender line,
the footer and the web address is surer than in one of them. Below a threshold there is no answer.
"""

from __future__ import annotations

import re
from collections import defaultdict

from rapidfuzz import fuzz

from autod.domain.extraction import Found
from autod.domain.kind_columns import Kind
from autod.domain.kinds import DocType, kind_of
from autod.domain.reading import Box, Page, Reading
from autod.extract.local.page.layout import Span, fold, page_source, rows
from autod.extract.local.page.postal import Block, is_place, is_street
from autod.extract.local.parties.candidates import (
    addressee_under,
    footer,
    greeted,
    letterhead,
    sender_lines,
    signed,
    windows,
)
from autod.extract.local.parties.contract import contract_parties, defined_parties
from autod.extract.local.parties.labels import Labelled, captioned, labelled
from autod.extract.local.parties.names import can_be_name, legal_form
from autod.extract.local.parties.printed import NameSeen, name_seen
from autod.words import any_of, phrases

_LEAST = 0.45
_DOMAIN = re.compile(r"(?:@|\bwww\.|https?://(?:www\.)?)([a-z0-9][a-z0-9-]{2,40})\.[a-z]{2,4}", re.IGNORECASE)
_MAIL_HOSTS = frozenset(phrases("contacts.mail_hosts"))
_TILL_ROWS = 7
_LEAST_CONFIDENCE = 0.55  # of the words of a scanned shop's name: logos are read as nonsense
_REGISTERED = re.compile(rf"\d{{4,}}[- ]?[A-Z]\b|\b{any_of('contacts.registered')}\b", re.IGNORECASE)


def find_parties(reading: Reading, doc_type: DocType) -> dict[str, Found]:
    """``issuer`` and ``recipient``, each only where the page gives enough reason."""
    # Labels of one language stand on documents of another, so those of all are tried.
    pages = [page for page in reading.pages if page.lines]
    if not pages:
        return {}
    page, kind = pages[0], kind_of(doc_type)
    if kind.agreement:
        pair = contract_parties(pages)
        if pair:
            return _answer([pair[0]], [pair[1]])
    if kind.of_a_person:
        return _answer(_applicant(page), [])
    labels = labelled(page, asks_for_money=kind.holder_is_payee)
    senders = sender_lines(page)
    blocks = windows(page)
    filled = captioned(page) if kind.filled_in else Labelled((), ())
    issuers = [*filled.issuers, *labels.issuers, *(seen for seen, _ in senders)]
    if kind.agreement:
        issuers += defined_parties(pages)
    if kind.from_till:
        issuers += _till_head(page)
    if kind.signed:
        issuers += signed(page)
    recipients = [
        *filled.recipients,
        *labels.recipients,
        *_addressed(page, senders, blocks, issuers, kind),
    ]
    taken = {
        id(line)
        for seen, block in blocks
        if any(_same(seen.name, other.name) for other in recipients)
        for line in block.lines
    }
    if not kind.filled_in:
        issuers += letterhead(page, taken, kind.large_title)
        issuers += [seen for each in dict.fromkeys((0, len(pages) - 1)) for seen in footer(pages[each])]
    issuers += [
        seen.worth(0.35 + 0.2 * legal_form(seen.name))
        for seen, _ in blocks
        if not any(_same(seen.name, r.name) for r in recipients)
    ]
    return _answer(_agreeing_with_domain(reading, issuers), recipients)


def _addressed(
    page: Page,
    senders: list[tuple[NameSeen, Box]],
    blocks: list[tuple[NameSeen, Block]],
    issuers: list[NameSeen],
    kind: Kind,
) -> list[NameSeen]:
    """The name in the address window: under the sender line, else the first block not the issuer's."""
    for _, box in senders:
        addressee = addressee_under(page, box)
        if addressee is not None:
            return [addressee]
    if kind.from_till:
        return []
    greeting = [seen for seen in greeted(page) if not any(_same(seen.name, known.name) for known in issuers)]
    if greeting:
        return greeting
    others = [
        (seen, block) for seen, block in blocks if not any(_same(seen.name, known.name) for known in issuers)
    ]
    upper = [(seen, block) for seen, block in others if block.box.y0 < 0.5 * page.height]
    if not upper:
        return []
    if len(upper) == 1 and len(blocks) == 1:
        seen, block = upper[0]
        in_head = block.box.y0 < 0.11 * page.height
        return [] if in_head else [seen.worth(0.52)]
    if len(upper) == 1:
        return [upper[0][0].worth(0.52)]
    return [upper[1][0].worth(0.48)] if upper[0][1].box.y0 < 0.13 * page.height else [upper[0][0].worth(0.48)]


def _applicant(page: Page) -> list[NameSeen]:
    """The person a resume is about: the large name at its head."""
    for line in page.lines[:3]:
        seen = name_seen(Span(page, line.words), 0, 0.6, "head") if len(line.words) <= 5 else None
        if seen is not None:
            return [seen]
    return []


def _till_head(page: Page) -> list[NameSeen]:
    """The shop at the head of a receipt: a strong line with a registration number, street or telephone below.

    A till prints one column, so a row is one line here, however wide its gaps.
    """
    found: list[NameSeen] = []
    heads = [
        Span(page, tuple(word for line in row for word in line.words)) for row in rows(page)[: _TILL_ROWS + 2]
    ]
    for at, head in enumerate(heads[:_TILL_ROWS]):
        below = heads[at + 1] if at + 1 < len(heads) else None
        if below is not None and legal_form(head.text) < 1 and _completes(head, below):
            head = Span(page, (*head.words, *below.words))
        backed = any(_backs(span.text) for span in heads[at + 1 : at + 3])
        worth = 0.5 - 0.05 * at + 0.3 * legal_form(head.text) + 0.16 * backed
        sure = sum(word.confidence for word in head.words) / len(head.words) >= _LEAST_CONFIDENCE
        seen = name_seen(head, 0, worth, "till") if sure else None
        if seen is not None:
            found.append(seen)
    return found


def _backs(text: str) -> bool:
    """What a shop prints under its name: registration number, street, town or telephone."""
    return is_street(text) or is_place(text) or bool(_REGISTERED.search(text))


def _completes(head: Span, below: Span) -> bool:
    """The next line is no more than the rest of the name: "SDN BHD"."""
    upper, lower = head.words[0].box, below.words[0].box
    close = lower.y0 - upper.y1 < 1.2 * upper.height
    return close and len(below.words) <= 3 and legal_form("x " + below.text) == 1.0 and can_be_name(head.text)


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))


def _same(one: str, other: str) -> bool:
    a, b = _key(one), _key(other)
    return (
        a == b or (min(len(a), len(b)) >= 5 and (a.startswith(b) or b.startswith(a))) or fuzz.ratio(a, b) > 90
    )


def _agreeing_with_domain(reading: Reading, seen: list[NameSeen]) -> list[NameSeen]:
    """Candidates whose name is in a web or e-mail address of the first page are worth more."""
    domains = {
        match.group(1).lower().replace("-", "") for match in _DOMAIN.finditer(reading.pages[0].text[:20000])
    }
    domains -= _MAIL_HOSTS
    if not domains:
        return seen
    return [
        each.worth(min(0.97, each.weight + 0.2)) if _in_domain(each.name, domains) else each for each in seen
    ]


def _in_domain(name: str, domains: set[str]) -> bool:
    key = _key(name)
    words = [_key(word) for word in name.split()]
    return any(
        (len(domain) >= 4 and domain in key) or any(len(word) >= 5 and word in domain for word in words)
        for domain in domains
    )


def _answer(issuers: list[NameSeen], recipients: list[NameSeen]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    issuer, issuer_score = _best(issuers)
    recipient, recipient_score = _best(recipients)
    if issuer and recipient and _same(issuer.name, recipient.name):
        if issuer_score >= recipient_score:
            recipient, recipient_score = _best([r for r in recipients if not _same(r.name, issuer.name)])
        else:
            issuer, issuer_score = _best([i for i in issuers if not _same(i.name, recipient.name)])
    if issuer is not None:
        found["issuer"] = _found(issuer, issuer_score)
    if recipient is not None:
        found["recipient"] = _found(recipient, recipient_score)
    return found


def _best(seen: list[NameSeen]) -> tuple[NameSeen | None, float]:
    """The name with the most reason behind it, and how much that is; one vote for each kind of place."""
    groups: list[list[NameSeen]] = []
    for each in seen:
        group = next((g for g in groups if _same(g[0].name, each.name)), None)
        if group is None:
            groups.append([each])
        else:
            group.append(each)
    best: tuple[NameSeen | None, float] = (None, _LEAST)
    for group in groups:
        by_place: defaultdict[str, float] = defaultdict(float)
        for each in group:
            by_place[each.place] = max(by_place[each.place], each.weight)
        doubt = 1.0
        for weight in by_place.values():
            doubt *= 1.0 - weight
        if 1.0 - doubt > best[1]:
            best = (_fullest(group), 1.0 - doubt)
    return best


def _fullest(group: list[NameSeen]) -> NameSeen:
    """The best of one party's names; a brand gives way to a company's name that says more than its form."""
    best = max(group, key=lambda each: each.weight)
    brand = _key(best.name)
    for other in sorted(group, key=lambda each: -each.weight):
        longer = len(_key(other.name)) > 1.4 * len(brand) and _key(other.name).startswith(brand)
        if longer and legal_form(other.name) == 1.0 and legal_form(best.name) < 1.0:
            return other
    return best


def _found(seen: NameSeen, score: float) -> Found:
    return Found(
        seen.name, round(min(score, 0.97), 3), page_source(seen.page), seen.page.number, seen.quote, seen.box
    )
