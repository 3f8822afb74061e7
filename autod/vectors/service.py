"""What a vector store asks of the API, and the few things that are asked over and over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import quote

from autod.domain.privacy import Share
from autod.errors import NothingThere

PAGE = 100

ApiJson = dict[str, Any]
"""JSON as the service takes and gives it: its shape is the vendor's. Stays between here and the client."""


class ServiceReply(Protocol):
    """What the service answered."""

    @property
    def data(self) -> ApiJson: ...


class Service(Protocol):
    """The part of the API client that a store needs; a ``repeatable`` request may be sent again.

    What answers without the key that it ``wants`` is not the service, and is trouble that passes.
    """

    @property
    def is_azure(self) -> bool: ...

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, object] | None = None,
        params: Mapping[str, object] | None = None,
        upload: tuple[str, bytes, str] | None = None,
        repeatable: bool | None = None,
        retries: bool = True,
        shares: Sequence[Share] = (),
        wants: str = "",
    ) -> ServiceReply: ...

    def delete(self, path: str) -> None:
        """What is gone already is no error."""


def pages_of(service: Service, path: str) -> Iterator[ApiJson]:
    """All items of a list, the oldest first."""
    params: ApiJson = {"limit": PAGE, "order": "asc"}
    while True:
        page = service.send("GET", path, params=params, wants="data").data
        shown = [item for item in dicts_in(page["data"]) if "id" in item]
        yield from shown
        if not page.get("has_more") or not shown:
            return
        params = {**params, "after": shown[-1]["id"]}


def dicts_in(items: Any) -> list[ApiJson]:
    """What of a list can be an item."""
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def found_at(service: Service, path: str) -> ApiJson | None:
    """What is there, None when nothing is."""
    try:
        return service.send("GET", path, wants="id").data
    except NothingThere:
        return None


def safe(identifier: str) -> str:
    """``identifier`` as one part of a path."""
    return quote(identifier, safe="")
