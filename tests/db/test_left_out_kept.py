"""What limits left out is written down, found by `list --review`, and settled by a person."""

from __future__ import annotations

import pytest

from autod.codes import Code
from autod.db import documents, search_texts
from autod.db.documents import DocumentFilter, PageText
from autod.db.manager import DatabaseManager
from autod.domain.extraction import Extraction
from autod.domain.left_out import LeftOut
from autod.errors import UsageError
from autod.search.fulltext import search
from tests.db.samples import INVOICE, NOW, admitted, extraction

UNREAD = LeftOut(Code.PAGES_NOT_READ, 1_500, 2_000)


def _record(manager: DatabaseManager, made: Extraction, pages: list[str]) -> int:
    with manager.get_session() as session:
        number = admitted(session)
        documents.record(
            session,
            number,
            made,
            [PageText(at, text, "text_layer") for at, text in enumerate(pages, 1)],
            pipeline_version="1",
            page_count=len(pages),
            ocr_pages=0,
            now=NOW,
        )
    return number


def test_a_document_with_something_left_out_waits_for_review_until_a_person_has_seen_to_it(
    manager: DatabaseManager,
) -> None:
    number = _record(manager, extraction().marked([UNREAD]), ["text"])
    wanted = DocumentFilter(needs_review=True)
    with manager.get_session() as session:
        (document,) = documents.list_documents(session, wanted)
        assert document.needs_review == ["pages_not_read"]
        assert document.checks == ["pages_not_read:1500/2000"]
        documents.correct(session, number, "pages_not_read", "", NOW)
    with manager.get_session() as session:
        assert documents.list_documents(session, wanted) == []
        assert documents.require(session, number).checks == ["pages_not_read:1500/2000"]
        with pytest.raises(UsageError):
            documents.correct(session, number, "pages_not_read", "", NOW)


def test_a_text_that_its_column_cuts_is_told(manager: DatabaseManager) -> None:
    long = INVOICE.model_copy(update={"title": "long " * 400})
    number = _record(manager, extraction(long), ["text"])
    with manager.get_session() as session:
        document = documents.require(session, number)
        assert document.checks == ["values_cut:1"]
        assert document.needs_review == ["title", "values_cut"]


def test_two_thousand_pages_are_found_by_every_word(manager: DatabaseManager) -> None:
    common = " ".join(f"word{n}" for n in range(300))
    pages = [f"page{n:05d}x {common}" for n in range(2_000)]
    number = _record(manager, extraction(), pages)
    with manager.get_session() as session:
        assert documents.require(session, number).checks == []
        for page in (0, 999, 1_999):
            assert [hit.document_id for hit in search(session, f"page{page:05d}x")] == [number]
        assert [hit.page for hit in search(session, "page01999x")] == [2_000]


def test_words_that_no_index_holds_are_counted(
    manager: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_texts, "VECTOR_BYTES", 2_000)
    number = _record(manager, extraction(), [" ".join(f"word{n:04d}" for n in range(500))])
    with manager.get_session() as session:
        checks = documents.require(session, number).checks
        if session.get_bind().dialect.name == "sqlite":
            assert checks == []
            return
        (check,) = checks
        code, _, count = check.partition(":")
        assert code == "search_words_left_out"
        assert 300 < int(count) < 500
        assert search(session, "word0499") == []
