"""The archive: a plain tar of regular files, documents stored as they are, the manifest last.

What is read from one is hostile until it was checked: names, kinds, sizes and hashes.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import BinaryIO, Protocol

from autod.backup.damage import damaged
from autod.backup.manifest import (
    DATABASE_FOLDER,
    NAME,
    PLACES,
    DatabaseEntry,
    FileEntry,
    Manifest,
    manifest_from,
)
from autod.codes import Code
from autod.errors import BackupError
from autod.files.custody import CHUNK

LARGEST_MANIFEST = 512 << 20
LARGEST_READ = 4 * CHUNK
LONGEST_COMPONENT = 255
MODE = 0o600

Progress = Callable[[str, int, int], None]
"""Told what is being done, and how many bytes of how many."""


class Readable(Protocol):
    """A file that is open for reading."""

    def read(self, size: int, /) -> bytes: ...


class ArchiveWriter:
    """Writes members one after the other into an open file."""

    def __init__(self, stream: BinaryIO) -> None:
        self._tar = tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - finish closes it

    def add(self, path: str, stream: Readable, size: int, modified: float) -> str:
        """Store exactly ``size`` bytes of ``stream``; returns their SHA-256.

        Raises:
            OSError: the stream ends too early, or the archive cannot be written.
        """
        member = tarfile.TarInfo(path)
        member.size, member.mtime, member.mode = size, int(modified), MODE
        hashing = _Hashing(stream)
        self._tar.addfile(member, hashing)  # type: ignore[arg-type]  # it needs nothing but read
        return hashing.digest.hexdigest()

    def finish(self, manifest: Manifest) -> None:
        content = manifest.to_json()
        self.add(NAME, io.BytesIO(content), len(content), manifest.taken_at.timestamp())
        self._tar.close()


class _Hashing:
    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        self.digest.update(chunk)
        return chunk


class ArchiveReader:
    """An archive that was checked as far as its manifest goes; use as a context manager.

    Raises on entering:
        BackupError: code ``backup_missing``, ``backup_damaged`` or ``backup_newer``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.manifest: Manifest
        self._members: dict[str, tarfile.TarInfo] = {}
        self._hashes: dict[str, str] = {}

    def __enter__(self) -> ArchiveReader:
        try:
            stream = self.path.open("rb")
        except OSError as error:
            raise BackupError(
                f"the archive cannot be opened: {os.strerror(error.errno or 0)}",
                code=Code.BACKUP_MISSING,
                next_step="Name an archive that `autod backup` made.",
            ) from None
        with contextlib.ExitStack() as stack:
            stack.enter_context(stream)
            with _readable():
                self._tar = stack.enter_context(tarfile.TarFile(fileobj=_Bounded(stream)))
                self._look_through()
                self.manifest = self._manifest()
            self._compare()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def _look_through(self) -> None:
        """Take regular files with harmless names, each once, and nothing else."""
        for member in self._tar:
            if not member.isreg() or member.issparse():
                raise damaged("it holds something that is no regular file")
            if not is_harmless(member.name) or member.name in self._members:
                raise damaged("it holds a name that we never give")
            self._members[member.name] = member

    def _manifest(self) -> Manifest:
        member = self._members.get(NAME)
        if member is None:
            raise damaged("it has no manifest, so it is not whole or not one of ours")
        if member.size > LARGEST_MANIFEST:
            raise damaged("its manifest is too large")
        return manifest_from(b"".join(self._chunks(member)))

    def _compare(self) -> None:
        """The manifest lists what is there, no more and no less."""
        database = self.manifest.database
        entries: tuple[FileEntry | DatabaseEntry, ...] = (*self.manifest.files, database)
        listed = {entry.path: entry.size for entry in entries}
        self._hashes = {entry.path: entry.sha256 for entry in entries}
        found = {name: member.size for name, member in self._members.items() if name != NAME}
        places = {PurePosixPath(entry.path).parts[0] for entry in self.manifest.files}
        if listed != found or len(listed) != len(entries):
            raise damaged("its manifest lists other files than it holds")
        if not database.path.startswith(DATABASE_FOLDER + "/") or not places <= set(PLACES):
            raise damaged("a file lies where none belongs")

    def _chunks(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        stream = self._tar.extractfile(member)
        assert stream is not None  # noqa: S101 - members are regular files
        left = member.size
        while left:
            chunk = stream.read(min(CHUNK, left))
            if not chunk:
                raise damaged("it ends too early")
            left -= len(chunk)
            yield chunk

    def read(self, path: str) -> Iterator[bytes]:
        """The bytes of one listed member, in pieces.

        Raises:
            BackupError: code ``backup_damaged``, also at the end, when they do not have the listed hash.
        """
        expected = self._hashes[path]
        digest = hashlib.sha256()
        with _readable():
            for chunk in self._chunks(self._members[path]):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != expected:
            raise damaged("a file in it has other bytes than it had")

    def verify(self, progress: Progress) -> None:
        """Read everything once and compare each hash.

        Raises:
            BackupError: code ``backup_damaged``.
        """
        total = sum(self._members[path].size for path in self._hashes)
        done = 0
        for path in self._hashes:
            for chunk in self.read(path):
                done += len(chunk)
                progress("Checking the archive", done, total)

    def copy(self, path: str, target: BinaryIO) -> None:
        """Write a member's bytes; ``target`` holds unchecked bytes until this returns."""
        for chunk in self.read(path):
            target.write(chunk)

    def entries(self, place: str) -> list[FileEntry]:
        """The files of one of ``PLACES``."""
        return [entry for entry in self.manifest.files if entry.path.startswith(place + "/")]


class _Bounded(io.RawIOBase):
    """A file that is never read in one piece beyond a limit: a header may claim any length."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > LARGEST_READ:
            raise tarfile.ReadError("too much at once")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()


@contextlib.contextmanager
def _readable() -> Iterator[None]:
    """Turn what the tar library says of a damaged file into our error."""
    try:
        yield
    except BackupError:
        raise
    except (tarfile.TarError, OSError, EOFError, ValueError, IndexError, KeyError) as error:
        raise damaged(f"it cannot be read as a tar file ({type(error).__name__})") from None


def is_harmless(name: str) -> bool:
    """Whether a member's name leads nowhere but into its own folder."""
    if name == NAME:
        return True
    parts = name.split("/")
    return len(parts) > 1 and all(
        part not in ("", ".", "..") and "\0" not in part and len(os.fsencode(part)) <= LONGEST_COMPONENT
        for part in parts
    )
