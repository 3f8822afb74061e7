"""The store that finds documents by meaning, and what keeps it in step."""

from __future__ import annotations

from functools import partial
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
    from autod.vectors.base import Filter, Hit, VectorStore
    from autod.vectors.uploading import Uploads

STORE_NAME = "paper-autopilot"
"""Of the vector store that is ours: the account's owner sees it in a list. Another one is named by its id."""


def _find_words(manager: DatabaseManager, query: str, wanted: Filter, limit: int) -> list[Hit]:
    """The embedded index, as a vector store is asked."""
    from autod.db import documents
    from autod.search import fulltext
    from autod.vectors.base import Hit

    filters = fulltext.SearchFilter(wanted.doc_type, wanted.issuer, wanted.since, wanted.until)
    with manager.get_session(read_only=True) as session:
        return [
            Hit(documents.require(session, hit.document_id).sha256_hex, hit.score, hit.snippet)
            for hit in fulltext.search(session, query, filters, limit=limit)
        ]


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
        require_vector_store(settings)
        uploads = Uploads(open_vector_store(settings, manager), settings.vector_store_max_mb)
    return VectorSync(manager, uploads, settings.privacy_policy, utc_now)


def require_vector_store(settings: Settings) -> None:
    """Refuse what makes sense only with a store at a service.

    Raises:
        ConfigurationError: code ``vector_store_off``.
    """
    if settings.vector_store is VectorStoreChoice.OFF:
        raise ConfigurationError(
            "no vector store is in use",
            code=Code.VECTOR_STORE_OFF,
            next_step="Set PAPER_AUTOPILOT_VECTOR_STORE=openai if documents may be kept at OpenAI; "
            "`autod search` finds words without it.",
        )


def open_vector_store(
    settings: Settings, manager: DatabaseManager, client: ResponsesAPIClient | None = None
) -> VectorStore:
    """The store that the settings name; the embedded index stands in when it is off.

    Raises:
        ConfigurationError: no key, or the server is one that has no stores.
    """
    if settings.vector_store is VectorStoreChoice.OFF:
        from autod.vectors.local import LocalVectorStore

        return LocalVectorStore(partial(_find_words, manager))
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
