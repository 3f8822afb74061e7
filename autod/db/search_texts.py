"""Writing down what a document is found by; ``autod.search`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from autod.db.models import Document, SearchText
from autod.domain.field_columns import Searched
from autod.domain.fields import FIELDS
from autod.domain.folding import words

# PostgreSQL refuses a tsvector of 1,048,575 bytes; positions end at 16383 and at 255 for each word.
VECTOR_BYTES = 1_000_000
LAST_POSITION = 16_383
MOST_POSITIONS = 255

WEIGHTS = {"title": "A", "issuer": "A", "numbers": "A", "names": "B", "body": "D"}

_FILE_NAME = Searched("names", 2)


def index(session: Session, document: Document, pages: Iterable[str]) -> int:
    """Make the document findable by its fields and the text of its pages, replacing what was there.

    Returns how many different words it is not found by, because the database cannot hold them.
    """
    remove(session, document.id)
    texts = _texts(document, pages)
    row: dict[str, Any] = {name: " ".join(parts) for name, parts in texts.items()}
    left_out = 0
    if session.get_bind().dialect.name == "postgresql":
        row["vector"], left_out = vector_of(texts)
    session.execute(insert(SearchText).values(document_id=document.id, **row))
    return left_out


def is_current(session: Session, document: Document, pages: Iterable[str]) -> bool:
    """Whether the document is found by what its fields and these pages say now."""
    held = session.get(SearchText, document.id)
    if held is None:
        return False
    return all(getattr(held, name) == " ".join(parts) for name, parts in _texts(document, pages).items())


def remove(session: Session, document_id: int) -> None:
    """Let the document be found no more."""
    session.execute(delete(SearchText).where(SearchText.document_id == document_id))


def _texts(document: Document, pages: Iterable[str]) -> dict[str, list[str]]:
    """The folded words of each column."""
    texts = {name: words(" \n ".join(parts)) for name, parts in _parts(document).items()}
    return texts | {"body": [word for page in pages for word in words(page)]}


def _parts(document: Document) -> dict[str, list[str]]:
    """What each column but the body is made of: the values of the fields that the table puts there."""
    return {
        column: [text for _, name in searched for text in _as_texts(getattr(document, name)) if text]
        for column, searched in _SEARCHED.items()
    }


def _as_texts(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, list):
        return [str(entry) for entry in value]
    return [f"{value:.2f}" if isinstance(value, Decimal) else str(value)]


def _searched() -> dict[str, list[tuple[int, str]]]:
    """By column, the fields that are found in it, and the file's name, each with its place."""
    columns: dict[str, list[tuple[int, str]]] = {name: [] for name in WEIGHTS if name != "body"}
    columns[_FILE_NAME.column].append((_FILE_NAME.place, "original_filename"))
    for name, field in FIELDS.items():
        if field.about.search is not None:
            columns[field.about.search.column].append((field.about.search.place, name))
    return {column: sorted(searched) for column, searched in columns.items()}


_SEARCHED = _searched()


def vector_of(texts: dict[str, list[str]]) -> tuple[str, int]:
    """The text form of a tsvector, made here because ``to_tsvector`` would cut words its own way.

    Every word has its first place before any has its others, which matter for the ranking alone. Also how
    many different words, from the end of the body, did not fit.
    """
    placed = [
        (word, f"{min(position, LAST_POSITION)}{weight}")
        for position, (word, weight) in enumerate(
            ((word, weight) for name, weight in WEIGHTS.items() for word in texts[name]), 1
        )
    ]
    places: dict[str, list[str]] = {}
    size, left_out = 0, set()
    for word, place in placed:
        if word in places:
            continue
        more = len(word.encode()) + 6
        if size + more > VECTOR_BYTES:
            left_out.add(word)
            continue
        size += more
        places[word] = [place]
    for word, place in placed:
        at = places.get(word)
        if size + 2 > VECTOR_BYTES:
            break
        if at and len(at) < MOST_POSITIONS and place not in (at[0], at[-1]):
            size += 2
            at.append(place)
    return _rendered(places), len(left_out)


def _rendered(places: dict[str, list[str]]) -> str:
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
