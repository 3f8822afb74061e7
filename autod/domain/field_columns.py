"""What there is to say about a field: the columns of the table in ``autod.domain.metadata``."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum


class Proof(Enum):
    """When a page bears a value out: its quote says it, its quote is there, each row's words are there."""

    SAYS = "says"
    JUDGED = "judged"
    ROWS = "rows"


class Asked(Enum):
    """How a paid reader is asked for it.

    With the words it stands on (``FACT``); the same, though a judgement on the whole needs none
    (``JUDGEMENT``); its own words are its quote (``ITSELF``); free words about the document (``WORDS``);
    or not at all, because our own code makes it from verified values (``NOT``).
    """

    FACT = "fact"
    JUDGEMENT = "judgement"
    ITSELF = "itself"
    WORDS = "words"
    NOT = "not"


class Spelling(Enum):
    """The one spelling that a person's text is brought into before it is kept."""

    AS_WRITTEN = "as_written"
    LOWER = "lower"
    CURRENCY = "currency"
    IBAN = "iban"


class Stated(Enum):
    """When a file must state it itself, or else a reader is paid: never, always, if it asks for money."""

    NO = "no"
    ALWAYS = "always"
    TO_PAY = "to_pay"


class Scored(Enum):
    """How ``make bench-accuracy`` compares it with the truth: not, letter by letter, as a name."""

    NO = "no"
    EXACT = "exact"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Searched:
    """Where search finds its words: a column of ``search_texts``, and the place among others there.

    An archive's index is compared with what would be written now, so a place that is taken stays.
    """

    column: str
    place: int


@dataclass(frozen=True, slots=True)
class About:
    """One field. What has a default is what most fields are like; all else every row must say.

    Args:
        heading: what people call it.
        text: what it is, in a sentence; a paid reader is told the same.
        search: None when it is not searched.
        proof, asked, stated, scored: see there.
        spelling: how a person's text for it is written; anybody who may correct may correct every field.
        printed: the pages must show what the file states for machines.
        at_the_end: a document in parts says it where it ends, not where it begins.
        prose: a text of more than a line, kept longer than a fact.
        attribute: documents in a vector store can be filtered by it.
        listed: it is among the few facts of a document that lists give.
        width: characters of its column; None is as many as there are.
    """

    heading: str
    text: str
    _: KW_ONLY
    search: Searched | None
    proof: Proof = Proof.SAYS
    asked: Asked = Asked.FACT
    stated: Stated = Stated.NO
    scored: Scored = Scored.NO
    spelling: Spelling = Spelling.AS_WRITTEN
    printed: bool = False
    at_the_end: bool = False
    prose: bool = False
    attribute: bool = False
    listed: bool = False
    width: int | None = None
