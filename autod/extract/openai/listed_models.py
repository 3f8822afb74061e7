"""Which models the service lists for the account, and when it said so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient

LONGEST_NAME = 128


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model by its name; ``shutdown`` is its last day, if the service announced one."""

    name: str
    shutdown: date | None


@dataclass(frozen=True, slots=True)
class ListedModels:
    """``at`` is the service's own time, None when it did not tell it."""

    models: tuple[ListedModel, ...]
    at: datetime | None


def listed_models(client: ResponsesAPIClient) -> ListedModels:
    """Ask for the list, once.

    Raises:
        OpenAIError: see the tree in ``errors``.
    """
    reply = client.send("GET", "/models", retries=False, wants="data")
    listed = reply.data.get("data")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    models = (
        ListedModel(str(entry.get("id", ""))[:LONGEST_NAME], _day(entry.get("shutdown_date")))
        for entry in entries
    )
    return ListedModels(tuple(models), reply.date)


def _day(told: Any) -> date | None:
    try:
        return date.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        return None
