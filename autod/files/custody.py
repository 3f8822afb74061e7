"""Moving files so that no byte is ever lost, overwritten or altered.

Three places: the inbox (theirs), the claimed store (ours while work goes on), and the folder where the
document ends (processed or failed). A copy is complete, flushed and checked before anything is removed.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import stat
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path

from autod.codes import Code
from autod.domain.filing import REASON as REASON
from autod.domain.storable import storable
from autod.errors import AutodError, FileTrouble, Retry
from autod.files import kept as kept_names
from autod.files.kept import kept_path
from autod.files.writers import WhoWrites, Writing, who_writes
from autod.flushing import SCRATCH, flush, flush_files, flush_folder, make_folder

CHUNK = 1 << 20
RAW_PATH = "bytes:"
LEAVING = ".leaving"
LEAVING_SECONDS = 60.0
"""A file that has been on its way out of the inbox for so long is in nobody's hands: that takes a moment."""
LOST = Code.CUSTODY_LOST
MOST_NUMBERED = 9
LONGEST_NAME_BYTES = 255
SHARE_AWAY = (errno.ESTALE, errno.ETIMEDOUT, errno.ENOTCONN, errno.EHOSTDOWN)
OUTSIDE = {Code.DISK_FULL, Code.PERMISSION_DENIED, Code.READ_ONLY, Code.DISK_ERROR}
"""Codes of what troubles every file of a folder alike, and so is no file's own."""
NO_LINKS = {errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


@dataclass(frozen=True, slots=True)
class Claim:
    """A file of ours with the same bytes as one in the inbox."""

    sha256: str
    path: Path
    size: int


_SCRATCH_NAME = re.compile(rf"\.([0-9a-f]{{16}}\.)?[0-9a-f]{{16}}{re.escape(SCRATCH)}")
_CLAIMED_NAME = re.compile(r"([0-9a-f]{64})\.")


def is_scratch(name: str) -> bool:
    """Whether a file of this name is a copy of ours that is being made, or was cut off."""
    return _SCRATCH_NAME.fullmatch(name) is not None


def claimed_as(name: str) -> str | None:
    """The hash of the document that a file of the claimed store belongs to, by its name; None for others."""
    match = _CLAIMED_NAME.match(name)
    return match.group(1) if match else None


def path_text(path: Path) -> str:
    """``path`` as text that any database and JSON holds as it is, whatever bytes its name has."""
    text = str(path)
    if storable(text) == text:
        return text
    return RAW_PATH + urllib.parse.quote_from_bytes(os.fsencode(path))


def path_from(text: str) -> Path:
    """The path that ``path_text`` wrote down."""
    if text.startswith(RAW_PATH):
        return Path(os.fsdecode(urllib.parse.unquote_to_bytes(text.removeprefix(RAW_PATH))))
    return Path(text)


def file_trouble(error: OSError, what: str) -> FileTrouble:
    """The coded form of what the file system said while we were doing ``what``."""
    codes = {
        errno.ENOSPC: (Code.DISK_FULL, "Free some space on the disk; the file is tried again."),
        errno.EDQUOT: (Code.DISK_FULL, "Free some of your quota; the file is tried again."),
        errno.EACCES: (Code.PERMISSION_DENIED, "Give the service's user access to the file and folder."),
        errno.EPERM: (Code.PERMISSION_DENIED, "Give the service's user access to the file and folder."),
        errno.EROFS: (Code.READ_ONLY, "Mount the folder writable, or point the setting elsewhere."),
        errno.ENOENT: (Code.FILE_VANISHED, "Drop the file in again if it is still needed."),
        errno.ENAMETOOLONG: (Code.NAME_TOO_LONG, "Give the file a shorter name."),
        errno.ELOOP: (Code.SYMLINK_REFUSED, "Put the file itself into the inbox, not a link to it."),
    }
    share = (Code.DISK_ERROR, "Check the disk or the network share; the file is tried again.")
    codes |= dict.fromkeys((errno.EIO, *SHARE_AWAY), share)
    code, step = codes.get(error.errno or 0, (Code.FILE_UNAVAILABLE, FileTrouble.next_step))
    reason = os.strerror(error.errno) if error.errno else type(error).__name__
    return FileTrouble(f"{what}: {reason}", code=code, next_step=step, outside=code in OUTSIDE)


@contextlib.contextmanager
def explained(what: str) -> Iterator[None]:
    """Turn an ``OSError`` of the block into a ``FileTrouble``."""
    try:
        yield
    except OSError as error:
        raise file_trouble(error, what) from error


def open_plain(path: Path, folder: int | None = None) -> BufferedReader:
    """Open a regular file for reading; never follows a link and never blocks on a pipe.

    A relative path is looked up in the open ``folder`` when one is given.

    Raises:
        OSError: also when the path is a link (``ELOOP``) or not a regular file (``EINVAL``).
    """
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0), dir_fd=folder)
    stream = os.fdopen(descriptor, "rb")
    if not _is_regular(stream):
        stream.close()
        raise OSError(errno.EINVAL, "not a regular file")
    return stream


