"""What a document is: its kind, a narrower kind, and its own heading.

Evidence is weighed: a heading that names the kind counts most (more when it is large, near the top and
alone on its line), then the labels the kind prints, then the shape of the page. Words in running text
count little, because letters speak of invoices and contracts speak of everything.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.kinds import KINDS, DocType
from autod.domain.reading import Page, Reading
from autod.extract.local.kind.headings import PROSE_WORDS, heading_strength
from autod.extract.local.kind.kind_words import Role, kind_words
from autod.extract.local.kind.signs import (
    BILLED,
    CLOSINGS,
    GREETINGS,
    TILL,
)
from autod.extract.local.kind.titles import find_title
from autod.extract.local.kind.weights import KindWeights
from autod.extract.local.page.layout import LabelHit, find_labels, label_tokens
from autod.extract.local.page.postal import is_place, is_street

_PAGES = 3  # a document says what it is at its beginning
_BY_ROLE = {Role.LABEL: KindWeights.label, Role.STRONG: KindWeights.strong_label}
_ROLL = 1.7  # times its width: no sheet of paper is so long
_NARROW = 330  # points; narrower paper comes from a till
_SLIP = 0.55  # of the page's height, above which a payment slip says little
_MIDDLE = 0.05  # of the page's width, by which centred lines miss the axis
_KINDS = [(DocType(name), kind) for name, kind in KINDS.items()]
_SAID_IN_PASSING = [name for name, kind in _KINDS if kind.named_in_passing]
_DATED_ROWS = [name for name, kind in _KINDS if kind.dated_rows]
_BORROWED_BY_TILLS = [name for name, kind in _KINDS if kind.borrowed_by_tills]
_FROM_TILLS = [name for name, kind in _KINDS if kind.from_till]
_BILLED_IN_WORDS = [name for name, kind in _KINDS if kind.billed_in_words]
_TORN_OFF = [name for name, kind in _KINDS if kind.torn_off]
_BORNE_BY_LETTERS = [name for name, kind in _KINDS if kind.borne_by_letters]
_GREETED = [name for name, kind in _KINDS if kind.greeted]
_SPACED_OUT = re.compile(r"(?:[^\W\d_][ -]){4,40}[^\W\d_]")
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
        worth = sum(value * KindWeights.further_label**rank for rank, value in enumerate(labels))
        return self.factor * (
            KindWeights.title * self.title + min(worth, KindWeights.labels_at_most) + self.structure
        )


def find_kind(reading: Reading) -> dict[str, Found]:
    """``doc_type`` always (``other`` without evidence), ``subtype``, ``title`` where the page has them."""
    # Headings of one language turn up in documents of another, so those of every language are tried.
    pages = [page for page in reading.pages if page.lines][:_PAGES]
    if not pages:
        return {"doc_type": Found(DocType.OTHER, KindWeights.nothing_read, EvidenceSource.DERIVED)}
    scores = _weigh(pages)
    _shape(pages[0], scores)
    ranked = sorted(scores.items(), key=lambda item: item[1].total, reverse=True)
    kind, best = ranked[0] if ranked else (DocType.OTHER, _Score())
    if best.total < KindWeights.too_little:
        kind, best = DocType.OTHER, _Score()
        fields = {"doc_type": Found(kind, KindWeights.nothing_said, EvidenceSource.DERIVED)}
    else:
        runner_up = ranked[1][1].total if len(ranked) > 1 else 0.0
        fields = {"doc_type": _kind_found(kind, best, _certainty(best.total, runner_up))}
    if best.subtype and best.heading is not None:
        fields["subtype"] = Found(
            best.subtype, min(KindWeights.subtype_at_most, fields["doc_type"].score), EvidenceSource.DERIVED,
            best.heading.page.number, best.heading.line.text, best.heading.line.box,
        )  # fmt: skip
    title = find_title(pages[0], kind, best.heading, best.title)
    if title is not None:
        fields["title"] = title
    return fields


def weigh_kinds(pages: list[Page]) -> dict[DocType, float]:
    """How much speaks for each kind on these pages taken together; 0 is nothing."""
    scores = _weigh(pages)
    _shape(pages[0], scores)
    return {kind: score.total for kind, score in scores.items()}


def _certainty(best: float, runner_up: float) -> float:
    margin = 1.0 - runner_up / best
    enough = 1 - math.exp(-best / KindWeights.enough)
    apart = KindWeights.rivalled + KindWeights.apart * min(1.0, margin / KindWeights.clear_margin)
    return round(KindWeights.most * enough * apart, 3)


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
                    weight = _BY_ROLE[meaning.role] * _label_place(hit)
                    weight *= 1.0 if at == 0 else KindWeights.label_on_later_page
                    score.labels[hit.key] = max(score.labels.get(hit.key, 0.0), weight)
                    continue
                if strength is None:
                    strength = heading_strength(hit, body)
                    strength *= 1.0 if at == 0 else KindWeights.title_on_later_page
                if strength > score.title:
                    score.title, score.heading = strength, hit
                if meaning.subtype and strength > max(KindWeights.least_subtype, score.subtype_strength):
                    score.subtype, score.subtype_strength = meaning.subtype, strength
    for score in scores.values():
        if score.subtype_strength < KindWeights.subtype_of_title * score.title:
            score.subtype = None
    return scores


def _spaced_out(page: Page) -> list[LabelHit]:
    """Headings printed with a space after each letter, which no phrase matches as they are."""
    hits = []
    for line in page.lines[:60]:
        if len(line.text) > 80 or not _SPACED_OUT.fullmatch(line.text.strip()):
            continue
        tokens = label_tokens(line.text.replace(" ", ""))
        for key, phrase, _, _ in kind_words().table.find(tokens):
            hits.append(LabelHit(page, line, 0, len(line.text), key, phrase))
    return hits


def _body_height(page: Page) -> float:
    return median(line.box.height for line in page.lines) or 1.0


def _label_place(hit: LabelHit) -> float:
    """How much a label counts where it stands: whole in a short line, little in running text."""
    words = len(hit.line.words)
    several = " " in hit.phrase
    if words >= PROSE_WORDS:
        return KindWeights.phrase_in_prose if several else KindWeights.word_in_prose
    if hit.starts_line:
        return 1.0
    return KindWeights.phrase_within_line if several else KindWeights.word_within_line


def _shape(page: Page, scores: dict[DocType, _Score]) -> None:
    """What the form of the page says, on top of its words."""
    if page.width < _NARROW or page.height > _ROLL * page.width:
        _add(scores, _FROM_TILLS, KindWeights.narrow_paper)
    if page.height > _ROLL * page.width:
        # A till's roll is a receipt, even where the law has it headed "Tax invoice".
        _add(scores, _FROM_TILLS, KindWeights.till_roll)
        for kind in _BORROWED_BY_TILLS:
            if kind in scores:
                scores[kind].factor = min(scores[kind].factor, KindWeights.borrowed_by_till)
    if _centred_head(page):
        _add(scores, _FROM_TILLS, KindWeights.centred_head)
    dated = sum(1 for line in page.lines if _DATED_ROW.match(line.text))
    if dated >= 6:
        _add(scores, _DATED_ROWS, KindWeights.dated_rows)
    above = sum(1 for line in page.lines if line.box.y1 < _SLIP * page.height)
    for kind in _TORN_OFF:
        if above > 8:
            scores[kind].factor = KindWeights.slip_below_text
        elif kind in scores:
            scores[kind].structure += KindWeights.slip_alone
    _till(scores)
    for kind in _SAID_IN_PASSING:
        if kind in scores and not scores[kind].labels and scores[kind].title < KindWeights.no_doubt:
            scores[kind].factor = KindWeights.title_alone
    _letter(scores)


def _add(scores: dict[DocType, _Score], kinds: Iterable[DocType], worth: float) -> None:
    for kind in kinds:
        scores[kind].structure += worth


def _till(scores: dict[DocType, _Score]) -> None:
    """Cash, change and a cashier make a receipt even of what its heading calls a tax invoice."""
    for till in _FROM_TILLS:
        labels = scores[till].labels.items()
        printed = sum(1 for key, weight in labels if key in TILL and weight > KindWeights.till_label)
        if printed < 2:
            continue
        further = KindWeights.till_word * min(printed - 1, 6)
        scores[till].structure += KindWeights.till_words + further
        for kind in _BILLED_IN_WORDS:
            if not BILLED & scores[kind].labels.keys():
                scores[kind].factor = KindWeights.invoice_of_till


def _letter(scores: dict[DocType, _Score]) -> None:
    """What has the shape of a letter is one, unless its number says what it is about."""
    for kind in _BORNE_BY_LETTERS:
        if any(weight >= KindWeights.strong for weight in scores[kind].labels.values()):
            scores[kind].structure += KindWeights.claim_number
            for letter in _GREETED:
                scores[letter].factor = KindWeights.letter_of_claim
    for letter in _GREETED:
        labels = scores[letter].labels
        if GREETINGS & labels.keys() and CLOSINGS & labels.keys():
            scores[letter].structure += KindWeights.greeted_and_closed


def _centred_head(page: Page) -> bool:
    """Shop, street, telephone one above the other around one axis, as a till prints them."""
    head = [line for line in page.lines[:9] if len(line.text) > 5]
    if len(head) < 5:
        return False
    axis = median((line.box.x0 + line.box.x1) / 2 for line in head)
    around = [line for line in head if abs((line.box.x0 + line.box.x1) / 2 - axis) < _MIDDLE * page.width]
    widths = {round(line.box.width / 10) for line in around}
    return (
        len(around) >= 4
        and len(widths) >= 3
        and any(is_street(line.text) or is_place(line.text) for line in head)
    )
