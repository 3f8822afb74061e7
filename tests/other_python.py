"""DBOS as it is under another Python: it asks SQLite for the time in one way up to 3.11, in another after."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import dbos._migration as migration
import dbos._sys_db as system_database
import dbos._sys_db_sqlite as sqlite_database


class _Sys:
    """The module ``sys`` of another Python."""

    def __init__(self, version: tuple[int, int]) -> None:
        self.version_info = version

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


@contextmanager
def dbos_of(python: tuple[int, int]) -> Iterator[None]:
    """Inside the block DBOS makes and uses SQLite's tables as it does under ``python``."""
    other = _Sys(python)
    before = vars(migration).copy()
    with mock.patch.dict(sys.modules, {"sys": other}):  # the statements are made when the module is read
        importlib.reload(migration)
    after = vars(migration).copy()
    vars(migration).update(before)
    with (
        mock.patch.object(migration, "sys", other),
        mock.patch.object(system_database, "sys", other),
        mock.patch.object(sqlite_database, "sqlite_migrations", after["sqlite_migrations"]),
    ):
        yield
