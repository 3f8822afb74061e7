"""What a full archive answers, and how fast: the pipeline's own questions, a person's, and search."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from autod.db import costs, documents, ledger
from autod.db.listing import DocumentFilter
from autod.db.manager import DatabaseManager
from autod.domain.kinds import DocType
from autod.domain.status import DocumentStatus
from autod.duties import MOST_REVIVED
from autod.search.fulltext import SearchFilter, search
from bench.scale_paper import common_word, sheet
from bench.timing import Latencies

TIMES = 30
Question = Callable[[Session, random.Random], Any]


def measure_questions(manager: DatabaseManager, written: int) -> dict[str, str]:
    """Milliseconds (median / 95 % / 99 %) of what is asked for each document, each poll, and by people.

    ``written`` documents have numbers that ``sheet`` knows.
    """
    now = datetime.now(UTC)
    questions: dict[str, Question] = {
        "each file: by_sha": lambda s, c: documents.by_sha(s, sheet(c.randrange(written)).sha256),
        "each poll: take_due": lambda s, c: documents.take_due(s, now),
        "each 5 s: unfinished": lambda s, c: documents.unfinished(s, MOST_REVIVED),
        "health: counts of a day": lambda s, c: documents.counts(s, now - timedelta(days=1)),
        "list, latest": lambda s, c: documents.list_documents(s),
        "list, waiting for review": lambda s, c: documents.list_documents(
            s, DocumentFilter(needs_review=True)
        ),
        "list, by type and year": lambda s, c: documents.list_documents(
            s,
            DocumentFilter(
                doc_type=c.choice(tuple(DocType)), date_from=date(2020, 1, 1), date_to=date(2020, 12, 31)
            ),
        ),
        "list, by issuer": lambda s, c: documents.list_documents(
            s, DocumentFilter(issuer=sheet(c.randrange(written)).extraction.metadata.issuer)
        ),
        "list, failed": lambda s, c: documents.list_documents(
            s, DocumentFilter(status=DocumentStatus.FAILED)
        ),
        "show: fields, pages, history": lambda s, c: _show(s, c.randrange(1, written)),
        "costs: spent since a month": lambda s, c: ledger.spent(s, since=now - timedelta(days=30)),
        "costs by month": lambda s, c: costs.costs_by(s, costs.CostsBy.MONTH),
    }
    chance = random.Random(1)  # noqa: S311 - repeatable, keeps no secret
    return {f"{name}, ms": str(_timed(manager, ask, chance)) for name, ask in questions.items()}


def measure_search(manager: DatabaseManager, written: int) -> dict[str, str]:
    """Milliseconds of searches for rare, ordinary and very common words, plain and narrowed."""

    def some(rank: int) -> Callable[[random.Random], str]:
        return lambda c: common_word(rank + c.randrange(rank // 2 + 1))

    searches: dict[str, tuple[Callable[[random.Random], str], SearchFilter | None]] = {
        "search: a number on one document": (lambda c: sheet(c.randrange(written)).word, None),
        "search: a rare word": (some(15_000), None),
        "search: two ordinary words": (lambda c: f"{some(300)(c)} {some(800)(c)}", None),
        "search: a word on most documents": (some(4), None),
        "search: two words on most documents": (lambda c: f"{some(4)(c)} {some(10)(c)}", None),
        "search: beginning of a word": (lambda c: some(3000)(c)[:4] + "*", None),
        "search: a phrase": (lambda c: f'"{common_word(2)} {some(6)(c)}"', None),
        "search: ordinary word, one type": (some(300), SearchFilter(doc_type="invoice")),
        "search: common word, a year": (
            some(10),
            SearchFilter(date_from=date(2020, 1, 1), date_to=date(2020, 12, 31)),
        ),
    }
    chance = random.Random(2)  # noqa: S311 - repeatable, keeps no secret
    figures = {}
    for name, (word, narrowed) in searches.items():
        figures[f"{name}, ms"] = str(_timed(manager, _searching(word, narrowed), chance))
    return figures


def _searching(word: Callable[[random.Random], str], narrowed: SearchFilter | None) -> Question:
    return lambda session, chance: search(session, word(chance), narrowed)


def _show(session: Session, number: int) -> None:
    documents.current_fields(session, number)
    documents.page_texts(session, number)
    documents.history(session, number)


def _timed(manager: DatabaseManager, ask: Question, chance: random.Random) -> Latencies:
    """One warm-up, then many; read-only sessions, as the commands use them."""
    latencies = Latencies()
    for attempt in range(TIMES + 1):
        with manager.get_session(read_only=True) as session:
            if attempt == 0:
                ask(session, chance)
                continue
            with latencies.timed():
                ask(session, chance)
    return latencies
