"""Places on a page where a party's name may stand, each with how much it is worth.

A name usually shows in several places (letterhead, sender line, footer, web address); the places are
found independently here and weighed together in ``parties``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from statistics import median

from autod.domain.reading import Box, Line, Page, Word
from autod.extract.local.page.layout import Span, fold, rows
from autod.extract.local.page.postal import Block, address_blocks, has_street_word, is_place, is_street
from autod.extract.local.parties.names import legal_form, starts_as_title
from autod.extract.local.parties.printed import NameSeen, name_seen
from autod.words import any_of

_PARTS = re.compile(r"\s+[-–—/]\s+|\s*[|·•●;∙]\s*|,\s+|\s{3,}")
_FORM_FOLLOWS = re.compile(rf"[^,|·•;]{{3,60}}, {any_of('legal_forms.in_footer')}(?![\w])")
_GREETING = re.compile(any_of("signs.greets"))
_CLOSING = re.compile(any_of("signs.closes"))
_SEPARATED = re.compile(r"[|·•●;∙]")
_FOOTER = 0.86  # of the page's height
_LETTERHEAD = 0.24


def sender_lines(page: Page) -> list[tuple[NameSeen, Box]]:
    """The small line above an address window: "Name · Street 1 · 12345 Town", with its box."""
    found = []
    for row in rows(page):
        if row[0].box.y0 > 0.45 * page.height:
            break
        for span in _joined(page, row):
            if len(span.text) > 130:
                continue
            parts = [part for part in _PARTS.split(span.text) if part.strip()]
            if len(parts) < 3 or not any(is_place(part) for part in parts[1:]):
                continue
            box = span.box(0, len(span.text))
            above = addressee_under(page, box) is not None
            worth = 0.85 if above else 0.5 if _SEPARATED.search(span.text) else 0.3
            worth = max(worth, 0.6 if legal_form(parts[0]) == 1.0 else 0.0)
            seen = name_seen(Span(page, span.words_at(0, max(len(parts[0]), 1))), 0, worth, "sender line")
            if seen is not None and (above or legal_form(seen.name) or not has_street_word(seen.name)):
                found.append((seen, box))
    return found


def addressee_under(page: Page, sender: Box) -> NameSeen | None:
    """The first name in the lines below a sender line, at its left edge and above a street or town."""
    column = [
        line
        for line in page.lines
        if 0.5 * sender.height < line.box.y0 - sender.y0 < 0.16 * page.height
        and abs(line.box.x0 - sender.x0) < 40
    ]
    for at, line in enumerate(column):
        if line.box.y0 - sender.y0 > 0.13 * page.height or len(line.words) > 9:
            continue
        seen = name_seen(Span(page, line.words), 0, 0.85, "address")
        if seen is not None:
            addressed = any(
                is_street(below.text) or is_place(below.text) for below in column[at + 1 : at + 7]
            )
            return seen if addressed else None
    return None


def _joined(page: Page, row: list[Line]) -> Iterator[Span]:
    """The pieces of a row that stand close together, as one; wide gaps part columns."""
    words: tuple[Word, ...] = ()
    for line in row:
        if words and line.box.x0 - words[-1].box.x1 > 2.5 * line.box.height:
            yield Span(page, words)
            words = ()
        words += line.words
    yield Span(page, words)


def letterhead(page: Page, taken: set[int], headed: bool) -> Iterator[NameSeen]:
    """Names in the top of the page that are large or carry a legal form.

    ``taken`` are ids of lines to skip; ``headed`` says that large lines are the document's title.
    """
    body = median(line.box.height for line in page.lines)
    rank = 0
    for at, line in enumerate(page.lines):
        if line.box.y0 > _LETTERHEAD * page.height:
            break
        if id(line) in taken or len(line.words) > 10 or len(line.text) > 200:
            continue
        form = legal_form(line.text)
        ratio = line.box.height / max(body, 0.1)
        large = 0.2 if ratio >= 1.7 else 0.12 if ratio >= 1.25 else 0.0
        if form < 1.0 and starts_as_title(line.text):
            continue
        if headed and form < 1.0 and not (form and rank == 0 and line.box.y0 < 0.12 * page.height):
            continue  # its large lines are its title, not a letterhead
        first = (
            0.22 if rank == 0 and at < 3 and line.box.y0 < 0.12 * page.height and len(line.words) > 1 else 0.0
        )
        worth = 0.3 + max(0.34 * form, first) + large - 0.3 * line.box.y0 / page.height - 0.03 * min(rank, 6)
        seen = name_seen(Span(page, line.words), 0, worth, "letterhead")
        if seen is not None and first and " " not in seen.name:
            seen = None  # one word that is no more than first may be anything
        if seen is not None and (form or large or rank == 0):
            rank += 1
            yield seen


def footer(page: Page) -> Iterator[NameSeen]:
    """Names with a legal form at the foot of the page, where businesses print who they are."""
    for line in page.lines:
        if line.box.y0 < _FOOTER * page.height or len(line.text) > 200:
            continue
        whole = _FORM_FOLLOWS.match(line.text)
        part = whole[0] if whole else _PARTS.split(line.text)[0]
        if part and legal_form(part) == 1.0:
            seen = name_seen(Span(page, Span(page, line.words).words_at(0, len(part))), 0, 0.5, "footer")
            if seen is not None:
                yield seen


def greeted(page: Page) -> list[NameSeen]:
    """The addressee of a letter: the first name of the address lines above "Dear ..."."""
    at = next((i for i, line in enumerate(page.lines[:80]) if _GREETING.match(fold(line.text))), None)
    if at is None:
        return []
    left = page.lines[at].box.x0
    column = [line for line in page.lines[max(0, at - 30) : at] if abs(line.box.x0 - left) < 12]
    groups: list[list[Line]] = []
    for line in column:
        if groups and line.box.y0 - groups[-1][-1].box.y1 < 1.1 * line.box.height:
            groups[-1].append(line)
        else:
            groups.append([line])
    for group in reversed(groups):
        addressed = any(is_place(line.text) or is_street(line.text) for line in group)
        if len(group) >= 3 or (addressed and len(group) == 2):
            seen = [name_seen(Span(page, line.words), 0, 0.56, "greeting") for line in group]
            names = [each for each in seen if each is not None]
            called = [each for each in names if _is_called(each.name, page.lines[at].text)]
            return [each.worth(0.8) for each in called[:1]] or names[:1]
    return []


def _is_called(name: str, greeting: str) -> bool:
    """Whether "Dear Mr Achterberg" means the person of that name."""
    return fold(name).split()[-1].strip(".,") in re.findall(r"\w{3,}", fold(greeting))


def signed(page: Page) -> list[NameSeen]:
    """The name under "Yours sincerely"."""
    at = next(
        (i for i, line in enumerate(page.lines) if _CLOSING.match(fold(line.text)) and len(line.words) <= 6),
        None,
    )
    if at is None:
        return []
    below = page.lines[at + 1 : at + 5]
    seen = (
        name_seen(Span(page, line.words), 0, 0.5, "below closing") for line in below if len(line.words) <= 6
    )
    return [each for each in seen if each is not None][:1]


def windows(page: Page) -> list[tuple[NameSeen, Block]]:
    """Address blocks that begin with a name, top of the page first."""
    found = []
    for block in address_blocks(page):
        if block.box.y0 > 0.75 * page.height:
            continue
        for line in block.lines[:-1]:
            if is_street(line.text) or is_place(line.text):
                break
            seen = name_seen(Span(page, line.words), 0, 0.6, "address")
            if seen is not None:
                found.append((_company_below(seen, block) or seen, block))
                break
    return found


def _company_below(person: NameSeen, block: Block) -> NameSeen | None:
    """The company a person is written to at: it stands under the name, with its legal form."""
    if legal_form(person.name):
        return None
    for line in block.lines[:-1]:
        if line.box.y0 > person.box.y0 + 1 and legal_form(line.text) == 1.0:
            return name_seen(Span(person.page, line.words), 0, person.weight, person.place)
    return None
