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
from autod.domain.reading import Box, Line, Page, Reading
from autod.extract.local.page.candidates import Place
from autod.extract.local.page.identity import ByIdentity
from autod.extract.local.page.layout import Span, fold, rows
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
from autod.extract.local.parties.labels import Sides, captioned, labelled
from autod.extract.local.parties.names import can_be_name, legal_form
from autod.extract.local.parties.printed import NameCandidate, name_at, name_in_line
from autod.extract.local.weights import PartyWeights, Weight
from autod.words import any_of, phrases

_UPPER_PART = 0.5  # of the page's height
_IN_HEAD, _ABOVE_WINDOW = 0.11, 0.13  # of the page's height, where an issuer's own address stands
_NEXT_LINE = 1.2  # line heights
_SAYS_MORE = 1.4  # times as long
_DOMAIN = re.compile(r"(?:@|\bwww\.|https?://(?:www\.)?)([a-z0-9][a-z0-9-]{2,40})\.[a-z]{2,4}", re.IGNORECASE)
_MAIL_HOSTS = frozenset(phrases("contacts.mail_hosts"))
_TILL_ROWS = 7
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
    filled = captioned(page) if kind.filled_in else Sides((), ())
    issuers = [*filled.issuers, *labels.issuers, *(name for name, _ in senders)]
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
    taken: ByIdentity[Line, Block] = ByIdentity()
    for name, block in blocks:
        if any(_same(name, recipient) for recipient in recipients):
            for line in block.lines:
                taken[line] = block
    if not kind.filled_in:
        issuers += letterhead(page, taken, kind.large_title)
        issuers += [name for each in dict.fromkeys((0, len(pages) - 1)) for name in footer(pages[each])]
    issuers += [
        name.worth(PartyWeights.block, PartyWeights.block_form.times(legal_form(name.match.value)))
        for name, _ in blocks
        if not any(_same(name, recipient) for recipient in recipients)
    ]
    return _answer(_agreeing_with_domain(reading, issuers), recipients)


def _addressed(
    page: Page,
    senders: list[tuple[NameCandidate, Box]],
    blocks: list[tuple[NameCandidate, Block]],
    issuers: list[NameCandidate],
    kind: Kind,
) -> list[NameCandidate]:
    """The name in the address window: under the sender line, else the first block not the issuer's."""
    for _, box in senders:
        addressee = addressee_under(page, box)
        if addressee is not None:
            return [addressee]
    if kind.from_till:
        return []
    greeting = [name for name in greeted(page) if not any(_same(name, issuer) for issuer in issuers)]
    if greeting:
        return greeting
    others = [(name, block) for name, block in blocks if not any(_same(name, issuer) for issuer in issuers)]
    upper = [(name, block) for name, block in others if block.box.y0 < _UPPER_PART * page.height]
    if not upper:
        return []
    first, top = upper[0][0], upper[0][1].box.y0
    if len(upper) > 1:
        addressee = upper[1][0] if top < _ABOVE_WINDOW * page.height else first
        return [addressee.worth(PartyWeights.one_block_of_several)]
    if len(blocks) == 1 and top < _IN_HEAD * page.height:
        return []
    return [first.worth(PartyWeights.only_block)]


def _applicant(page: Page) -> list[NameCandidate]:
    """The person a resume is about: the large name at its head."""
    for line in page.lines[:3]:
        name = name_in_line(page, line, "head", PartyWeights.applicant) if len(line.words) <= 5 else None
        if name is not None:
            return [name]
    return []


def _till_head(page: Page) -> list[NameCandidate]:
    """The shop at the head of a receipt: a strong line with a registration number, street or telephone below.

    A till prints one column, so a row is one line here, however wide its gaps.
    """
    shops: list[NameCandidate] = []
    heads = [
        Span(page, tuple(word for line in row for word in line.words)) for row in rows(page)[: _TILL_ROWS + 2]
    ]
    for at, head in enumerate(heads[:_TILL_ROWS]):
        below = heads[at + 1] if at + 1 < len(heads) else None
        if below is not None and legal_form(head.text) < 1 and _completes(head, below):
            head = Span(page, (*head.words, *below.words))
        backed = any(_backs(span.text) for span in heads[at + 1 : at + 3])
        reasons = [
            PartyWeights.till_head,
            PartyWeights.till_row.times(at),
            PartyWeights.till_form.times(legal_form(head.text)),
            PartyWeights.till_backed.times(backed),
        ]
        sure = (
            sum(word.confidence for word in head.words) / len(head.words)
            >= PartyWeights.till_least_confidence
        )
        name = name_at(Place(head), "till", *reasons) if sure else None
        if name is not None:
            shops.append(name)
    return shops


