"""What lies in the inbox and is not taken: named once, with what to do, instead of lying there for ever."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from autod.codes import Code
from autod.files import custody
from autod.log_later import LogLater

log = LogLater("autod.inbox")

CODE = Code.NOT_TAKEN
SETTLED_SECONDS = 60.0
"""Whatever is younger may be on its way to another name."""
UNFINISHED_SECONDS = 3600.0
"""A download that did not grow for so long has broken off."""
MOST_NAMED = 5

_SYSTEM = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "lost+found", "$recycle.bin"})
_IN_THE_MAKING = (
    ".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".tmp", ".temp", "~",
)  # fmt: skip
_HEAD = 1024


class Why(StrEnum):
    """Why it is not taken."""

    HIDDEN = "its name begins with a dot"
    UNNAMED = "it is a PDF, but its name does not end in .pdf"
    OTHER = "it is no PDF"
    FOLDER = "it is a folder, and sub-folders are not looked into"
    LINK = "it is a link, and a link is never followed"
    SPECIAL = "it is no regular file"
    UNFINISHED = "its name says that it is being written, and nobody has for an hour"


NEXT_STEPS = {
    Why.HIDDEN: "Give it a name without the dot if it is to be taken in.",
    Why.UNNAMED: "Give it a name that ends in .pdf.",
    Why.OTHER: "Print or convert it to PDF, or take it out of the inbox.",
    Why.FOLDER: "Put the PDFs themselves into the inbox.",
    Why.LINK: "Put the file itself into the inbox.",
    Why.SPECIAL: "Put the file itself into the inbox.",
    Why.UNFINISHED: "Download or copy it again, and remove this one.",
}


@dataclass(frozen=True, slots=True)
class Untaken:
    """One entry of the inbox that nobody takes."""

    path: Path
    why: Why

    @property
    def name(self) -> str:
        """Its name, safe for any screen and text."""
        return "".join(letter if letter.isprintable() else "?" for letter in self.path.name)

    @property
    def refused(self) -> bool:
        """It is named like a paper and is no file: the inbox refuses it, and has told the log."""
        return not self.path.name.startswith(".") and self.path.name.lower().endswith(".pdf")

    @property
    def next_step(self) -> str:
        return NEXT_STEPS[self.why]


def untaken(inbox: Path, *, settled_seconds: float = SETTLED_SECONDS) -> list[Untaken]:
    """What lies in ``inbox`` for ``settled_seconds`` and is not taken, by name; none if it cannot be listed.

    Left out is what systems and other programs put beside files, and what is ours.
    """
    try:
        with os.scandir(inbox) as entries:
            found = list(_look(entries, time.time(), settled_seconds))
    except OSError:
        return []
    return sorted(found, key=lambda item: item.path)


def _look(entries: Iterator[os.DirEntry[str]], now: float, settled_seconds: float) -> Iterator[Untaken]:
    for entry in entries:
        name = entry.name.lower()
        if name in _SYSTEM or _is_of_a_program(entry.name):
            continue
        hidden, pdf = name.startswith("."), name.endswith(".pdf")
        try:
            status = entry.stat(follow_symlinks=False)
            if pdf and not hidden and stat.S_ISREG(status.st_mode):
                continue  # it is taken
            age = now - max(status.st_mtime, status.st_ctime)
            why = _why(entry, status.st_mode, hidden=hidden, pdf=pdf)
        except OSError:
            continue
        if name.endswith(_IN_THE_MAKING):
            why, settled = Why.UNFINISHED, UNFINISHED_SECONDS
        else:
            settled = settled_seconds
        if age >= settled:
            yield Untaken(Path(entry.path), why)


def _is_of_a_program(name: str) -> bool:
    """Hidden files that are no documents: ours, a desktop's, a writer's scratch files."""
    if not name.startswith("."):
        return name.startswith("~$")
    return name.startswith(("._", ".autod")) or not name.lower().endswith(".pdf")


def _why(entry: os.DirEntry[str], mode: int, *, hidden: bool, pdf: bool) -> Why:
    if stat.S_ISDIR(mode):
        return Why.FOLDER
    if hidden:
        return Why.HIDDEN
    if pdf:
        return Why.LINK if stat.S_ISLNK(mode) else Why.SPECIAL
    if stat.S_ISREG(mode):
        with custody.open_plain(Path(entry.path)) as stream:
            if b"%PDF-" in stream.read(_HEAD):
                return Why.UNNAMED
    return Why.OTHER


def in_words(found: list[Untaken]) -> str:
    """How many, and the first few by name, with the reason."""
    names = "; ".join(f"{item.name}: {item.why.value}" for item in found[:MOST_NAMED])
    more = f"; and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
    return f"{len(found)} not taken ({CODE}): {names}{more}"


def steps_for(found: list[Untaken]) -> str:
    """What to do about all of them."""
    return " ".join(dict.fromkeys(item.next_step for item in found))


class Namer:
    """Tells the log of each once, as long as it lies there; of what is named like a PDF ``Inbox`` tells.

    Args:
        every_seconds: how often the inbox is looked at for it, whoever asks.
        monotonic: seconds.
    """

    def __init__(
        self,
        inbox: Path,
        *,
        every_seconds: float = SETTLED_SECONDS / 4,
        settled_seconds: float = SETTLED_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inbox = inbox
        self._every_seconds = every_seconds
        self._settled_seconds = settled_seconds
        self._monotonic = monotonic
        self._next = monotonic()
        self._told: set[Untaken] = set()

    def tell(self) -> list[Untaken]:
        """Name what is new; returns it."""
        if self._monotonic() < self._next:
            return []
        self._next = self._monotonic() + self._every_seconds
        found = untaken(self._inbox, settled_seconds=self._settled_seconds)
        news = [item for item in found if item not in self._told]
        self._told = set(found)
        for item in news:
            if item.refused:
                continue
            from autod.logs import NOT_TAKEN

            log.warning(
                NOT_TAKEN,
                error=CODE,
                detail=item.why.value,
                file=custody.path_text(item.path),
                next_step=item.next_step,
            )
        return news
