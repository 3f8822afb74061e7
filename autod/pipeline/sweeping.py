"""Copies of ours that nobody needs any more, because their documents have ended in another process.

A copy goes only when the bytes have their place: we find them there, or another machine has filed them, which
flushed and checked them before it wrote its row. That machine's folders may have the same names as ours, so
what is not found here is not lost.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from autod.db import documents
from autod.db.documents import Ended
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.files import custody
from autod.files.folders import Folders

MOST_AT_ONCE = 500


def sweep(
    manager: DatabaseManager,
    folders: Folders,
    *,
    active: Iterable[str],
    ended_by_others: Callable[[list[str]], set[str]],
    untouched_seconds: float,
) -> int:
    """Remove them, what was cut off in the making, and what a failure left in failed/.

    Returns how many documents something was removed of.

    Args:
        active: hashes of documents in work here; they are left alone.
        ended_by_others: those of some documents that another process is known to have ended.
        untouched_seconds: copies that were made since then are left alone, too.
    """
    removed = release_ended(
        manager,
        folders.claimed,
        active=active,
        ended_by_others=ended_by_others,
        untouched_seconds=untouched_seconds,
    )
    for folder in (folders.claimed, folders.failed):
        custody.sweep(folder, untouched_seconds=untouched_seconds)
    kept = dict(_failed(folders.failed, untouched_seconds))

    def has_left(document: Ended) -> bool:
        succeeded = document.status is DocumentStatus.COMPLETED
        return succeeded and document.filed_path != custody.path_text(kept[document.sha256])

    for ended in _safe(manager, kept, ended_by_others, has_left):
        custody.forget_failed(kept[ended.sha256], ended.sha256)
        removed += 1
    return removed


def release_ended(
    manager: DatabaseManager,
    store: Path,
    *,
    active: Iterable[str] = (),
    ended_by_others: Callable[[list[str]], set[str]] = lambda _: set(),
    untouched_seconds: float,
) -> int:
    """Let go of what is in its place: the copies in the claimed store, and what reading left beside them.

    Of each document all goes or nothing; a power cut may have undone some removals and not others. Arguments
    and result are those of ``sweep``.
    """
    claims = custody.claims(store, untouched_since=time.time() - untouched_seconds) - set(active)
    released = list(_safe(manager, sorted(claims), ended_by_others))
    for ended in released:
        custody.release(store, ended.sha256)
    return len(released)


def _safe(
    manager: DatabaseManager,
    hashes: Iterable[str],
    ended_by_others: Callable[[list[str]], set[str]],
    wanted: Callable[[Ended], bool] = lambda _: True,
) -> Iterator[Ended]:
    """Those of the documents that have ended, are ``wanted``, and whose bytes have their place."""
    names = list(hashes)
    for start in range(0, len(names), MOST_AT_ONCE):
        some = names[start : start + MOST_AT_ONCE]
        with manager.get_session(read_only=True) as session:
            ready = [item for item in documents.ended(session, some) if item.filed_path and wanted(item)]
        others = ended_by_others([item.sha256 for item in ready]) if ready else set()
        for item in ready:
            place = custody.path_from(item.filed_path or "")
            if item.sha256 in others or custody.holds(place, item.sha256):
                yield item


def _failed(folder: Path, untouched_seconds: float) -> Iterator[tuple[str, Path]]:
    """The copies in failed/, by the hash that the reason beside them names."""
    for reason in _settled(folder, custody.REASON, untouched_seconds):
        try:
            sha256 = json.loads(reason.read_text(encoding="utf-8"))["sha256"]
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if isinstance(sha256, str):
            yield sha256, reason.with_name(reason.name.removesuffix(custody.REASON))


def _settled(folder: Path, suffix: str, untouched_seconds: float) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            names = [Path(entry.path) for entry in entries if entry.name.endswith(suffix)]
    except OSError:
        return []
    return [path for path in names if _age(path) >= untouched_seconds]


def _age(path: Path) -> float:
    """Seconds since it was last touched; less than nothing for one that is gone."""
    try:
        status = path.lstat()
    except OSError:
        return -1.0
    return time.time() - max(status.st_mtime, status.st_ctime)
