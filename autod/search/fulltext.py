"""Finding documents by their words, the same on SQLite (FTS5) and PostgreSQL (tsvector).

Both look in ``search_texts``, whose words were folded and split by ``autod.domain.folding`` when they were
written. Scores compare within one answer only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.domain.folding import searchable, words
from autod.search.query import Query, Term, parse
from autod.search.snippet import Markers, best_start, cut, occurrences, tidy

PLAIN_MARKERS: Markers = ("", "")
PAGE_RANGES = ((1, 3), (4, 50), (51, 1_000_000))
"""Pages looked at for a snippet: first the few that mostly do, then more of the documents left over."""

MOST_HITS = 10_000

MOST_RANKED = 5_000
"""Documents that PostgreSQL ranks, the newest: it opens each one's whole vector, which for a word that is in
most of 100,000 documents took seconds. SQLite ranks from its index."""

MOST_PHRASES = 1_000
"""The same for a phrase: each document's text is read to see whether it is there."""

TEXT_COLUMNS = ("title", "issuer", "numbers", "names", "body")
BM25_WEIGHTS = (20.0, 20.0, 20.0, 5.0, 1.0)

_texts = sa.table(
    "search_texts",
    sa.column("document_id"),
    sa.column("vector"),
    *(sa.column(name, sa.Text()) for name in TEXT_COLUMNS),
)
_documents = sa.table(
    "documents",
    sa.column("id"),
    sa.column("doc_type"),
    sa.column("primary_date", sa.Date()),
    sa.column("title"),
    sa.column("issuer"),
    sa.column("original_filename"),
)
_pages = sa.table("pages", sa.column("document_id"), sa.column("number"), sa.column("text"))
_fts = sa.table("search_fts", sa.column("rowid"))
_fts_row: sa.ColumnElement[Any] = sa.literal_column("search_fts")


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Narrows a search; dates are the documents' own, both ends included, ``issuer`` matches whole words."""

    doc_type: str | None = None
    issuer: str | None = None
    date_from: date | None = None
    date_to: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. ``page`` (1-based) is the snippet's, None when only a field matched."""

    document_id: int
    score: float
    snippet: str
    page: int | None
    doc_type: str | None
    title: str | None
    issuer: str | None
    primary_date: date | None
    original_filename: str


def search(
    session: Session,
    query: str,
    filters: SearchFilter | None = None,
    *,
    limit: int = 20,
    offset: int = 0,
    markers: Markers = PLAIN_MARKERS,
) -> list[Hit]:
    """The documents that hold all words of ``query``, best first.

    Words, ``"a phrase"``, ``begin*`` and ``-not`` are understood; no text is an error. Words in title, issuer
    and numbers count more than those on the pages. ``markers`` are put around found words in the snippets.
    A query without a word to look for finds nothing.
    """
    understood = parse(query)
    if not understood.wanted:
        return []
    build = _on_postgres if session.get_bind().dialect.name == "postgresql" else _on_sqlite
    matches = build(understood, filters or SearchFilter())
    matches = matches.order_by(sa.text("score DESC"), sa.text("document_id DESC"))
    # Ranked and cut before the documents are joined: their rows are wide, and a common word is in them all.
    best = matches.limit(min(limit, MOST_HITS)).offset(offset).subquery("best")
    found = sa.select(_documents, best.c.score).join_from(
        best, _documents, _documents.c.id == best.c.document_id
    )
    with _by_the_index(session):
        rows = session.execute(found.order_by(best.c.score.desc(), _documents.c.id.desc())).all()
    places_of = _best_places(session, [row.id for row in rows], understood.wanted, markers)
    return [_hit(row, places_of.get(row.id), understood, markers) for row in rows]


@contextmanager
def _by_the_index(session: Session) -> Iterator[None]:
    """Have PostgreSQL match by its index.

    It takes the matching of a vector for as cheap as that of a number, and for a common word reads all
    vectors of the archive: 3 s instead of 0.3 s with 100,000 documents.
    """
    if session.get_bind().dialect.name != "postgresql":
        yield
        return
    session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    yield
    session.execute(sa.text("SET LOCAL enable_seqscan TO DEFAULT"))


def _narrowed(matches: sa.Select[Any], filters: SearchFilter) -> sa.Select[Any]:
    conditions = []
    if filters.doc_type is not None:
        conditions.append(_documents.c.doc_type == str(filters.doc_type))
    if filters.date_from is not None:
        conditions.append(_documents.c.primary_date >= filters.date_from)
    if filters.date_to is not None:
        conditions.append(_documents.c.primary_date <= filters.date_to)
    number = matches.selected_columns.document_id
    if conditions:
        matches = matches.where(number.in_(sa.select(_documents.c.id).where(*conditions)))
    if issuer := words(filters.issuer or ""):
        named = sa.select(_texts.c.document_id).where(_follow(_texts.c.issuer, Term(tuple(issuer))))
        matches = matches.where(number.in_(named))
    return matches


