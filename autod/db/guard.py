"""One process per SQLite database and work folder: two would run the same documents twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from autod.codes import Code
from autod.errors import DatabaseError, Retry


@contextmanager
def single_process(path: Path, what: str = "") -> Iterator[None]:
    """Hold ``path``'s lock, the file ``path.lock`` beside it, while the block runs.

    ``what`` names for people what is locked; without it ``path`` is it. The system lets go of it when the
    process ends, however it ends. The file itself stays.

    Raises:
        DatabaseError: code ``database_in_use``, naming the holder's process; or the lock cannot be made.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o644)
    except OSError as error:
        raise DatabaseError(
            f"the lock file cannot be opened: {os.strerror(error.errno or 0)}",
            code=Code.DATABASE_UNAVAILABLE,
            next_step=f"Give the service's user write access to {lock.parent}.",
        ) from None
    try:
        if not _take(descriptor):
            holder = _read(descriptor)
            raise DatabaseError(
                f"another process{f' ({holder})' if holder else ''} is working on {what or path}",
                code=Code.DATABASE_IN_USE,
                retry=Retry.PERSON,
                next_step="Stop the other process first, or drop the files into its inbox. "
                "Several processes at once need PostgreSQL.",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def sole_worker(work: Path, database: Path | None) -> Iterator[None]:
    """Be the only process that works in the folder ``work``, and on the SQLite file if it is one.

    Raises:
        DatabaseError: as ``single_process``.
    """
    with ExitStack() as stack:
        stack.enter_context(single_process(work / "process", f"the archive of {work}"))
        if database is not None:
            stack.enter_context(single_process(database, f"the database {database}"))
        yield


def holder(path: Path) -> str | None:
    """The process that holds ``path``'s lock, in words; None when nobody does. Disturbs nobody."""
    import fcntl

    try:
        descriptor = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        # Shared and let go of at once: two who look do not see each other as holders.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor) or "another process"
    else:
        return None
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    """Lock the whole file without waiting; False when another process has it."""
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(descriptor: int) -> str:
    with suppress(OSError, UnicodeDecodeError):
        return os.pread(descriptor, 64, 0).decode().strip()
    return ""