def _is_regular(stream: BufferedReader) -> bool:
    return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a regular file, in hexadecimal."""
    with open_plain(path) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def holds(path: Path, sha256: str) -> bool:
    """Whether there is a file that can be read and has these bytes."""
    try:
        return sha256_of(path) == sha256
    except OSError:
        return False


def claim(source: Path, store: Path) -> Claim:
    """Copy ``source`` into the claimed store under its hash, flushed to disk.

    Claiming the same bytes again is harmless. The source is not touched.

    Raises:
        FileTrouble: the source cannot be read or the store cannot take it.
    """
    with explained("cannot claim the file"):
        make_folder(store)
        scratch = store / f".{secrets.token_hex(8)}{SCRATCH}"
        try:
            digest, size = _copy(source, scratch)
            target = store / f"{digest}.pdf"
            scratch.replace(target)
            flush_folder(store)
        finally:
            with contextlib.suppress(OSError):
                scratch.unlink()
    return Claim(digest, target, size)


def claim_again(source: Path, sha256: str, store: Path) -> bool:
    """Claim the document's bytes from where they came from once more; False when they are not there any more.

    Raises:
        FileTrouble: as ``claim``.
    """
    try:
        return holds(source, sha256) and claim(source, store).sha256 == sha256
    except FileTrouble as trouble:
        if trouble.code != Code.FILE_VANISHED:
            raise
        return False  # another process has just removed it


def claim_joined(first: Path, rest: Path, store: Path, is_whole: Callable[[Path], bool]) -> Claim | None:
    """Claim a document whose beginning is ``first`` and whose rest was written into a file of its own.

    The rest follows the beginning; or it lies where it belongs, with nothing but zeros before it, as a writer
    leaves it that goes on at a place it remembers. None when neither makes a whole file.

    Raises:
        FileTrouble: a file cannot be read, or the store cannot take it.
    """
    with explained("cannot claim the file"):
        size = first.stat().st_size
        for skipped in (0, size):
            if skipped and not _is_empty_up_to(rest, skipped):
                continue
            scratch = store / f".{secrets.token_hex(8)}{SCRATCH}"
            try:
                digest, length = _join(first, rest, skipped, scratch)
                if is_whole(scratch):
                    target = store / f"{digest}.pdf"
                    scratch.replace(target)
                    flush_folder(store)
                    return Claim(digest, target, length)
            finally:
                with contextlib.suppress(OSError):
                    scratch.unlink()
    return None


def _is_empty_up_to(path: Path, size: int) -> bool:
    """Whether the file is longer than ``size`` and has only zeros before."""
    with open_plain(path) as stream:
        if os.fstat(stream.fileno()).st_size <= size:
            return False
        while size > 0 and (chunk := stream.read(min(CHUNK, size))):
            if chunk.strip(b"\0"):
                return False
            size -= len(chunk)
    return True


def _join(first: Path, rest: Path, skipped: int, target: Path) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with open_plain(first) as beginning, open_plain(rest) as end, target.open("xb") as writer:
        end.seek(skipped)
        for reader in (beginning, end):
            while chunk := reader.read(CHUNK):
                digest.update(chunk)
                writer.write(chunk)
                size += len(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest(), size


def is_beginning_of(earlier: Path, later: Path) -> bool:
    """Whether ``later`` begins with all bytes of ``earlier`` and has more.

    Raises:
        OSError: one of them cannot be read.
    """
    with open_plain(earlier) as first, open_plain(later) as second:
        if os.fstat(first.fileno()).st_size >= os.fstat(second.fileno()).st_size:
            return False
        while chunk := first.read(CHUNK):
            if second.read(len(chunk)) != chunk:
                return False
    return True


def _copy(source: Path, target: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with open_plain(source) as reader, target.open("xb") as writer:
        while chunk := reader.read(CHUNK):
            digest.update(chunk)
            writer.write(chunk)
            size += len(chunk)
        writer.flush()
        flush(writer.fileno())
    return digest.hexdigest(), size


def file_away(claimed: Path, sha256: str, folder: Path, name: str) -> Path:
    """Move the claimed copy to ``folder / name``, never over anything; returns where it lies.

    A file with the same bytes already there is taken as ours (so repeating after a crash is harmless);
    one with other bytes makes the name ``name (2)`` and so on to 9, then ``name (a1b2c3d4)`` with the
    beginning of the hash: however many have the same name, few are looked at.

    Raises:
        FileTrouble: the file system refused; the claimed copy is still there.
        AutodError: code ``custody_lost``, neither the copy nor a filed one has these bytes.
    """
    with explained("cannot file the document"):
        make_folder(folder)
        for target in _names(folder, name, sha256):
            if not os.path.lexists(target) and _placed(claimed, target, sha256):
                _discard(claimed)
                return target
            # Also one that came just now: another process may file the same bytes from the same claimed copy.
            if target.is_file() and not target.is_symlink() and sha256_of(target) == sha256:
                flush_files(target)  # whoever put it there may have died before that
                _discard_cut_off(folder, sha256)
                _discard(claimed)
                return target
            if not os.path.lexists(target):
                break
    raise AutodError(
        "the claimed copy is gone or damaged, and no filed one was found",
        code=LOST,
        retry=Retry.PERSON,
        next_step="Restore the document from the backup.",
    )


def _names(folder: Path, name: str, sha256: str = "") -> Iterator[Path]:
    yield folder / name
    stem, suffix = Path(name).stem, Path(name).suffix
    for number in range(2, MOST_NUMBERED + 1 if sha256 else 100_000):
        yield folder / f"{stem} ({number}){suffix}"
    for length in range(8, len(sha256) + 1, 8):
        yield folder / f"{stem} ({sha256[:length]}){suffix}"


def _placed(claimed: Path, target: Path, sha256: str) -> bool:
    """As ``_place``; False also when the claimed copy is damaged, or gone, perhaps just now."""
    try:
        return holds(claimed, sha256) and _place(claimed, target, sha256)
    except FileNotFoundError:
        if os.path.lexists(claimed):
            raise
        return False


def _place(claimed: Path, target: Path, sha256: str) -> bool:
    """Put the bytes at ``target`` unless somebody else was quicker; False then."""
    try:
        os.link(claimed, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return _place_by_copy(claimed, target, sha256)
    flush_folder(target.parent)
    return True


def _place_by_copy(claimed: Path, target: Path, sha256: str) -> bool:
    """For another file system, or one without links: copy, flush, check, then take the name."""
    scratch = target.parent / f".{sha256[:16]}.{secrets.token_hex(8)}{SCRATCH}"
    try:
        _discard_cut_off(target.parent, sha256)
        digest, _ = _copy(claimed, scratch)
        if digest != sha256:
            raise OSError(errno.EIO, "the copy differs from the original")
        try:
            os.link(scratch, target)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            try:
                os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            except FileExistsError:
                return False
            scratch.replace(target)
        flush_folder(target.parent)
        return True
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink()


def _discard_cut_off(folder: Path, sha256: str) -> None:
    """Remove what copies of the document that were cut off left."""
    for left in folder.glob(f".{sha256[:16]}.*{SCRATCH}"):
        _discard(left)


def leave_inbox(source: Path, sha256: str, writes: WhoWrites = who_writes) -> bool:
    """Remove the inbox file, if it still holds the bytes that were filed.

    Returns False when the file is gone or has other bytes by now (then it is a new document). It is looked
    at under a name that no writer knows: whoever uses its own name again meanwhile loses nothing. Where
    somebody has it open for writing, or may have, it is kept for a while: see ``kept``.

    Raises:
        FileTrouble: the inbox does not let us.
    """
    with explained("cannot remove the file from the inbox"):
        try:
            if sha256_of(source) != sha256:
                return False
            aside = _aside(source)
            source.rename(aside)
        except FileNotFoundError:
            return False
        try:
            writing, status = writes(aside), aside.lstat()  # before the bytes: what is written later shows
            if not (ours := sha256_of(aside) == sha256):
                pass
            elif writing is Writing.NOBODY:
                aside.unlink()
            else:
                aside.rename(kept_path(source, sha256, status))
        except OSError:
            if not os.path.lexists(source):  # a link and a removal would need what has just failed
                aside.rename(source)
            raise
        if not ours:
            _put_back(aside, source.name)
    return ours


def let_go(kept: Path, sha256: str, writes: WhoWrites, now: float) -> bool:
    """Destroy a kept file whose bytes have their place, unless somebody writes into it or may do so soon.

    Args:
        now: seconds since the epoch.

    Raises:
        OSError: it cannot be read or removed.
    """
    writing = writes(kept)
    if writing is Writing.SOMEBODY or sha256_of(kept) != sha256:
        return False
    if writing is Writing.UNKNOWN and now - changed_at(kept) < kept_names.KEPT_SECONDS:
        return False
    kept.unlink()
    return True


def changed_at(path: Path) -> float:
    """When content or name last changed, in seconds since the epoch, by the file system's clock."""
    status = os.lstat(path)
    return max(status.st_mtime, status.st_ctime)


