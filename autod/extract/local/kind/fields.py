"""What a document is: its kind, a narrower kind, and its own heading.

Evidence is weighed: a heading that names the kind counts most (more when it is large, near the top and
alone on its line), then the labels the kind prints, then the shape of the page. Words in running text
count little, because letters speak of invoices and contracts speak of everything.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass, field
from statistics import median

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import KINDS, DocType
from autod.domain.reading import Line, Page, Reading
from autod.extract.local.kind.kind_words import Role, is_numbered, kind_words
from autod.extract.local.kind.signs import (
    BILLED,
    CLOSINGS,
    GREETINGS,
    RUNNING_ON,
    THIS,
    TILL,
)
from autod.extract.local.kind.titles import find_title, starts_as_subject
from autod.extract.local.page.layout import LabelHit, find_labels, fold, label_tokens, layout_of
from autod.extract.local.page.postal import is_place, is_street

_PAGES = 3  # a document says what it is at its beginning
_TITLE = 3.0
_LABEL_WEIGHT = {Role.LABEL: 0.22, Role.STRONG: 0.55}
_LABELS_AT_MOST = 2.6
_TOO_LITTLE = 0.75
_ROLL = 1.7  # times its width: no sheet of paper is so long
_STRONG = 0.5
_PROSE_WORDS = 9
_KINDS = [(DocType(name), kind) for name, kind in KINDS.items()]
_SAID_IN_PASSING = [name for name, kind in _KINDS if kind.named_in_passing]
_DATED_ROWS = [name for name, kind in _KINDS if kind.dated_rows]
_BORROWED_BY_TILLS = [name for name, kind in _KINDS if kind.borrowed_by_tills]
_IN_PASSING = 0.3  # what is left of a title that heads a column or stands in a subject line
_HEADING_CELLS = 4
_NO_DOUBT = 0.8  # the strength of a title that needs no label beside it
_SPACED_OUT = re.compile(r"(?:[^\W\d_][ -]){4,40}[^\W\d_]")
_COMPOUND = re.compile(r"-[^\W\d_]")  # "Auftrag-Datum" names no order
_DATED_ROW = re.compile(r"\d{1,2}[./ -](?:\d{1,2}|[A-Za-z]{3})(?:[./ -]\d{2,4})?\b")


@dataclass(slots=True)
class _Score:
    title: float = 0.0
    labels: dict[str, float] = field(default_factory=dict)
    structure: float = 0.0
    factor: float = 1.0
    heading: LabelHit | None = None
    subtype: str | None = None
    subtype_strength: float = 0.0

    @property
    def total(self) -> float:
        labels = sorted(self.labels.values(), reverse=True)
        worth = sum(value * 0.88**rank for rank, value in enumerate(labels))
        return self.factor * (_TITLE * self.title + min(worth, _LABELS_AT_MOST) + self.structure)


def find_kind(reading: Reading) -> dict[str, Found]:
    """``doc_type`` always (``other`` without evidence), ``subtype``, ``title`` where the page has them."""
    # Headings of one language turn up in documents of another, so those of every language are tried.
    pages = [page for page in reading.pages if page.lines][:_PAGES]
    if not pages:
        return {"doc_type": Found(DocType.OTHER, 0.1, EvidenceSource.DERIVED)}
    scores = _weigh(pages)
    _shape(pages[0], scores)
    ranked = sorted(scores.items(), key=lambda item: item[1].total, reverse=True)
    kind, best = ranked[0] if ranked else (DocType.OTHER, _Score())
    if best.total < _TOO_LITTLE:
        kind, best = DocType.OTHER, _Score()
        found = {"doc_type": Found(kind, 0.3, EvidenceSource.DERIVED)}
    else:
        runner_up = ranked[1][1].total if len(ranked) > 1 else 0.0
        found = {"doc_type": _kind_found(kind, best, _certainty(best.total, runner_up))}
    if best.subtype and best.heading is not None:
        found["subtype"] = Found(
            best.subtype, min(0.95, found["doc_type"].score), EvidenceSource.DERIVED,
            best.heading.page.number, best.heading.line.text, best.heading.line.box,
        )  # fmt: skip
    title = find_title(pages[0], kind, best.heading, best.title)
    if title is not None:
        found["title"] = title
    return found


def weigh_kinds(pages: list[Page]) -> dict[DocType, float]:
    """How much speaks for each kind on these pages taken together; 0 is nothing."""
    scores = _weigh(pages)
    _shape(pages[0], scores)
    return {kind: score.total for kind, score in scores.items()}


def _certainty(best: float, runner_up: float) -> float:
    margin = 1.0 - runner_up / best
    return round(0.98 * (1 - math.exp(-best / 1.1)) * (0.55 + 0.45 * min(1.0, margin / 0.4)), 3)


def _kind_found(kind: DocType, best: _Score, score: float) -> Found:
    if best.heading is None:
        return Found(kind, score, EvidenceSource.DERIVED)
    line = best.heading.line
    return Found(kind, score, EvidenceSource.DERIVED, best.heading.page.number, line.text, line.box)


def _weigh(pages: list[Page]) -> dict[DocType, _Score]:
    words = kind_words()
    scores: dict[DocType, _Score] = defaultdict(_Score)
    for at, page in enumerate(pages):
        body = _body_height(page)
        for hit in [*find_labels(page, words.table), *_spaced_out(page)]:
            strength: float | None = None
            for meaning in words.meanings[hit.key]:
                score = scores[meaning.kind]
                if meaning.role is not Role.TITLE:
                    weight = _LABEL_WEIGHT[meaning.role] * _label_place(hit) * (1.0 if at == 0 else 0.5)
                    score.labels[hit.key] = max(score.labels.get(hit.key, 0.0), weight)
                    continue
                if strength is None:
                    strength = _title_strength(hit, body) * (1.0 if at == 0 else 0.3)
                if strength > score.title:
                    score.title, score.heading = strength, hit
                if meaning.subtype and strength > max(0.15, score.subtype_strength):
                    score.subtype, score.subtype_strength = meaning.subtype, strength
    for score in scores.values():
        if score.subtype_strength < 0.75 * score.title:
            score.subtype = None
    return scores


def _spaced_out(page: Page) -> list[LabelHit]:
    """Headings printed with a space after each letter, which no phrase matches as they are."""
    found = []
    for line in page.lines[:60]:
        if len(line.text) > 80 or not _SPACED_OUT.fullmatch(line.text.strip()):
            continue
        tokens = label_tokens(line.text.replace(" ", ""))
        for key, phrase, _, _ in kind_words().table.find(tokens):
            found.append(LabelHit(page, line, 0, len(line.text), key, phrase))
    return found


def _body_height(page: Page) -> float:
    return median(line.box.height for line in page.lines) or 1.0


def _label_place(hit: LabelHit) -> float:
    """How much a label counts where it stands: whole in a short line, little in running text."""
    words = len(hit.line.words)
    several = " " in hit.phrase
    if words >= _PROSE_WORDS:
        return 0.6 if several else 0.08
    if hit.starts_line:
        return 1.0
    return 0.8 if several else 0.45


def _title_strength(hit: LabelHit, body: float) -> float:
    """0 to about 1.6: how much the line of ``hit`` looks like the heading of the document."""
    line, page = hit.line, hit.page
    words = [word for word in line.text.split() if len(word) > 1]
    ratio = line.box.height / body
    if is_numbered(hit.phrase) and ratio < 1.12:
        leads = hit.starts_line and line.box.y0 < 0.4 * page.height
        numbered = any(character.isdigit() for character in line.text[hit.end :])
        return 0.1 if leads and (numbered or _has_value_beside(page, line)) else 0.0
    if len(words) > _PROSE_WORDS + 2 or (len(words) > 5 and line.text.rstrip().endswith((".", ",", ";"))):
        return _names_itself(hit)
    strength = _coverage(hit) * (_IN_PASSING if _heads_column(hit) or starts_as_subject(line) else 1.0)
    strength *= 1.5 if ratio >= 1.8 else 1.3 if ratio >= 1.35 else 1.12 if ratio >= 1.12 else 1.0
    if line.text.isupper() and strength > 0.5:
        strength *= 1.1
    height = line.box.y0 / max(page.height, 1.0)
    strength *= 1.0 if height < 0.4 else 0.7 if height < 0.65 else 0.35
    if ratio < 1.12:
        if ":" in line.text[hit.end :]:
            strength *= 0.35
        elif _has_value_beside(page, line):
            strength *= 0.55
    return strength


def _heads_column(hit: LabelHit) -> bool:
    """Whether the hit is one of several cells that head a table, such as "Artikel"."""
    return layout_of(hit.page).cells_beside(hit.line) >= _HEADING_CELLS


def _coverage(hit: LabelHit) -> float:
    before = hit.line.text[: hit.start]
    after = hit.line.text[hit.end :]
    outside = re.findall(r"[^\W\d_]{2,}", before + " " + after)
    telling = [word for word in outside if fold(word) not in RUNNING_ON]
    if _COMPOUND.match(after):
        return 0.1
    if not telling:
        return 1.0 if not re.search(r"[#/]", after) else 0.7
    several = " " in hit.phrase
    if hit.end - hit.start > 0.6 * len(hit.line.text):
        return 0.8
    if len(telling) <= 5 and (hit.starts_line or not after.strip(" .:")):
        return 0.7 if several else 0.5
    return 0.4 if several else 0.2


def _names_itself(hit: LabelHit) -> float:
    """Running text that calls the document by its name: "This Non-Disclosure Agreement is made ..."."""
    before = hit.line.text[: hit.start].split()
    if before and " " in hit.phrase and fold(before[-1].strip('(“"')) in THIS:
        return 0.45
    return 0.0


def _has_value_beside(page: Page, line: Line) -> bool:
    beside = layout_of(page).right_of(line.box, but=line)
    if not beside:
        return False
    gap, text = beside[0].box.x0 - line.box.x1, beside[0].text
    return gap < 200 and (text.startswith(":") or any(character.isdigit() for character in text))


def _shape(page: Page, scores: dict[DocType, _Score]) -> None:
    """What the form of the page says, on top of its words."""
    if page.width < 330 or page.height > _ROLL * page.width:
        scores[DocType.RECEIPT].structure += 0.8
    if page.height > _ROLL * page.width:
        # A till's roll is a receipt, even where the law has it headed "Tax invoice".
        scores[DocType.RECEIPT].structure += 0.8
        for kind in _BORROWED_BY_TILLS:
            if kind in scores:
                scores[kind].factor = min(scores[kind].factor, 0.5)
    if _centred_head(page):
        scores[DocType.RECEIPT].structure += 0.7
    dated = sum(1 for line in page.lines if _DATED_ROW.match(line.text))
    if dated >= 6:
        for kind in _DATED_ROWS:
            scores[kind].structure += 0.4
    above = sum(1 for line in page.lines if line.box.y1 < 0.55 * page.height)
    if above > 8:
        scores[DocType.PAYMENT_SLIP].factor = 0.3
    elif DocType.PAYMENT_SLIP in scores:
        scores[DocType.PAYMENT_SLIP].structure += 0.5
    _till(scores)
    for kind in _SAID_IN_PASSING:
        if kind in scores and not scores[kind].labels and scores[kind].title < _NO_DOUBT:
            scores[kind].factor = 0.3
    if any(weight >= _STRONG for weight in scores[DocType.INSURANCE_CLAIM].labels.values()):
        scores[DocType.INSURANCE_CLAIM].structure += 0.5
        scores[DocType.LETTER].factor = 0.5  # a letter that bears a claim number is about the claim
    letter = scores[DocType.LETTER].labels
    if GREETINGS & letter.keys() and CLOSINGS & letter.keys():
        scores[DocType.LETTER].structure += 0.6


def _till(scores: dict[DocType, _Score]) -> None:
    """Cash, change and a cashier make a receipt even of what its heading calls a tax invoice."""
    printed = sum(1 for key, weight in scores[DocType.RECEIPT].labels.items() if key in TILL and weight > 0.1)
    if printed >= 2:
        scores[DocType.RECEIPT].structure += 0.3 + 0.5 * min(printed - 1, 6)
        if not BILLED & scores[DocType.INVOICE].labels.keys():
            scores[DocType.INVOICE].factor = 0.6


def _centred_head(page: Page) -> bool:
    """Shop, street, telephone one above the other around one axis, as a till prints them."""
    head = [line for line in page.lines[:9] if len(line.text) > 5]
    if len(head) < 5:
        return False
    axis = median((line.box.x0 + line.box.x1) / 2 for line in head)
    around = [line for line in head if abs((line.box.x0 + line.box.x1) / 2 - axis) < 0.05 * page.width]
    widths = {round(line.box.width / 10) for line in around}
    return (
        len(around) >= 4
        and len(widths) >= 3
        and any(is_street(line.text) or is_place(line.text) for line in head)
    )
