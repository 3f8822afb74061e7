"""What there is to say about a field: the columns of the table in ``autod.domain.metadata``."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from enum import Enum


class Grammar(Enum):
    """How a page says a value, for engines and for persons: see ``autod.grammar.says``.

    A day (of a stretch of time the first or last one may be a month's); an amount; a name, word for word; a
    number, character for character; a currency by code or sign. ``WORDING`` is compared as a name is, but a
    document has several that are right. ``ROWS`` are lists, cell by cell. ``JUDGED`` is what no words spell
    out, so that a quote need only be there, and ``COMPOSED`` what our code makes of other values.
    """

    DAY = "day"
    FIRST_DAY = "first_day"
    LAST_DAY = "last_day"
    AMOUNT = "amount"
    NAME = "name"
    NUMBER = "number"
    CURRENCY = "currency"
    WORDING = "wording"
    ROWS = "rows"
    JUDGED = "judged"
    COMPOSED = "composed"

    @property
    def weighs(self) -> bool:
        """Whether a wrong one does harm: money, days, numbers to pay or refer to, parties."""
        return self in _WEIGHS


_WEIGHS = frozenset(
    {Grammar.DAY, Grammar.FIRST_DAY, Grammar.LAST_DAY, Grammar.AMOUNT, Grammar.NAME, Grammar.NUMBER}
)


class Asked(Enum):
    """How a paid reader is asked for it.

    With the words it stands on (``FACT``); the same, though a judgement on the whole needs none
    (``JUDGEMENT``); its own words are its quote (``ITSELF``); or not at all, because our own code makes it
    from verified values (``NOT``): free words of a model would be words that nobody can check.
    """

    FACT = "fact"
    JUDGEMENT = "judgement"
    ITSELF = "itself"
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
        grammar, asked, stated, scored: see there.
        spelling: how a person's text for it is written; anybody who may correct may correct every field.
        printed: the pages must show what the file states for machines.
        at_the_end: a document in parts says it where it ends, not where it begins.
        prose: a text of more than a line, kept longer than a fact.
        attribute: documents in a vector store can be filtered by it.
        listed: it is among the few facts of a document that lists give.
        width: characters of its column; None is as many as there are.
        labels: lists of ``autod.words`` with what is printed beside it; one that is there bears it out.
    """

    heading: str
    text: str
    _: KW_ONLY
    search: Searched | None
    grammar: Grammar
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
    labels: tuple[str, ...] = ()
