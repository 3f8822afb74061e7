"""Documents as the pipeline knows them after reading, made up in numbers: text, values and their evidence.

Words follow Zipf's law over a vocabulary of 30,000, as they do on paper, so that search meets words that are
in every document and words that are in one. The same number makes the same document.
"""

from __future__ import annotations

import bisect
import hashlib
import itertools
import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache

from autod.db.documents import PageText
from autod.domain.extraction import Evidence, EvidenceSource, Extraction
from autod.domain.kinds import DocType
from autod.domain.metadata import Metadata

VOCABULARY = 30_000
MARK = "zq"
"""What the number on each document begins with; it is in no other word."""
_COMMON = (
    "the of and to in for is on your we with be this by from are our at as please you or an not will "
    "payment account date number total amount invoice due customer service company address reference "
    "order value tax period balance bank delivery goods terms contract insurance policy net gross "
    "quantity price unit month year days received paid statement letter office street phone energy "
    "water rent interest copper boiler"
)
COMMON = _COMMON.split()
_SYLLABLES = "ba co de fi gu ha ir jo ka le mi no pe ro sa ti um va wo ze bran chel dor fen gas hol"
SYLLABLES = _SYLLABLES.split()
PAGES = (1, 1, 1, 1, 1, 1, 1, 2, 2, 3, 5)
TYPES = tuple(DocType)
FIRST_DAY = date(2014, 1, 1)
DAYS = 4_500


@dataclass(frozen=True, slots=True)
class Sheet:
    """One document; ``word`` is on no other. ``content`` stands for the file."""

    sha256: str
    content: bytes
    name: str
    word: str
    pages: list[PageText]
    extraction: Extraction


def sheet(number: int) -> Sheet:
    """The document of that number."""
    chance = random.Random(number)  # noqa: S311 - repeatable, keeps no secret
    word = f"{MARK}{number:07d}x"
    issuer = f"{_name(number % 1700)} {('Ltd', 'GmbH', 'SA', 'Inc', 'AG')[number % 5]}"
    day = FIRST_DAY + timedelta(days=chance.randrange(DAYS))
    total = Decimal(chance.randrange(500, 500_000)) / 100
    head = f"{issuer}\nReference {word}\nDate {day:%d.%m.%Y}\nTotal {total:.2f}\n"
    count = chance.choice(PAGES)
    texts = [(head if index == 0 else "") + _prose(chance) for index in range(count)]
    values = {
        "doc_type": chance.choice(TYPES),
        "title": f"{_name(chance.randrange(5000))} {chance.choice(COMMON)}",
        "language": chance.choice(("en", "de", "fr")),
        "issuer": issuer,
        "recipient": f"{_name(chance.randrange(900))} {_name(chance.randrange(900))}",
        "primary_date": day,
        "due_date": day + timedelta(days=30),
        "total_amount": total,
        "currency": chance.choice(("EUR", "GBP", "USD", "CHF")),
        "reference_number": f"{word.upper()}/{number % 97}",
        "tags": tuple(chance.sample(COMMON, 3)),
    }
    evidence = {name: _evidence(chance, str(value)) for name, value in values.items()}
    content = b"%PDF-1.7\n%" + word.encode() * 300
    return Sheet(
        hashlib.sha256(content).hexdigest(),
        content,
        f"scan-{number:07d}.pdf",
        word,
        [PageText(index, text, "text_layer") for index, text in enumerate(texts, 1)],
        Extraction("local", Metadata.model_validate(values), evidence, ("due_date",) * (number % 12 == 0)),
    )


def common_word(rank: int) -> str:
    """The word that is the ``rank``-th most frequent, 0-based."""
    return _words()[rank]


def _evidence(chance: random.Random, quote: str) -> Evidence:
    return Evidence(EvidenceSource.TEXT, round(chance.uniform(0.6, 0.99), 2), 1, quote)


def _name(number: int) -> str:
    return _invented(number + 7).capitalize()


def _invented(number: int) -> str:
    """A word of three or more syllables, another one for each number."""
    parts = []
    number += len(SYLLABLES) ** 2
    while number:
        number, digit = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[digit])
    return "".join(parts)


def _prose(chance: random.Random) -> str:
    """Text of one page."""
    words, weights = _words(), _weights()
    top = weights[-1]
    drawn = [words[bisect.bisect(weights, chance.random() * top)] for _ in range(chance.randrange(120, 350))]
    return "\n".join(" ".join(drawn[start : start + 11]) for start in range(0, len(drawn), 11))


@lru_cache(maxsize=1)
def _words() -> list[str]:
    return [*COMMON, *(_invented(number) for number in range(VOCABULARY - len(COMMON)))]


@lru_cache(maxsize=1)
def _weights() -> list[float]:
    return list(itertools.accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
