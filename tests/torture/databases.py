"""The database under torture: fresh for each round, and taken away or held from outside."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg

from tests import postgres

DURABLE = ("max_connections=100", "wal_sync_method=fdatasync")
"""Commits are real here: a server that is stopped at once must know them when it comes back."""


class Database(Protocol):
    """One kind of database."""

    def fresh(self, folder: Path) -> str:
        """The URL of a new migrated database; a file of it lies in ``folder``."""

    def held(self, url: str) -> contextlib.AbstractContextManager[None]:
        """Nobody else can write while the block runs."""

    def gone(self) -> contextlib.AbstractContextManager[None] | None:
        """The server is stopped while the block runs; None when there is no server."""

    def close(self) -> None:
        """Remove everything."""


class Sqlite:
    """A file, copied from a migrated one."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.db"

    def fresh(self, folder: Path) -> str:
        if not self._template.exists():
            _migrate(f"sqlite:///{self._template}")
        path = folder / "paper_autopilot.db"
        shutil.copyfile(self._template, path)
        return f"sqlite:///{path}"

    @contextlib.contextmanager
    def held(self, url: str) -> Iterator[None]:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
        try:
            connection.execute("BEGIN EXCLUSIVE")
            yield
        finally:
            connection.close()

    def gone(self) -> None:
        return None

    def close(self) -> None:
        self._template.unlink(missing_ok=True)


class Postgres:
    """A server of our own, which nobody minds being stopped."""

    def __init__(self, folder: Path) -> None:
        self._user = postgres._user()
        self.binaries = postgres._binaries(folder, self._user)
        self._data, self.socket = folder / "data", folder / "socket"
        self.running = False
        self._numbers = itertools.count(1)
        for place in (folder.parent, folder):  # another user runs the server and has to reach its files
            place.chmod(0o755)
        for place in (self._data, self.socket):
            place.mkdir(mode=0o755)
            if self._user is not None:
                shutil.chown(place, self._user)
        self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
        self.start()
        self._template_made = False

    def fresh(self, folder: Path) -> str:
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            if not self._template_made:
                connection.execute("CREATE DATABASE template_of_ours")
                _migrate(self._url("template_of_ours"))
                self._template_made = True
            name = f"torture_{next(self._numbers)}"
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template_of_ours")
        return self._url(name)

    @contextlib.contextmanager
    def held(self, url: str) -> Iterator[None]:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE documents, events, workflow_status IN ACCESS EXCLUSIVE MODE")
            yield

    @contextlib.contextmanager
    def gone(self) -> Iterator[None]:
        self.stop()
        try:
            yield
        finally:
            self.start()

    def close(self) -> None:
        if self.running:
            self.stop()

    def named(self, name: str) -> str:
        """The URL of a new database ``name`` without tables."""
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self._url(name)

    def stop(self) -> None:
        """Stop the server at once, as a crash of its machine would."""
        self._run("pg_ctl", "-w", "-m", "immediate", "stop")
        self.running = False

    def _url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.socket}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = ("listen_addresses=''", f"unix_socket_directories={self.socket}", *DURABLE)
        options = " ".join(f"-c {setting}" for setting in settings)
        self._run("pg_ctl", "-w", "-l", str(self._data / "log"), "-o", options, "start")
        self.running = True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.binaries / program), "-D", str(self._data), *arguments],
            user=self._user,
            cwd=self.socket,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def open_database(kind: str, folder: Path) -> Database:
    """A database of ``kind`` (``sqlite`` or ``postgres``) that keeps its files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return Postgres(folder) if kind == "postgres" else Sqlite(folder)


def _migrate(url: str) -> None:
    from autod.db.schema import upgrade

    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
    upgrade(url)