def _backs(text: str) -> bool:
    """What a shop prints under its name: registration number, street, town or telephone."""
    return is_street(text) or is_place(text) or bool(_REGISTERED.search(text))


def _completes(head: Span, below: Span) -> bool:
    """The next line is no more than the rest of the name: "SDN BHD"."""
    upper, lower = head.words[0].box, below.words[0].box
    close = lower.y0 - upper.y1 < _NEXT_LINE * upper.height
    return close and len(below.words) <= 3 and legal_form("x " + below.text) == 1.0 and can_be_name(head.text)


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", fold(name))


def _same(one: NameCandidate, other: NameCandidate) -> bool:
    a, b = _key(one.match.value), _key(other.match.value)
    return (
        a == b or (min(len(a), len(b)) >= 5 and (a.startswith(b) or b.startswith(a))) or fuzz.ratio(a, b) > 90
    )


def _agreeing_with_domain(reading: Reading, names: list[NameCandidate]) -> list[NameCandidate]:
    """Candidates whose name is in a web or e-mail address of the first page are worth more."""
    domains = {
        match.group(1).lower().replace("-", "") for match in _DOMAIN.finditer(reading.pages[0].text[:20000])
    }
    domains -= _MAIL_HOSTS
    if not domains:
        return names
    return [
        name.because(PartyWeights.in_domain).at_most(PartyWeights.most)
        if _in_domain(name.match.value, domains)
        else name
        for name in names
    ]


def _in_domain(name: str, domains: set[str]) -> bool:
    key = _key(name)
    words = [_key(word) for word in name.split()]
    return any(
        (len(domain) >= 4 and domain in key) or any(len(word) >= 5 and word in domain for word in words)
        for domain in domains
    )


def _answer(issuers: list[NameCandidate], recipients: list[NameCandidate]) -> dict[str, Found]:
    issuer, recipient = _best(issuers), _best(recipients)
    if issuer and recipient and _same(issuer, recipient):
        if issuer.score >= recipient.score:
            recipient = _best([name for name in recipients if not _same(name, issuer)])
        else:
            issuer = _best([name for name in issuers if not _same(name, recipient)])
    return {
        field: name.at_most(PartyWeights.most).found()
        for field, name in (("issuer", issuer), ("recipient", recipient))
        if name is not None
    }


def _best(names: list[NameCandidate]) -> NameCandidate | None:
    """The name with the most reason behind it, for all of it; one vote for each kind of place."""
    groups: list[list[NameCandidate]] = []
    for name in names:
        group = next((group for group in groups if _same(group[0], name)), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    best, most = None, float(PartyWeights.least)
    for group in groups:
        by_place: defaultdict[str, float] = defaultdict(float)
        for name in group:
            by_place[name.key] = max(by_place[name.key], name.score)
        doubt = 1.0
        for score in by_place.values():
            doubt *= 1.0 - score
        if 1.0 - doubt > most:
            best, most = group, 1.0 - doubt
    return _fullest(best).worth(Weight(most, "PartyWeights.together")) if best else None


def _fullest(group: list[NameCandidate]) -> NameCandidate:
    """The best of one party's names; a brand gives way to a company's name that says more than its form."""
    best = max(group, key=lambda name: name.score)
    brand = _key(best.match.value)
    for other in sorted(group, key=lambda name: -name.score):
        key = _key(other.match.value)
        longer = len(key) > _SAYS_MORE * len(brand) and key.startswith(brand)
        if longer and legal_form(other.match.value) == 1.0 and legal_form(best.match.value) < 1.0:
            return other
    return best
