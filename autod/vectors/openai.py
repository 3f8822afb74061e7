"""A vector store at OpenAI. Documents stay there until they are removed: opt in, and a purge.

Nothing is made twice: after any doubt the store, the file and its place are looked for before they are made.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from autod.codes import Code
from autod.domain.backoff import Backoff
from autod.domain.privacy import Purpose, SentForm, Share
from autod.domain.rate_window import RateWindow
from autod.errors import NothingThere, Retry, ServiceError
from autod.vectors.attributes import service_filter
from autod.vectors.base import Entry, Filter, Stored, StoreHit
from autod.vectors.service import PAGE, ApiJson, Service, dicts_in, found_at, pages_of, safe

ATTACHED_A_MINUTE = 300
MINUTE = 60.0
MARK = {"made_by": "paper-autopilot"}
MOST_HITS = 50
TRIES = 3
_LOOK_AGAIN_SECONDS = 2.0
_LONGEST_PAUSE = 10.0
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class IndexingPatience:
    """How long an uploaded file may take to settle, and how often it is looked at at first; seconds."""

    seconds: float = 300.0
    poll: float = 1.0


STANDARD_PATIENCE = IndexingPatience()


class OpenAIVectorStore:
    """Documents in a vector store of the account; thread-safe.

    Args:
        store_id: an existing store to use; None finds the one of ``name`` that we made, or makes it.
    """

    def __init__(
        self,
        service: Service,
        *,
        name: str,
        store_id: str | None = None,
        patience: IndexingPatience = STANDARD_PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._name = name
        self._configured = store_id
        self._patience = patience
        self._sleep = sleep
        self._clock = clock
        self._store: str | None = None
        self._attaching = RateWindow(MINUTE, ATTACHED_A_MINUTE)
        self._lock = threading.Lock()

    def get_or_create(self) -> str:
        """The store's id; see ``VectorStore``.

        Raises:
            ServiceError: code ``vector_store_missing`` when the configured one does not exist.
        """
        with self._lock:
            if self._store is None:
                self._store = self._configured_store() if self._configured else self._found_or_made()
            return self._store

    def find(self) -> str | None:
        """The store's id when there is one; see ``VectorStore``."""
        with self._lock:
            if self._store is not None:
                return self._store
        if self._configured:
            return self.get_or_create()
        ours = self._ours()
        return str(ours[0]["id"]) if ours else None

    def contents(self) -> list[Stored]:
        """All files of ours in the store, which may hold others; see ``VectorStore``."""
        store = self.find()
        if store is None:
            return []
        try:
            return list(self._ours_in(store))
        except NothingThere:
            if self._configured:
                raise
            self._forget_store()
            return []

    def put(self, entry: Entry) -> str:
        """Upload a document and wait until the store has taken it in.

        Raises:
            ServiceError: code ``vector_file_failed`` when the store could not read it (it is removed again),
                ``vector_file_slow`` when it takes too long.
        """
        store = self.get_or_create()
        file = self._found(entry) or self._upload(entry)
        try:
            self._place(store, file, entry)
        except NothingThere:
            if self._configured:
                raise
            # Somebody deleted the store that we had found: find or make it anew, once.
            self._forget_store()
            self._place(self.get_or_create(), file, entry)
        return file

    def _place(self, store: str, file: str, entry: Entry) -> None:
        """Have the file in the store, found by the entry's attributes, and taken in."""
        place = f"/vector_stores/{safe(store)}/files"
        there = found_at(self._service, f"{place}/{safe(file)}")
        shares = (Share(Purpose.STORE, SentForm.ATTRIBUTES, entry.sha256),)
        if there is None:
            self._take_turn()
            body: ApiJson = {"file_id": file, "attributes": entry.attributes}
            self._service.send("POST", place, body=body, repeatable=True, shares=shares)
        elif (there.get("attributes") or {}) != entry.attributes:
            body = {"attributes": entry.attributes}
            self._service.send("POST", f"{place}/{safe(file)}", body=body, repeatable=True, shares=shares)
        self._settle(f"{place}/{safe(file)}", file)

    def remove(self, file_id: str) -> None:
        """Take a document out of the store and delete its file."""
        store = self.find()
        if store is not None:
            self._service.delete(f"/vector_stores/{safe(store)}/files/{safe(file_id)}")
        self._service.delete(f"/files/{safe(file_id)}")

    def search(self, query: str, wanted: Filter, limit: int) -> list[StoreHit]:
        """The best hits, at most 50; see ``VectorStore``."""
        body: ApiJson = {"query": query, "max_num_results": max(1, min(limit, MOST_HITS))}
        filters = service_filter(wanted)
        if filters is not None:
            body["filters"] = filters
        path = f"/vector_stores/{safe(self.get_or_create())}/search"
        asked = (Share(Purpose.SEARCH, SentForm.TEXT, None),)
        found = self._service.send("POST", path, body=body, repeatable=True, shares=asked, wants="data")
        return list(map(_hit, dicts_in(found.data["data"])))

    def purge(self) -> int:
        """Delete the documents and, unless it was configured by its id, the store."""
        stores = [self._configured] if self._configured else [store["id"] for store in self._ours()]
        removed = 0
        for store in stores:
            for entry in list(self._ours_in(str(store))):
                self._service.delete(f"/vector_stores/{safe(str(store))}/files/{safe(entry.file_id)}")
                self._service.delete(f"/files/{safe(entry.file_id)}")
                removed += 1
            if not self._configured:
                self._service.delete(f"/vector_stores/{safe(store)}")
        self._forget_store()
        return removed

    def _forget_store(self) -> None:
        with self._lock:
            self._store = None

    def _configured_store(self) -> str:
        store = str(self._configured)
        try:
            self._service.send("GET", f"/vector_stores/{safe(store)}")
        except NothingThere:
            raise ServiceError(
                "the configured vector store does not exist",
                code=Code.VECTOR_STORE_MISSING,
                retry=Retry.PERSON,
                next_step="Correct PAPER_AUTOPILOT_VECTOR_STORE_ID, or leave it empty to have one made.",
            ) from None
        return store

    def _found_or_made(self) -> str:
        """The oldest store of ours; an empty one that a race or a late success made besides it goes."""
        for attempt in range(1, TRIES + 1):
            ours = self._ours()
            if not ours:
                try:
                    body = {"name": self._name, "metadata": MARK}
                    made = self._service.send(
                        "POST", "/vector_stores", body=body, retries=False, wants="id"
                    ).data
                except ServiceError as error:
                    if error.retry is not Retry.LATER or attempt == TRIES:
                        raise
                    self._give_it_time()
                    continue
                ours = self._ours() or [made]
            for extra in ours[1:]:
                if not extra["file_counts"]["total"]:
                    self._service.delete(f"/vector_stores/{safe(extra['id'])}")
            return str(ours[0]["id"])
        raise AssertionError("the last attempt returns or raises")

    def _give_it_time(self) -> None:
        """The failed request may have made a store that appears late."""
        for _ in range(TRIES):
            self._sleep(_LOOK_AGAIN_SECONDS)
            if self._ours():
                return

    def _ours_in(self, store: str) -> Iterator[Stored]:
        for entry in pages_of(self._service, f"/vector_stores/{safe(store)}/files"):
            stored = _stored(entry)
            if _SHA256.fullmatch(stored.sha256):
                yield stored

    def _ours(self) -> list[ApiJson]:
        stores = [
            store
            for store in pages_of(self._service, "/vector_stores")
            if store.get("name") == self._name and (store.get("metadata") or {}).items() >= MARK.items()
        ]
        return sorted(stores, key=lambda store: (store["created_at"], store["id"]))

    def _found(self, entry: Entry) -> str | None:
        """The file of this document that is there; one with other content, read anew since, is removed."""
        file = self._find_file(entry.name)
        if file is None or file.get("bytes") == len(entry.content):
            return str(file["id"]) if file else None
        self.remove(str(file["id"]))
        return None

    def _find_file(self, name: str) -> ApiJson | None:
        """A file of ours that is there already, perhaps from an upload that was interrupted."""
        params = {"purpose": self._purpose, "limit": PAGE, "order": "desc"}
        page = self._service.send("GET", "/files", params=params, wants="data").data
        return next((file for file in dicts_in(page["data"]) if file.get("filename") == name), None)

    def _upload(self, entry: Entry) -> str:
        kind = "application/pdf" if entry.suffix == ".pdf" else "text/plain"
        body = {"purpose": self._purpose}
        upload = (entry.name, entry.content, kind)
        form = SentForm.FILE if entry.suffix == ".pdf" else SentForm.TEXT
        shares = (Share(Purpose.STORE, form, entry.sha256, entry.pages),)
        try:
            made = self._service.send(
                "POST", "/files", body=body, upload=upload, retries=False, shares=shares, wants="id"
            )
            return str(made.data["id"])
        except ServiceError as error:
            if error.retry is not Retry.LATER:
                raise
        self._sleep(_LOOK_AGAIN_SECONDS)
        known = self._find_file(entry.name)
        if known is not None:
            return str(known["id"])
        made = self._service.send("POST", "/files", body=body, upload=upload, shares=shares, wants="id")
        return str(made.data["id"])

    @property
    def _purpose(self) -> str:
        return "assistants" if self._service.is_azure else "user_data"

    def _take_turn(self) -> None:
        now = self._clock()
        turn = self._attaching.turn(now)
        if turn > now:
            self._sleep(turn - now)

    def _settle(self, path: str, file: str) -> None:
        deadline = self._clock() + self._patience.seconds
        pauses = Backoff(self._patience.poll, _LONGEST_PAUSE, factor=1.5)
        looks = 0
        while True:
            looks += 1
            pause = pauses.pause(looks)
            data = self._service.send("GET", path, wants="id").data
            if data.get("status") == "completed":
                return
            if data.get("status") in ("failed", "cancelled"):
                self.remove(file)
                reason = (data.get("last_error") or {}).get("code", data["status"])
                raise ServiceError(
                    f"the vector store could not take the file in ({reason})",
                    code=Code.VECTOR_FILE_FAILED,
                    retry=Retry.LATER if reason == "server_error" else Retry.NEVER,
                )
            if self._clock() + pause > deadline:
                raise ServiceError(
                    "the vector store takes too long with the file", code=Code.VECTOR_FILE_SLOW
                )
            self._sleep(pause)


def _hit(data: ApiJson) -> StoreHit:
    text = "\n".join(part.get("text", "") for part in data.get("content", ()))
    sha256 = (data.get("attributes") or {}).get("sha256") or str(data.get("filename", "")).partition(".")[0]
    return StoreHit(str(sha256), float(data.get("score", 0)), text)


def _stored(entry: ApiJson) -> Stored:
    attributes = entry.get("attributes") or {}
    sha256 = str(attributes.get("sha256", ""))
    return Stored(str(entry["id"]), sha256, entry.get("status") == "completed", attributes)
