"""Places on a page where a party's name may stand, each with how much it is worth.

A name usually shows in several places (letterhead, sender line, footer, web address); the places are
found independently here and weighed together in ``parties``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from statistics import median

from autod.domain.reading import Box, Line, Page, Word
from autod.extract.local.layout import (
    LabelHit,
    LabelTable,
    Relation,
    Span,
    candidates_for,
    find_labels,
    fold,
    label_tokens,
    layout_of,
    rows,
)
from autod.extract.local.names import (
    can_be_name,
    drop_salutation,
    ends_abbreviated,
    legal_form,
    starts_as_title,
    tidy_name,
)
from autod.extract.local.party_words import (
    ACCOUNT_HOLDER_LABELS,
    ISSUER_LABELS,
    NAME_LABELS,
    RECIPIENT_LABELS,
    WEAK_ISSUER_LABELS,
    WEAK_RECIPIENT_LABELS,
)
from autod.extract.local.postal import Block, address_blocks, is_place, is_street, is_town_with_state

_PARTS = re.compile(r"\s+[-–—/]\s+|\s*[|·•●;∙]\s*|,\s+|\s{3,}")
_ENDS_NAME = re.compile(
    r"\s+[-–—]{1,2}\s+|\s*[|·•●;∙]|,\s+(?=\d)|\s{3,}"
    r"|,\s+(?=(?:codice fiscale|c\.? ?f\.|p\.? ?iva|partita iva|nato|nata|geb\.|geboren|born|née?\b|nacid|"
    r"con (?:dni|nif|cif|domicilio)|dni|nif|nipc|cpf|cnpj|residente|residing|of full age|d\.?o\.?b))",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"(?:dear|ladies and gentlemen|gentlemen|sehr geehrte|liebe|madame|monsieur|cher|chère|"
    r"estimad|muy señor|prezad|exm[oa]|caro|gentile|egregi|spett|geachte|beste)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:yours|sincerely|kind regards|best regards|very truly|mit freundlich|freundliche gr|"
    r"cordialement|atentamente|"
    r"atenciosamente|com os melhores|distinti saluti|cordiali saluti|met vriendelijke|hoogachtend|saludos)",
    re.IGNORECASE,
)
_CONNECTED = re.compile(r"^\W{0,2}(?:and|und|et|y|e|en|or|oder|ou|o|of|/|&)\W{1,2}", re.IGNORECASE)
_LABEL_REACH = 9.0  # heights below a party's label in which its name stands
_LINES_BELOW = 6
_FOOTER = 0.86  # of the page's height
_LETTERHEAD = 0.24
_LABEL_WORTH, _WEAK_LABEL_WORTH = 0.85, 0.55


@dataclass(frozen=True, slots=True)
class NameSeen:
    """A possible name, exactly as printed, and how much this place is worth (0..1)."""

    name: str
    weight: float
    page: Page
    quote: str
    box: Box
    place: str


@dataclass(frozen=True)
class Labelled:
    """Names beside or under labels such as "Seller" and "Bill to"."""

    issuers: tuple[NameSeen, ...]
    recipients: tuple[NameSeen, ...]


@cache
def _labels() -> LabelTable:
    return LabelTable(
        {
            "weak issuer": WEAK_ISSUER_LABELS,
            "weak recipient": WEAK_RECIPIENT_LABELS,
            "issuer": ISSUER_LABELS,
            "recipient": RECIPIENT_LABELS,
            "name": NAME_LABELS,
        }
    )


def name_seen(span: Span, start: int, weight: float, place: str, *, whole: bool = False) -> NameSeen | None:
    """The name that ``span.text`` holds from ``start`` on, if what stands there can be one.

    ``whole`` says that nothing but the name stands there, so that a dash belongs to it.
    """
    text = span.text[start:]
    lead = len(text) - len(text.lstrip(" :.-*#()/"))
    if text.rstrip().endswith(":") or is_town_with_state(text) or _is_sentence(text):
        return None
    piece = drop_salutation(
        text[lead : lead + 300] if whole else _ENDS_NAME.split(text[lead : lead + 300], maxsplit=1)[0]
    )
    name = tidy_name(piece)
    if not name or not can_be_name(name):
        return None
    at = text.find(name)
    if at < 0:
        return None
    first, last = start + at, start + at + len(name)
    return NameSeen(name, weight, span.page, span.quote(first, last), span.box(first, last), place)


def _is_sentence(text: str) -> bool:
    return text.rstrip().endswith(".") and len(text.split()) >= 4 and not ends_abbreviated(text.rstrip())


def labelled(page: Page, *, asks_for_money: bool = False) -> Labelled:
    """The names that the page's own labels point to.

    ``asks_for_money`` says that an account's holder is whom to pay, not the reader.
    """
    hits = [
        hit
        for hit in find_labels(page, _labels())
        if hit.starts_line
        and _is_label_line(hit)
        and not (asks_for_money and hit.phrase in ACCOUNT_HOLDER_LABELS)
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
    rest = _CONNECTED.sub(" ", hit.line.text[hit.end :])
    for _, _, start, end in _labels().find(label_tokens(rest)):
        if not rest[:start].strip(" /&,"):
            rest = rest[end:]
        break
    if not rest.strip(" :.*#-()") or rest.lstrip().startswith((":", "(", "/")):
        return True
    starts_large = hit.line.text[hit.start].isupper()
    if hit.key == "name" or hit.key.startswith("weak"):
        return False
    return starts_large and len(hit.line.words) <= 9 and rest.lstrip()[:1].isupper()


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
            seen = name_seen(Span(page, span.words_at(0, max(len(parts[0]), 1))), 0, 0.85, "sender line")
            if seen is not None:
                found.append((seen, span.box(0, len(span.text))))
    return found


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
        if headed and form < 1.0:
            continue  # its large lines are its title, not a letterhead
        if form < 1.0 and starts_as_title(line.text):
            continue
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
        part = _PARTS.split(line.text)[0]
        if part and legal_form(part) == 1.0:
            seen = name_seen(Span(page, Span(page, line.words).words_at(0, len(part))), 0, 0.5, "footer")
            if seen is not None:
                yield seen


def greeted(page: Page) -> list[NameSeen]:
    """The addressee of a letter: the first name of the address lines above "Dear ..."."""
    at = next((i for i, line in enumerate(page.lines[:80]) if _GREETING.match(line.text)), None)
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
            return [_weighed(each, 0.8) or each for each in called[:1]] or names[:1]
    return []


def _is_called(name: str, greeting: str) -> bool:
    """Whether "Dear Mr Achterberg" means the person of that name."""
    return fold(name).split()[-1].strip(".,") in re.findall(r"\w{3,}", fold(greeting))


def signed(page: Page) -> list[NameSeen]:
    """The name under "Yours sincerely"."""
    at = next(
        (i for i, line in enumerate(page.lines) if _CLOSING.match(line.text) and len(line.words) <= 6), None
    )
    if at is None:
        return []
    below = page.lines[at + 1 : at + 5]
    seen = (name_seen(Span(page, line.words), 0, 0.5, "signature") for line in below if len(line.words) <= 6)
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
                found.append((seen, block))
                break
    return found