def _on_sqlite(query: Query, filters: SearchFilter) -> sa.Select[Any]:
    score = -sa.func.bm25(_fts_row, *BM25_WEIGHTS)
    wanted = " AND ".join(_fts5(term) for term in query.wanted)
    # "+ 0" keeps SQLite from asking the index once for each document that passes the filters: 5 s, not 10 ms.
    number = (_fts.c.rowid + 0).label("document_id")
    matches = sa.select(number, score.label("score")).where(_fts_row.op("MATCH")(wanted))
    if query.unwanted:
        inner = _fts.alias("unwanted")
        found = sa.literal_column("unwanted.search_fts").op("MATCH")(
            " OR ".join(_fts5(term) for term in query.unwanted)
        )
        matches = matches.where(_fts.c.rowid.not_in(sa.select(inner.c.rowid).where(found)))
    return _narrowed(matches, filters)


def _fts5(term: Term) -> str:
    """Words are letters and digits only, so quoting needs no escapes."""
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _on_postgres(query: Query, filters: SearchFilter) -> sa.Select[Any]:
    """Match by the index alone, then read texts for phrases, the newest first, then rank what is left."""
    wanted = " & ".join(_tsquery(term) for term in query.wanted)
    without = "".join(f" & !{_tsquery(term)}" for term in query.unwanted if len(term.words) == 1)
    # In two steps: ordering at once would lure the server into walking the numbers instead of the index.
    found = sa.select(_texts.c.document_id).where(_texts.c.vector.op("@@")(_as_tsquery(wanted + without)))
    unordered = found.cte("unordered").prefix_with("MATERIALIZED")
    by_number = sa.select(unordered).order_by(unordered.c.document_id.desc())
    matched = by_number.cte("matched").prefix_with("MATERIALIZED")
    newest, most = sa.select(matched.c.document_id), MOST_RANKED
    phrases = [
        *(_in_one_column(term) for term in query.wanted if len(term.words) > 1),
        *(sa.not_(_in_one_column(term)) for term in query.unwanted if len(term.words) > 1),
    ]
    if phrases:
        of_this_one = _texts.c.document_id == matched.c.document_id
        # OFFSET 0 keeps the server from reading all texts at once instead of one by one until it has enough.
        read = sa.select(_texts.c.document_id).where(of_this_one, *phrases).offset(0).lateral("read")
        newest, most = newest.join(read, sa.true()), MOST_PHRASES
    newest = _narrowed(newest, filters).order_by(matched.c.document_id.desc()).limit(most)
    score = sa.func.ts_rank(_texts.c.vector, _as_tsquery(wanted)).label("score")
    return sa.select(_texts.c.document_id, score).where(_texts.c.document_id.in_(newest))


def _tsquery(term: Term) -> str:
    *first, last = (f"'{word}'" for word in term.words)
    return " & ".join([*first, last + (":*" if term.prefix else "")])


def _as_tsquery(text: str) -> sa.ColumnElement[Any]:
    from sqlalchemy.dialects.postgresql import TSQUERY

    return sa.cast(sa.literal(text, sa.Text()), TSQUERY())


def _in_one_column(term: Term) -> sa.ColumnElement[bool]:
    """PostgreSQL keeps no positions beyond the 16,383rd word, so phrases are looked up in the texts."""
    return sa.or_(*(_follow(_texts.c[name], term) for name in TEXT_COLUMNS))


def _follow(text: sa.ColumnElement[Any], term: Term) -> sa.ColumnElement[bool]:
    """The words stand one after the other in the folded ``text``; they hold no wildcards of LIKE."""
    end = "%" if term.prefix else " %"
    return (" " + text + " ").like(f"% {' '.join(term.words)}{end}")


def _hit(row: Any, place: tuple[int, str] | None, query: Query, markers: Markers) -> Hit:
    page, text = place or (None, tidy(row.title or row.original_filename, markers))
    return Hit(
        document_id=row.id,
        score=float(row.score),
        snippet=cut(text, query.wanted, markers),
        page=page,
        doc_type=row.doc_type,
        title=row.title,
        issuer=row.issuer,
        primary_date=row.primary_date,
        original_filename=row.original_filename,
    )


def _best_places(
    session: Session, numbers: Sequence[int], terms: Sequence[Term], markers: Markers
) -> dict[int, tuple[int, str]]:
    """For each document the page that shows the most different words close together, and its tidy text."""
    all_words = {word for term in terms for word in term.words}
    searched = set(numbers)
    best: dict[int, tuple[int, int, str]] = {}
    for first, last in PAGE_RANGES:
        for row in _pages_between(session, searched, first, last):
            folded = searchable(row.text)
            if row.document_id not in searched or not any(word in folded for word in all_words):
                continue
            text = tidy(row.text, markers)
            _, count = best_start(occurrences(text, terms))
            if count > best.get(row.document_id, (0,))[0]:
                best[row.document_id] = (count, row.number, text)
            if count == len(all_words):
                searched.discard(row.document_id)
    return {number: (page, text) for number, (_, page, text) in best.items()}


def _pages_between(session: Session, numbers: set[int], first: int, last: int) -> Iterable[Any]:
    if not numbers:
        return ()
    statement = sa.select(_pages).where(
        _pages.c.document_id.in_(sorted(numbers)), _pages.c.number.between(first, last)
    )
    return session.execute(statement.order_by(_pages.c.document_id, _pages.c.number))
