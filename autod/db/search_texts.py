"""Writing down what a document is found by; ``autod.search`` reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from autod.db.models import Document, SearchText
from autod.domain.folding import words

# PostgreSQL refuses a tsvector of 1,048,575 bytes; positions end at 16383 and at 255 for each word.
VECTOR_BYTES = 1_000_000
LAST_POSITION = 16_383
MOST_POSITIONS = 255

WEIGHTS = {"title": "A", "issuer": "A", "numbers": "A", "names": "B", "body": "D"}


def index(session: Session, document: Document, pages: Iterable[str]) -> int:
    """Make the document findable by its fields and the text of its pages, replacing what was there.

    Returns how many different words it is not found by, because the database cannot hold them.
    """
    remove(session, document.id)
    texts = _texts(document, pages)
    row: dict[str, Any] = {name: " ".join(found) for name, found in texts.items()}
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
    return all(getattr(held, name) == " ".join(found) for name, found in _texts(document, pages).items())


def remove(session: Session, document_id: int) -> None:
    """Let the document be found no more."""
    session.execute(delete(SearchText).where(SearchText.document_id == document_id))


def _texts(document: Document, pages: Iterable[str]) -> dict[str, list[str]]:
    """The folded words of each column."""
    texts = {name: words(" \n ".join(parts)) for name, parts in _parts(document).items()}
    return texts | {"body": [word for page in pages for word in words(page)]}


def _parts(document: Document) -> dict[str, list[str]]:
    numbers = (
        document.reference_number,
        document.account_number,
        document.customer_number,
        document.iban,
        document.tax_id,
        document.policy_number,
        document.claim_number,
        document.loan_number,
        document.phone,
        *(f"{amount:.2f}" for amount in (document.total_amount, document.amount_due) if amount is not None),
    )
    names = (
        document.recipient,
        document.original_filename,
        document.subtype,
        document.summary,
        document.category,
        document.subcategory,
        document.email,
        *(str(tag) for tag in document.tags or ()),
    )
    return {
        "title": [document.title or ""],
        "issuer": [document.issuer or ""],
        "numbers": [text for text in numbers if text],
        "names": [text for text in names if text],
    }


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
        known = places.get(word)
        if size + 2 > VECTOR_BYTES:
            break
        if known and len(known) < MOST_POSITIONS and place not in (known[0], known[-1]):
            size += 2
            known.append(place)
    return _rendered(places), len(left_out)


def _rendered(places: dict[str, list[str]]) -> str:
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