def put_back(inbox: Path, *, untouched_seconds: float = 0.0) -> None:
    """Give the files that ``leave_inbox`` was cut off at their names again.

    Args:
        untouched_seconds: leave those alone that changed since then: another process may be at work on them.
    """
    with contextlib.suppress(OSError):  # an inbox out of reach is reported when it is listed
        for aside in inbox.glob(f".*{LEAVING}"):
            if time.time() - aside.lstat().st_ctime >= untouched_seconds:
                _put_back(aside, aside.name[1 : -len(LEAVING)])


def _aside(source: Path) -> Path:
    most = LONGEST_NAME_BYTES - len(LEAVING) - 1
    end = os.fsdecode(os.fsencode(source.name)[-most:])
    return source.with_name(f".{end}{LEAVING}")


def _put_back(aside: Path, name: str) -> None:
    """Never over anything: the name may be in use again. A name that the same file has already is enough."""
    for target in _names(aside.parent, name):
        try:
            if not _is_same(aside, target):
                os.link(aside, target)
        except FileExistsError:
            if not _is_same(aside, target):  # else another process puts it back, too
                continue
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            if os.path.lexists(target):
                continue
            aside.rename(target)
        flush_folder(aside.parent)
        _discard(aside)
        return


def _is_same(path: Path, other: Path) -> bool:
    """Whether two names are names of one file; a link that points to it is none."""
    try:
        return os.path.samestat(path.lstat(), other.lstat())
    except FileNotFoundError:
        return False


