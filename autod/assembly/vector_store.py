"""The store that finds documents by meaning, and what keeps it in step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from autod.assembly.archive import utc_now
from autod.assembly.service import open_client, open_egress
from autod.codes import Code
from autod.config import Settings, VectorStoreChoice
from autod.db.manager import DatabaseManager
from autod.errors import ConfigurationError

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient
    from autod.pipeline.vector_sync import VectorSync
    from autod.vectors.base import VectorStore
    from autod.vectors.uploading import Uploads

STORE_NAME = "paper-autopilot"
"""Of the vector store that is ours: the account's owner sees it in a list. Another one is named by its id."""


def open_vector_sync(
    settings: Settings, manager: DatabaseManager, uploads: Uploads | None = None
) -> VectorSync:
    """Keeps the vector store in step with the archive.

    Raises:
        ConfigurationError: the store is off, has no key, or the server is one that has no stores.
    """
    from autod.pipeline.vector_sync import VectorSync
    from autod.vectors.uploading import Uploads

    if uploads is None:
        uploads = Uploads(require_vector_store(settings, manager), settings.vector_store_max_mb)
    return VectorSync(manager, uploads, settings.privacy_policy, utc_now)


def require_vector_store(settings: Settings, manager: DatabaseManager) -> VectorStore:
    """The store, for what makes sense only with one at a service.

    Raises:
        ConfigurationError: code ``vector_store_off``, or as ``open_vector_store``.
    """
    store = open_vector_store(settings, manager)
    if store is None:
        raise ConfigurationError(
            "no vector store is in use",
            code=Code.VECTOR_STORE_OFF,
            next_step="Set PAPER_AUTOPILOT_VECTOR_STORE=openai if documents may be kept at OpenAI; "
            "`autod search` finds words without it.",
        )
    return store


def open_vector_store(
    settings: Settings, manager: DatabaseManager, client: ResponsesAPIClient | None = None
) -> VectorStore | None:
    """The store that the settings name; None when it is off: the database's own index finds words.

    Args:
        client: of OpenAI, where one is open already.

    Raises:
        ConfigurationError: no key, or the server is one that has no stores.
    """
    if settings.vector_store is VectorStoreChoice.OFF:
        return None
    return STORES[settings.vector_store](settings, manager, client)


def _at_openai(
    settings: Settings, manager: DatabaseManager, client: ResponsesAPIClient | None
) -> VectorStore:
    from autod.vectors.openai import OpenAIVectorStore

    if settings.own_server:
        raise ConfigurationError(
            f"there is no vector store on a server of the kind {settings.openai_server}",
            next_step="Set PAPER_AUTOPILOT_VECTOR_STORE=off.",
        )
    return OpenAIVectorStore(
        client or open_client(settings, open_egress(settings, manager)),
        name=STORE_NAME,
        store_id=settings.vector_store_id,
    )


Opens = Callable[[Settings, DatabaseManager, "ResponsesAPIClient | None"], "VectorStore"]

STORES: Mapping[VectorStoreChoice, Opens] = MappingProxyType({VectorStoreChoice.OPENAI: _at_openai})
"""How each store is opened: every choice but ``off`` has its line."""
