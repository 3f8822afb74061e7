"""Places on a page where a party's name may stand, each with how much it is worth.

A name usually shows in several places (letterhead, sender line, footer, web address); the places are
found independently here and weighed together in ``parties``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from autod.domain.reading import Box, Line, Page, Word
from autod.extract.local.page.candidates import Place
from autod.extract.local.page.identity import ByIdentity
from autod.extract.local.page.layout import Span, fold, rows
from autod.extract.local.page.postal import Block, address_blocks, has_street_word, is_place, is_street
from autod.extract.local.parties.names import legal_form, starts_as_title
from autod.extract.local.parties.printed import NameCandidate, name_at, name_in_line
from autod.extract.local.weights import PartyWeights
from autod.words import any_of

_PARTS = re.compile(r"\s+[-–—/]\s+|\s*[|·•●;∙]\s*|,\s+|\s{3,}")
_FORM_FOLLOWS = re.compile(rf"[^,|·•;]{{3,60}}, {any_of('legal_forms.in_footer')}(?![\w])")
_GREETING = re.compile(any_of("signs.greets"))
_CLOSING = re.compile(any_of("signs.closes"))
_SEPARATED = re.compile(r"[|·•●;∙]")
_FOOTER = 0.86  # of the page's height
_LETTERHEAD = 0.24
_HEAD = 0.12
_UPPER_PART = 0.45
_LOWEST_BLOCK = 0.75
_ADDRESS, _ADDRESSEE = 0.16, 0.13  # from a sender line down to the end of the address, and to its name
_LARGE, _VERY_LARGE = 1.25, 1.7  # times the height of most lines
_LEAST_BODY = 0.1  # points
_WIDE_GAP = 2.5  # line heights
_SAME_BLOCK = 1.1  # line heights


def sender_lines(page: Page) -> list[tuple[NameCandidate, Box]]:
    """The small line above an address window: "Name · Street 1 · 12345 Town", with its box."""
    senders = []
    for row in rows(page):
        if row[0].box.y0 > _UPPER_PART * page.height:
            break
        for span in _joined(page, row):
            if len(span.text) > 130:
                continue
            parts = [part for part in _PARTS.split(span.text) if part.strip()]
            if len(parts) < 3 or not any(is_place(part) for part in parts[1:]):
                continue
            box = span.whole
            above = addressee_under(page, box) is not None
            reason = PartyWeights.sender_line
            if not above:
                separated = _SEPARATED.search(span.text)
                reason = PartyWeights.separated_line if separated else PartyWeights.loose_line
            if legal_form(parts[0]) == 1.0:
                reason = max(reason, PartyWeights.company_line)
            name = name_at(Place(Span(page, span.words_at(0, max(len(parts[0]), 1)))), "sender line", reason)
            if name is not None and (
                above or legal_form(name.match.value) or not has_street_word(name.match.value)
            ):
                senders.append((name, box))
    return senders


def addressee_under(page: Page, sender: Box) -> NameCandidate | None:
    """The first name in the lines below a sender line, at its left edge and above a street or town."""
    column = [
        line
        for line in page.lines
        if 0.5 * sender.height < line.box.y0 - sender.y0 < _ADDRESS * page.height
        and abs(line.box.x0 - sender.x0) < 40
    ]
    for at, line in enumerate(column):
        if line.box.y0 - sender.y0 > _ADDRESSEE * page.height or len(line.words) > 9:
            continue
        name = name_in_line(page, line, "address", PartyWeights.under_sender_line)
        if name is not None:
            addressed = any(
                is_street(below.text) or is_place(below.text) for below in column[at + 1 : at + 7]
            )
            return name if addressed else None
    return None


def _joined(page: Page, row: list[Line]) -> Iterator[Span]:
    """The pieces of a row that stand close together, as one; wide gaps part columns."""
    words: tuple[Word, ...] = ()
    for line in row:
        if words and line.box.x0 - words[-1].box.x1 > _WIDE_GAP * line.box.height:
            yield Span(page, words)
            words = ()
        words += line.words
    yield Span(page, words)


def letterhead(page: Page, taken: ByIdentity[Line, Block], headed: bool) -> Iterator[NameCandidate]:
    """Names in the top of the page that are large or carry a legal form.

    The lines of ``taken`` are skipped; ``headed`` says that large lines are the document's title.
    """
    body = median(line.box.height for line in page.lines)
    rank = 0
    for at, line in enumerate(page.lines):
        if line.box.y0 > _LETTERHEAD * page.height:
            break
        if line in taken or len(line.words) > 10 or len(line.text) > 200:
            continue
        form = legal_form(line.text)
        if form < 1.0 and starts_as_title(line.text):
            continue
        in_head = line.box.y0 < _HEAD * page.height
        if headed and form < 1.0 and not (form and rank == 0 and in_head):
            continue  # its large lines are its title, not a letterhead
        first = rank == 0 and at < 3 and in_head and len(line.words) > 1
        ratio = line.box.height / max(body, _LEAST_BODY)
        reasons = [PartyWeights.letterhead, PartyWeights.letterhead_form.times(form)]
        if first:
            reasons[1] = max(reasons[1], PartyWeights.first_line)
        if ratio >= _LARGE:
            reasons.append(PartyWeights.very_large if ratio >= _VERY_LARGE else PartyWeights.large)
        down = line.box.y0 / page.height
        reasons += [PartyWeights.down_page.times(down), PartyWeights.later_line.times(min(rank, 6))]
        name = name_in_line(page, line, "letterhead", *reasons)
        if name is not None and first and " " not in name.match.value:
            name = None  # one word that is no more than first may be anything
        if name is not None and (form or ratio >= _LARGE or rank == 0):
            rank += 1
            yield name


def footer(page: Page) -> Iterator[NameCandidate]:
    """Names with a legal form at the foot of the page, where businesses print who they are."""
    for line in page.lines:
        if line.box.y0 < _FOOTER * page.height or len(line.text) > 200:
            continue
        whole = _FORM_FOLLOWS.match(line.text)
        part = whole[0] if whole else _PARTS.split(line.text)[0]
        if part and legal_form(part) == 1.0:
            words = Span(page, line.words).words_at(0, len(part))
            name = name_at(Place(Span(page, words)), "footer", PartyWeights.footer)
            if name is not None:
                yield name


def greeted(page: Page) -> list[NameCandidate]:
    """The addressee of a letter: the first name of the address lines above "Dear ..."."""
    at = next((i for i, line in enumerate(page.lines[:80]) if _GREETING.match(fold(line.text))), None)
    if at is None:
        return []
    left = page.lines[at].box.x0
    column = [line for line in page.lines[max(0, at - 30) : at] if abs(line.box.x0 - left) < 12]
    groups: list[list[Line]] = []
    for line in column:
        if groups and line.box.y0 - groups[-1][-1].box.y1 < _SAME_BLOCK * line.box.height:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in reversed(groups):
        addressed = any(is_place(line.text) or is_street(line.text) for line in group)
        if len(group) >= 3 or (addressed and len(group) == 2):
            names = [
                name
                for line in group
                if (name := name_in_line(page, line, "greeting", PartyWeights.above_greeting))
            ]
            called = [name for name in names if _is_called(name.match.value, page.lines[at].text)]
            return [name.worth(PartyWeights.greeted_by_name) for name in called[:1]] or names[:1]
    return []


def _is_called(name: str, greeting: str) -> bool:
    """Whether "Dear Mr Achterberg" means the person of that name."""
    return fold(name).split()[-1].strip(".,") in re.findall(r"\w{3,}", fold(greeting))


def signed(page: Page) -> list[NameCandidate]:
    """The name under "Yours sincerely"."""
    at = next(
        (i for i, line in enumerate(page.lines) if _CLOSING.match(fold(line.text)) and len(line.words) <= 6),
        None,
    )
    if at is None:
        return []
    below = page.lines[at + 1 : at + 5]
    names = (
        name_in_line(page, line, "below closing", PartyWeights.signed)
        for line in below
        if len(line.words) <= 6
    )
    return [name for name in names if name is not None][:1]


def windows(page: Page) -> list[tuple[NameCandidate, Block]]:
    """Address blocks that begin with a name, top of the page first."""
    addressed = []
    for block in address_blocks(page):
        if block.box.y0 > _LOWEST_BLOCK * page.height:
            continue
        for line in block.lines[:-1]:
            if is_street(line.text) or is_place(line.text):
                break
            name = name_in_line(page, line, "address", PartyWeights.heads_block)
            if name is not None:
                addressed.append((_company_below(name, block) or name, block))
                break
    return addressed


def _company_below(person: NameCandidate, block: Block) -> NameCandidate | None:
    """The company a person is written to at: it stands under the name, with its legal form."""
    if legal_form(person.match.value):
        return None
    for line in block.lines[:-1]:
        if line.box.y0 > person.box.y0 + 1 and legal_form(line.text) == 1.0:
            return name_in_line(person.page, line, person.key, *person.reasons)
    return None