def forget_failed(kept: Path, sha256: str) -> None:
    """Clear a failed document's place once its bytes are safe elsewhere: the copy, then its reason.

    A file with other bytes stays, with the reason that lies beside it; so does one that the disk does not let
    go of. Of a file that a person has taken away the reason goes.
    """
    with contextlib.suppress(OSError):
        if os.path.lexists(kept):
            if sha256_of(kept) != sha256:
                return
            kept.unlink()
        kept.with_name(kept.name + REASON).unlink(missing_ok=True)
        flush_folder(kept.parent)


def release(store: Path, sha256: str) -> None:
    """Remove the claimed copy of a document that has its place, and what reading left beside it."""
    for path in store.glob(f"{sha256}.*"):
        with contextlib.suppress(OSError):
            path.unlink()


def claims(store: Path, *, untouched_since: float) -> set[str]:
    """The hashes of the documents that something in the store belongs to, all older than that (Unix)."""
    hashes, touched = set(), set()
    for path in store.iterdir():
        with contextlib.suppress(OSError):
            if sha256 := claimed_as(path.name):
                hashes.add(sha256)
                if changed_at(path) > untouched_since:
                    touched.add(sha256)
    return hashes - touched


def sweep(folder: Path, *, untouched_seconds: float = 0.0) -> None:
    """Remove files of ours in a folder that were being written.

    Args:
        untouched_seconds: leave those alone that changed since then; 0 only when nobody else works in it.
    """
    for path in folder.glob(f".*{SCRATCH}"):
        with contextlib.suppress(OSError):
            if is_scratch(path.name) and time.time() - changed_at(path) >= untouched_seconds:
                path.unlink()


def _discard(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
