"""One database: its engine, its sessions, its state."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autod.db.engine import (
    READ_ONLY,
    create_engine,
    file_unavailable,
    sqlite_path,
    sqlite_url,
    translate,
)
from autod.db.schema import SchemaState, Seen, require_folder, state_of
from autod.errors import DatabaseError
from autod.masking import shown_url


class DatabaseManager:
    """Sessions on one database; connects when first used and shares nothing with other managers.

    Args:
        url: ``sqlite:///FILE`` or ``postgresql://USER:PASSWORD@HOST/NAME``.
        pool_size: connections kept open; as many again are opened on demand.
        busy_timeout_seconds: how long a SQLite write waits for another one; None is the usual time.
        on_damage: called whenever a statement meets damage in the SQLite file.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 5,
        busy_timeout_seconds: float | None = None,
        on_damage: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url
        self._on_damage = on_damage
        self._pool_size = pool_size
        self._busy_timeout_seconds = busy_timeout_seconds
        # Fixed now, so that a later change of the working directory does not change the file.
        self.sqlite_path: Path | None = sqlite_path(url)
        self._engine: sa.Engine | None = None
        self._lock = threading.Lock()
        self._dispose: weakref.finalize[..., DatabaseManager] | None = None

    def __repr__(self) -> str:
        return f"DatabaseManager({shown_url(self.url)!r})"

    def __enter__(self) -> DatabaseManager:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def engine(self) -> sa.Engine:
        """The SQLAlchemy engine, made at the first call.

        Raises:
            DatabaseError: the URL is of no database we know.
        """
        with self._lock:
            if self._engine is None:
                self._engine = create_engine(
                    self._fixed_url(),
                    pool_size=self._pool_size,
                    busy_timeout_seconds=self._busy_timeout_seconds,
                    on_damage=self._on_damage,
                )
                self._dispose = weakref.finalize(self, self._engine.dispose)
            return self._engine

    def _fixed_url(self) -> str | sa.URL:
        # Not as text: a folder's name may hold what a URL gives a meaning, or is not valid UTF-8.
        return self.url if self.sqlite_path is None else sqlite_url(self.sqlite_path)

    @contextmanager
    def get_session(self, *, read_only: bool = False) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises.

        Objects stay usable after the block. With ``read_only`` a SQLite session sees one snapshot and never
        waits for a writer; without it, it has the write lock from its first statement on.

        Raises:
            DatabaseError: whatever the database had to say, by code.
        """
        engine = self.engine.execution_options(**READ_ONLY) if read_only else self.engine
        try:
            with Session(engine, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            raise translate(error) from None

    def schema_state(self) -> SchemaState:
        """Whether the tables fit this version; looks only, never raises, creates nothing."""
        return self.look().state

    def look(self) -> Seen:
        """As ``schema_state``, with the reason why they cannot be looked at."""
        try:
            if self.sqlite_path is not None and _is_missing(self.sqlite_path):
                return Seen(SchemaState.EMPTY)
            with self.engine.execution_options(**READ_ONLY).connect() as connection:
                return Seen(state_of(connection))
        except SQLAlchemyError as error:
            return Seen(SchemaState.UNREACHABLE, translate(error))
        except DatabaseError as error:
            return Seen(SchemaState.UNREACHABLE, error)

    def health_check(self) -> bool:
        """True when the database answers and its schema is this version's; never raises."""
        return self.schema_state() is SchemaState.CURRENT

    def close(self) -> None:
        """Close the connections; the next use opens new ones."""
        with self._lock:
            if self._dispose is not None:
                self._dispose()
            self._engine = self._dispose = None


def _is_missing(path: Path) -> bool:
    """Whether there is no such file in a folder that is there.

    Raises:
        DatabaseError: its folder is not there, or out of reach.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        require_folder(path)
        return True
    except OSError as error:
        raise file_unavailable(
            f"the database file is out of reach ({os.strerror(error.errno or 0)}): {path}"
        ) from None
    return False
