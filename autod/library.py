"""Processing documents from a program, with clients that are made once and used for many.

The pipeline is durable and one process owns a database while it works on it, so the first call opens it
and later calls on the same database reuse it until the program ends.
"""

from __future__ import annotations

import atexit
import threading
from pathlib import Path

from autod.app import App, ProcessResult, start_logging
from autod.config import get_config
from autod.db.manager import DatabaseManager
from autod.logs import OURS

__all__ = ["ProcessResult", "close", "process_document"]

_lock = threading.Lock()
_open: App | None = None


def process_document(
    pdf_file: str | Path,
    db_manager: DatabaseManager,
    api_client: None = None,
    vector_manager: object | None = None,
    skip_duplicates: bool = True,
) -> ProcessResult:
    """Process one PDF to its end: read, understood, recorded, filed.

    Args:
        pdf_file: the file; outside the inbox it stays where it is and a copy is filed.
        db_manager: the database to record in.
        api_client: None means the embedded engine, the only one in this version.
        vector_manager: accepted for symmetry with ``api_client``; the embedded index lies in the database.
        skip_duplicates: False processes bytes that are in the archive once more.

    Raises:
        DatabaseError: the database is away, outdated, or another process works on it.
        ConfigurationError: a setting is wrong.
    """
    return _app_for(db_manager).process(Path(pdf_file), skip_duplicates=skip_duplicates)


def _app_for(manager: DatabaseManager) -> App:
    global _open
    with _lock:
        if _open is None or _open.manager.url != manager.url:
            close()
            start_logging(get_config(), OURS)
            _open = App(get_config(), manager).__enter__()
        return _open


def close() -> None:
    """Finish what is in work and let the database go; done by itself when the program ends."""
    global _open
    if _open is not None:
        app, _open = _open, None
        app.__exit__(None, None, None)


atexit.register(close)
