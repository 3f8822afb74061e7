"""What every vector store must do alike: the one at OpenAI, and the fake."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autod.assembly.vector_store import STORES
from autod.config import VectorStoreChoice
from autod.vectors.base import Entry, Filter, Stored, StoreHit, VectorStore
from autod.vectors.openai import OpenAIVectorStore
from tests.openai.conftest import Service
from tests.openai.stub import serving

SHA = "a" * 64
ENTRY = Entry(SHA, ".txt", b"copper pipe from Bristol", {"sha256": SHA, "doc_type": "invoice"})


class FakeVectorStore:
    """Remembers; finds what contains the query."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def get_or_create(self) -> str:
        return "fake"

    def find(self) -> str | None:
        return "fake"

    def contents(self) -> list[Stored]:
        return [Stored(entry.sha256, entry.sha256, True, entry.attributes) for entry in self.entries.values()]

    def put(self, entry: Entry) -> str:
        self.entries[entry.sha256] = entry
        return entry.sha256

    def remove(self, file_id: str) -> None:
        self.entries.pop(file_id, None)

    def search(self, query: str, wanted: Filter, limit: int) -> list[StoreHit]:
        return [
            StoreHit(entry.sha256, 1.0, entry.content.decode())
            for entry in self.entries.values()
            if query.encode() in entry.content and wanted.doc_type in (None, entry.attributes.get("doc_type"))
        ][:limit]

    def purge(self) -> int:
        count = len(self.entries)
        self.entries.clear()
        return count


@pytest.fixture(params=["openai", "fake"])
def store(request: pytest.FixtureRequest) -> Iterator[VectorStore]:
    if request.param == "fake":
        yield FakeVectorStore()
    else:
        with serving() as (stub, url):
            service = Service(stub, url)
            with service.client() as client:
                yield OpenAIVectorStore(client, name="papers", sleep=service.sleep, clock=service.clock)
            assert stub.violations == []


def test_store_has_an_id_and_keeps_it(store: VectorStore) -> None:
    assert store.get_or_create()
    assert store.get_or_create() == store.get_or_create()


def test_document_that_was_put_is_found(store: VectorStore) -> None:
    store.put(ENTRY)
    (hit,) = store.search("copper", Filter(), 5)
    assert hit.sha256 == SHA
    assert "Bristol" in hit.text


def test_what_is_not_there_is_not_found(store: VectorStore) -> None:
    store.put(ENTRY)
    assert store.search("zeppelin", Filter(), 5) == []
    assert store.search("copper", Filter(doc_type="lease"), 5) == []


def test_what_is_in_it_can_be_listed(store: VectorStore) -> None:
    assert store.contents() == []
    file_id = store.put(ENTRY)
    kept = [(one.file_id, one.sha256, one.ready) for one in store.contents()]
    assert kept == [(file_id, SHA, True)]
    store.purge()
    assert store.contents() == []


def test_putting_again_changes_nothing(store: VectorStore) -> None:
    assert store.put(ENTRY) == store.put(ENTRY)
    assert len(store.search("copper", Filter(), 5)) == 1


def test_removing_what_is_not_there_is_no_error(store: VectorStore) -> None:
    store.remove("file_4711")


def test_purge_of_an_empty_store_removes_nothing(store: VectorStore) -> None:
    assert store.purge() == 0


def test_every_choice_of_a_store_can_be_opened() -> None:
    assert set(STORES) == set(VectorStoreChoice) - {VectorStoreChoice.OFF}
