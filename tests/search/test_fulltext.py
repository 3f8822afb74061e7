"""Search: one suite, run on both databases."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from autod.db import documents, search_texts
from autod.db.manager import DatabaseManager
from autod.domain.kinds import DocType
from autod.search.fulltext import SearchFilter, search
from tests.db.samples import NOW, admitted, filed

MARKERS = ("\x02", "\x03")


def found(session: Session, query: str, filters: SearchFilter | None = None) -> list[int]:
    return [hit.document_id for hit in search(session, query, filters)]


@pytest.mark.parametrize(
    "query",
    [
        "wärmepumpe",
        "WARMEPUMPE",
        "Wa\u0308rmepumpe",
        "wärmepumpe strasse",
        "Straße",
        '"die neue Wärmepumpe"',
        '"DIE NEUE waermepumpe" wärmepumpe'.replace("waermepumpe", "wärmepumpe"),
        "wärme",
        "wärm* straße",
        "wärmepumpe -gas",
        '-"alte pumpe" neue',
        "1.234,56",
        "1234.56",
        "R-2026/17",
        "r 2026 17",
        "R-2026",
        "DE89370400440532013000",
        '"DE89 3704 0044 0532 0130 00"',
        "müller söhne",
        "rechnung_november.pdf",
        "ﬁnanz",
        "請求",
        "info@example.org",
    ],
)
def test_a_document_is_found_as_a_person_types(manager: DatabaseManager, query: str) -> None:
    with manager.get_session() as session:
        filed(session, "something else entirely", sha256="b" * 64, name="other.pdf")
        number = filed(
            session,
            "Wir liefern die neue Wärmepumpe in die Hauptstraße, Straße 5.\nGesamt 1.234,56 EUR",
            "IBAN DE89 3704 0044 0532 0130 00 Finanzamt 請求書 info@example.org",
            name="Rechnung_November.pdf",
            issuer="Müller & Söhne GmbH",
            reference_number="R-2026/17",
            iban="DE89370400440532013000",
            total_amount=Decimal("1234.56"),
        )
        assert found(session, query) == [number]


@pytest.mark.parametrize(
    "query",
    [
        "wärmepumpe gas",
        '"neue die"',
        "neue -wärmepumpe",
        'neue -"die neue"',
        "ärmepumpe",
        '"die neu"',
        "neu wärmepumpe",
        "",
        "   ",
        "-neue",
        "*",
        '"',
        "%",
        "_",
    ],
)
def test_a_document_is_not_found_by_what_it_does_not_say(manager: DatabaseManager, query: str) -> None:
    with manager.get_session() as session:
        filed(session, "Wir liefern die neue Wärmepumpe. Gesamt 1.234,56")
        assert found(session, query) == []


@pytest.mark.parametrize(
    "query",
    [
        '"pumpe',
        "pumpe'",
        "'; DROP TABLE documents; --pumpe",
        "pumpe OR",
        "NEAR(pumpe",
        "title:pumpe",
        "pumpe AND NOT",
        "(pumpe",
        "pumpe & | ! <-> :*",
        "pumpe:*A",
        "^pumpe",
        "{title}: pumpe",
        "pumpe\\",
        "pumpe\x00\ud800",
        "%s pumpe %(x)s :y",
        '""" pumpe """',
        "-" * 500,
        "pumpe " * 1000,
        '"' * 999,
        "a" * 100_000,
    ],
)
def test_no_query_is_an_error(manager: DatabaseManager, query: str) -> None:
    with manager.get_session() as session:
        filed(session, "Die Pumpe")
        assert len(search(session, query, markers=MARKERS)) <= 1
        assert len(documents.list_documents(session)) == 1


def test_words_in_title_issuer_and_numbers_come_before_the_body(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        body = filed(session, "heating repair " * 3 + "lorem ipsum " * 20, sha256="1" * 64)
        titled = filed(session, "lorem ipsum " * 30, sha256="2" * 64, title="Heating")
        issued = filed(session, "lorem ipsum " * 30, sha256="3" * 64, issuer="Heating Ltd")
        numbered = filed(session, "lorem ipsum " * 30, sha256="4" * 64, reference_number="HEATING-1")
        ranked = found(session, "heating")
        assert ranked[-1] == body
        assert set(ranked[:3]) == {titled, issued, numbered}


def test_a_filter_narrows_the_search(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        first = filed(
            session,
            "pump",
            doc_type=DocType.INVOICE,
            issuer="Café Ünal",
            primary_date=date(2026, 1, 31),
        )
        second = filed(
            session, "pump", sha256="b" * 64, doc_type=DocType.LETTER, primary_date=date(2026, 2, 1)
        )
        assert found(session, "pump", SearchFilter(doc_type="invoice")) == [first]
        assert found(session, "pump", SearchFilter(issuer="cafe unal")) == [first]
        assert found(session, "pump", SearchFilter(issuer="nobody")) == []
        assert found(session, "pump", SearchFilter(date_from=date(2026, 2, 1))) == [second]
        assert found(session, "pump", SearchFilter(date_to=date(2026, 1, 31))) == [first]
        assert len(found(session, "pump", SearchFilter())) == 2


def test_the_snippet_shows_the_found_words_between_the_markers(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        filed(
            session, "nothing here", "x " * 300 + "the new\x02 Wa\u0308rmepumpe\n was delivered " + "y " * 300
        )
        (hit,) = search(session, "wärmepumpe delivered", markers=MARKERS)
    assert hit.page == 2
    assert "the new \x02Wa\u0308rmepumpe\x03 was \x02delivered\x03 y" in hit.snippet
    assert hit.snippet.startswith("… ")
    assert hit.snippet.endswith(" …")
    assert len(hit.snippet) < 300


def test_a_hit_by_a_field_alone_shows_the_title(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        filed(session, "page text", title="Heat pump", issuer="Acme", primary_date=date(2026, 1, 2))
        (hit,) = search(session, "pump", markers=("[", "]"))
    assert (hit.snippet, hit.page) == ("Heat [pump]", None)
    assert (hit.title, hit.issuer, hit.primary_date) == ("Heat pump", "Acme", date(2026, 1, 2))
    assert hit.score > 0


def test_answers_can_be_paged(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        numbers = [filed(session, "pump", sha256=letter * 64) for letter in "abc"]
        pages = [search(session, "pump", limit=1, offset=i) for i in range(4)]
        assert [hit.document_id for page in pages for hit in page] == list(reversed(numbers))


def test_a_corrected_value_is_found_and_the_old_one_is_not(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "page", issuer="Wrong Ltd")
        documents.correct(session, number, "issuer", "Right Ltd", NOW)
        assert (found(session, "right"), found(session, "wrong")) == ([number], [])
        assert found(session, "page") == [number]


def test_a_removed_document_is_found_no_more(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "pump")
        search_texts.remove(session, number)
        assert found(session, "pump") == []
        again = filed(session, "pump", sha256="b" * 64)
        session.execute(sa.text("DELETE FROM documents"))
        assert found(session, "pump") == []
        assert again != number


def test_what_is_not_committed_is_not_found(manager: DatabaseManager) -> None:
    with pytest.raises(RuntimeError), manager.get_session() as session:
        filed(session, "pump")
        raise RuntimeError
    with manager.get_session() as session:
        assert found(session, "pump") == []


def test_a_huge_document_of_different_words_is_stored_and_found(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        pages = [" ".join(f"w{page:03}{i:04}" for i in range(2000)) for page in range(100)]
        number = filed(session, *pages, title="Needle")
        assert found(session, "needle") == [number]
        assert found(session, "w0000001") == [number]
        assert found(session, '"w0301998 w0301999 w0310000"') == [number]


def test_a_phrase_far_back_in_a_long_document_is_found(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        number = filed(session, "lorem ipsum " * 20_000, "the golden needle")
        assert found(session, '"golden needle"') == [number]
        assert found(session, '"needle golden"') == []
        assert found(session, 'lorem -"golden needle"') == []


@pytest.mark.parametrize("query", ["needle", '"golden needle"', "golden -needle", 'lorem -"golden needle"'])
def test_postgresql_matches_by_its_index_and_plans_other_questions_as_before(
    postgres_url: str, query: str
) -> None:
    asked: list[tuple[str, Any]] = []
    with DatabaseManager(postgres_url) as manager, manager.get_session() as session:
        filed(session, "the golden needle")
        sa.event.listen(
            manager.engine, "before_cursor_execute", lambda *call: asked.append((call[2], call[3]))
        )
        found(session, query)
        assert session.scalar(sa.text("SHOW enable_seqscan")) == "on"
        text, values = next(question for question in asked if "ts_rank" in question[0])
        session.execute(sa.text("SET LOCAL enable_seqscan = off"))
        plan = session.connection().exec_driver_sql("EXPLAIN " + text, values)
        assert any("ix_search_texts_vector" in line for (line,) in plan)


def test_an_unrecorded_document_is_not_in_the_way(manager: DatabaseManager) -> None:
    with manager.get_session() as session:
        admitted(session, sha256="c" * 64)
        assert found(session, "scan") == []
