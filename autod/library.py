"""Processing documents from a program, with clients that are made once and used for many.

The pipeline is durable and one process owns a database while it works on it, so the first call opens it
and later calls on the same database reuse it until the program ends.
"""

from __future__ import annotations

import atexit
import threading
from pathlib import Path

from autod.app import App
from autod.assembly.archive import open_manager
from autod.assembly.logging import start_logging
from autod.assembly.service import client_options
from autod.assembly.vector_store import open_vector_store
from autod.config import EngineChoice, VectorStoreChoice, get_config
from autod.db.manager import DatabaseManager
from autod.extract.openai import client
from autod.logs import OURS
from autod.pipeline.processing import ProcessResult
from autod.vectors.base import VectorStore

__all__ = ["ProcessResult", "ResponsesAPIClient", "VectorStoreManager", "close", "process_document"]

EMBEDDED_INDEX = "local"
"""Stands for the index of the database where an id of a store is asked for."""

_lock = threading.Lock()
_open: App | None = None


class ResponsesAPIClient(client.ResponsesAPIClient):
    """The OpenAI API with the key and address of the settings; makes no request by itself.

    Raises:
        ConfigurationError: no key is set, or the address is not HTTP.
    """

    def __init__(self) -> None:
        super().__init__(**client_options(get_config()))


class VectorStoreManager:
    """The vector store of the settings; while it is off, the embedded index stands in."""

    def __init__(self) -> None:
        settings = get_config()
        self.store: VectorStore | None = open_vector_store(settings, open_manager(settings))

    def get_or_create_vector_store(self) -> str:
        """The store's id, ``local`` for the embedded index; an existing one is found before one is made.

        Raises:
            ServiceError: the store cannot be reached.
        """
        return self.store.get_or_create() if self.store is not None else EMBEDDED_INDEX


def process_document(
    pdf_file: str | Path,
    db_manager: DatabaseManager,
    api_client: client.ResponsesAPIClient | None = None,
    vector_manager: VectorStoreManager | None = None,
    skip_duplicates: bool = True,
) -> ProcessResult:
    """Process one PDF to its end: read, understood, recorded, filed.

    Args:
        pdf_file: the file; outside the inbox it stays where it is and a copy is filed.
        db_manager: the database to record in.
        api_client: OpenAI reads the document; None means the embedded engine.
        vector_manager: where it is put to be found by meaning; None means nowhere.
        skip_duplicates: False processes bytes that are in the archive once more.

    Raises:
        DatabaseError: the database is away, outdated, or another process works on it.
        ConfigurationError: a setting is wrong.
    """
    app = _app_for(db_manager, api_client, vector_manager)
    return app.process(Path(pdf_file), skip_duplicates=skip_duplicates)


def _app_for(
    manager: DatabaseManager,
    api_client: client.ResponsesAPIClient | None,
    vector_manager: VectorStoreManager | None,
) -> App:
    global _open
    store = vector_manager.store if vector_manager is not None else None
    with _lock:
        if _open is None or (_open.manager.url, _open.client, _open.store) != (
            manager.url,
            api_client,
            store,
        ):
            close()
            choices = {"engine": EngineChoice.LOCAL, "vector_store": VectorStoreChoice.OFF}
            settings = get_config()
            start_logging(settings, OURS)
            app = App(settings.model_copy(update=choices), manager, client=api_client, store=store)
            _open = app.__enter__()
        return _open


def close() -> None:
    """Finish what is in work and let the database go; done by itself when the program ends."""
    global _open
    if _open is not None:
        app, _open = _open, None
        app.__exit__(None, None, None)


atexit.register(close)
