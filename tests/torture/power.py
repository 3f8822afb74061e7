"""What is left on a disk after a power cut: what was flushed stays, everything else is open.

Inside the daemon, ``watch`` notes each flush of a file or folder in a journal outside of the disk. When it
is dead, ``Disk.cut`` compares what lies there with what was flushed. The bytes of a file that changed since
are kept, emptied, cut or zeroed at random. A name that came, went or changed since its folder was flushed
is left or undone at random. Renaming is one act; a link and the removal after it are two, and so is what
a reading process renames: the journal knows of what the daemon itself does.

A database's own files are left to the database, and the log to itself.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import json
import os
import random
import shutil
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VARIABLE = "AUTOD_TORTURE_JOURNAL"
"""The environment variable with the folder of the journal."""

OTHERS = (".db", ".db-wal", ".db-shm", ".db-journal", ".db.lock")
LOGS = ("logs", "output-")
READERS_END_SECONDS = 20.0

State = tuple[int, int, int]
"""A file's inode, size and time of change: bytes that were flushed are known by it."""


class Journal:
    """Notes what was flushed; each file that was is linked, so that its bytes outlive its name."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "kept"
        self._kept.mkdir(parents=True, exist_ok=True)
        self._lock = folder / "lock"
        self._stream = os.open(folder / "journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other thread or process notes a folder meanwhile."""
        lock = os.open(self._lock, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def file(self, state: State) -> None:
        self._note(file=state)

    def folder(self, inode: int, names: dict[str, int]) -> None:
        self._note(folder=inode, names=names)

    def moved(self, inode: int) -> None:
        self._note(moved=inode)

    def reader(self, process: int) -> None:
        self._note(reader=process)

    def keep(self, path: str, inode: int) -> None:
        try:
            os.link(path, self._kept / str(inode), follow_symlinks=True)
        except OSError:
            return  # kept already, or it has no name any more

    def _note(self, **what: Any) -> None:
        os.write(self._stream, json.dumps(what).encode() + b"\n")

    def close(self) -> None:
        os.close(self._stream)


def watch(folder: Path) -> None:
    """Have this process note its flushes; reading processes are noted so that their end can be awaited."""
    from autod.child.process import ChildProcess

    journal = Journal(folder)

    def flushing(flush: Callable[[Any], None]) -> Callable[[Any], None]:
        @functools.wraps(flush)
        def run(file: Any) -> None:
            descriptor = file if isinstance(file, int) else file.fileno()
            status, path = os.fstat(descriptor), f"/proc/self/fd/{descriptor}"
            if stat.S_ISDIR(status.st_mode):
                with journal.alone():  # else a look at the folder that is older could be noted later
                    names = _names_in(descriptor, journal, path)
                    flush(file)
                    journal.folder(status.st_ino, names)
            else:
                flush(file)
                journal.keep(path, status.st_ino)
                journal.file(_state(status))

        return run

    def moving(move: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(move)
        def run(source: Any, *more: Any, **named: Any) -> None:
            journal.moved(os.lstat(source).st_ino)
            move(source, *more, **named)

        return run

    os.fsync, os.fdatasync = flushing(os.fsync), flushing(os.fdatasync)
    os.rename, os.replace = moving(os.rename), moving(os.replace)
    begin = ChildProcess.__init__

    def noted(self: Any, *arguments: Any) -> None:
        begin(self, *arguments)
        journal.reader(self.pid)

    setattr(ChildProcess, "__init__", noted)  # noqa: B010 - mypy forbids assigning to a method


def _state(status: os.stat_result) -> State:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _names_in(folder: int | Path, journal: Journal, path: str) -> dict[str, int]:
    """What lies in a folder, by inode; each file in it is kept."""
    names = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            names[entry.name] = entry.inode()
            if entry.is_file(follow_symlinks=False):
                journal.keep(f"{path}/{entry.name}", entry.inode())
    return names


@dataclass(slots=True)
class _Flushed:
    """What the journal tells; the last word on each folder counts."""

    files: set[State] = field(default_factory=set)
    folders: dict[int, dict[str, int]] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    readers: set[int] = field(default_factory=set)


class Disk:
    """The disk that the power is cut of.

    Args:
        folder: for the journal; on the same file system, outside of ``roots``.
        roots: the folders that are known to be on the disk, with all that lies in them now.
    """

    def __init__(self, folder: Path, roots: Iterable[Path], chance: random.Random) -> None:
        self.journal = folder
        self._roots = sorted(set(roots))
        self._chance = chance
        self.settle(*self._roots)

    def settle(self, *paths: Path) -> None:
        """These are on the disk now, with all that lies in them: what others put there flushed it."""
        journal = Journal(self.journal)
        for path in paths:
            for place in (path, *(p for p in path.rglob("*") if not _is_left_alone(p))):
                status = place.lstat()
                if stat.S_ISDIR(status.st_mode):
                    journal.folder(status.st_ino, _names_in(place, journal, str(place)))
                else:
                    journal.keep(str(place), status.st_ino)
                    journal.file(_state(status))
        journal.close()

    def cut(self) -> None:
        """Leave what the disk would have; all who wrote to it are dead."""
        flushed = self._flushed()
        _wait_for_the_end_of(flushed.readers)
        coins: dict[int, bool] = {}
        for root in self._roots:
            self._undo_names(root, flushed, coins)
        for path in self._files():
            if path.is_file() and not path.is_symlink() and _state(path.stat()) not in flushed.files:
                self._damage(path)
        shutil.rmtree(self.journal)
        self.settle(*self._roots)

    def _flushed(self) -> _Flushed:
        known = _Flushed()
        for line in (self.journal / "journal").read_text().splitlines():
            match json.loads(line):
                case {"file": [inode, size, changed]}:
                    known.files.add((inode, size, changed))
                case {"folder": inode, "names": names}:
                    known.folders[inode] = names
                case {"moved": inode}:
                    known.moved.add(inode)
                case {"reader": process}:
                    known.readers.add(process)
        return known

    def _undo_names(self, folder: Path, flushed: _Flushed, coins: dict[int, bool]) -> None:
        was = flushed.folders.get(folder.stat().st_ino, {})
        now = {entry.name: entry.inode() for entry in os.scandir(folder)}
        for name in sorted({*was, *now}):
            path = folder / name
            if _is_left_alone(path):
                continue
            if was.get(name) != now.get(name) and self._is_undone(
                was.get(name), now.get(name), flushed, coins
            ):
                self._undo(path, was.get(name))
            if path.is_dir() and not path.is_symlink() and name in now:
                self._undo_names(path, flushed, coins)

    def _is_undone(self, was: int | None, now: int | None, flushed: _Flushed, coins: dict[int, bool]) -> bool:
        """By chance; both names of a file that was renamed have the same fate."""
        moved = next((inode for inode in (now, was) if inode in flushed.moved), None)
        coin = self._chance.random() < 0.5
        return coin if moved is None else coins.setdefault(moved, coin)

    def _undo(self, path: Path, was: int | None) -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif os.path.lexists(path):
            path.unlink()
        kept = self.journal / "kept" / str(was)
        if kept.exists():
            os.link(kept, path)

    def _files(self) -> Iterator[Path]:
        for root in self._roots:
            for place, folders, names in os.walk(root):
                folders[:] = sorted(name for name in folders if not _is_left_alone(Path(place) / name))
                yield from (Path(place) / name for name in sorted(names) if not _is_left_alone(Path(name)))

    def _damage(self, path: Path) -> None:
        size = path.stat().st_size
        match self._chance.choice(("kept", "emptied", "cut", "zeroed")):
            case "emptied":
                os.truncate(path, 0)
            case "cut" if size:
                os.truncate(path, self._chance.randrange(size))
            case "zeroed":
                path.write_bytes(b"\0" * size)


def _is_left_alone(path: Path) -> bool:
    return path.name.endswith(OTHERS) or any(part.startswith(LOGS) for part in path.parts[-2:])


def _wait_for_the_end_of(processes: set[int]) -> None:
    """Reading processes end with their daemon, a moment later."""
    deadline = time.monotonic() + READERS_END_SECONDS
    while any(_runs(process) for process in processes):
        if time.monotonic() > deadline:
            raise TimeoutError("a reading process outlived its daemon")
        time.sleep(0.01)


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
