"""The same trouble told again and again becomes one record a minute with its count, whoever tells it.

The first record of its kind is written at once. What follows within the minute is counted, and told when the
minute is over or the program ends. An outage of a weekend then takes a few megabytes of the log and leaves in
place what was there before.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autod.codes import Code

WINDOW_SECONDS = 60.0
TRACE_SECONDS = 600.0
"""The traceback of a known trouble is written again when there was none of it for so long."""
MOST_NAMED = 10
"""Files that a count names."""
MOST_KINDS = 1_000
MOST_SUBJECTS = 20
"""Things that one message is told of apart; of further ones it is told as of one."""
LONGEST_KIND = 200
LOOK_SECONDS = 1.0

_VARYING = re.compile(r"'[^']*'|\"[^\"]*\"|[0-9a-fA-F]{8,}|\d+")
_PART = re.compile(r"'[^']*'|\"[^\"]*\"|[\w.:/\-]+")
_IS_HEX = re.compile(r"[0-9a-fA-F]{8,}")
_OF_ONE = ("document_id", "sha256", "file", "exc_info", "timestamp")
"""Keys of a record that are of one document or moment alone."""
_NO_SUBJECT = {*_OF_ONE, "event", "level", "error", "reason", "detail"} | {
    "next_step", "batch", "call_id", "executor_id", "retry_at",
}  # fmt: skip
"""Keys that do not say what a record is about; a detail does but for what varies in it."""

KnownCode = Callable[[BaseException], str | None]
"""The code of a trouble that is known by its exception; None for surprises."""


@dataclass(slots=True)
class _Told:
    """What a record says, whether ours (an event) or a library's (a text)."""

    message: str
    code: str | None
    is_ours: bool
    trouble: BaseException | None


@dataclass(slots=True)
class _Window:
    """Repetitions of one record since ``begun``, monotonic seconds."""

    begun: float
    first: logging.LogRecord
    said: _Told
    count: int = 0
    files: dict[str, None] = field(default_factory=dict)


class Condensing(logging.Handler):
    """Hands records on to ``target``, repeated ones as a count.

    Args:
        each: messages of which every record is handed on: what is told of one document, once.
        code_of: see ``KnownCode``. What libraries say of one known trouble is one thing repeated.
        monotonic: seconds.
    """

    def __init__(
        self,
        target: logging.Handler,
        *,
        each: frozenset[str],
        code_of: KnownCode,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._target = target
        self._each = each
        self._code_of = code_of
        self._monotonic = monotonic
        self._state = threading.RLock()
        self._windows: dict[tuple[Hashable, Hashable], _Window] = {}
        self._traced: dict[str, float] = {}
        self._ended = threading.Event()
        self._looking = False

    def emit(self, record: logging.LogRecord) -> None:
        if self._windows:
            self.tell_ended()
        if record.levelno < logging.WARNING:
            self._target.handle(record)
            return
        said = _said(record)
        known = self._known(said)
        with self._state:
            now = self._monotonic()
            if known is not None:
                self._put_code(record, said, known, now)
            if said.message in self._each:
                self._target.handle(record)
                return
            kind = self._kept_apart(_kind(record, said, known), _subject(record))
            window = self._windows.get(kind)
            if window is None:
                if len(self._windows) >= MOST_KINDS:
                    self._tell(next(iter(self._windows)))
                self._windows[kind] = _Window(now, record, said)
                self._target.handle(record)
                self._look_after()
                return
            window.count += 1
            if isinstance(record.msg, dict) and "file" in record.msg and len(window.files) < MOST_NAMED:
                window.files[str(record.msg["file"])] = None

    def tell_ended(self) -> None:
        """Tell the counts of the minutes that are over."""
        with self._state:
            self._tell_ended(self._monotonic())

    def flush(self) -> None:
        self._target.flush()

    def close(self) -> None:
        self._ended.set()
        with self._state:
            for kind in list(self._windows):
                self._tell(kind)
        self._target.close()
        super().close()

    def _kept_apart(self, kind: Hashable, subject: Hashable) -> tuple[Hashable, Hashable]:
        """``kind`` and what it is about, as long as that is not ever something new."""
        if (kind, subject) in self._windows or subject is None:
            return (kind, subject)
        apart = sum(known == kind and about is not None for known, about in self._windows)
        return (kind, subject if apart < MOST_SUBJECTS else None)

    def _known(self, said: _Told) -> str | None:
        """The code of the trouble that is being handled where the record is made."""
        trouble = said.trouble or sys.exc_info()[1]
        for _ in range(4):
            if trouble is None:
                return None
            code = self._code_of(trouble)
            if code is not None:
                return code
            trouble = trouble.__cause__ or trouble.__context__
        return None

    def _put_code(self, record: logging.LogRecord, said: _Told, known: str, now: float) -> None:
        """Give a known trouble its code, and its traceback the first time only."""
        said.code = said.code if said.code not in (None, Code.INTERNAL_ERROR) else known
        event = record.msg if isinstance(record.msg, dict) else None
        if event is None:
            record.error = said.code
        elif "error" in event or record.levelno >= logging.ERROR:
            record.msg = event = {**event, "error": said.code}
        if said.trouble is None:
            return
        family = known.partition("_")[0]
        again = now - self._traced.get(family, -TRACE_SECONDS) < TRACE_SECONDS
        self._traced[family] = now
        if again and event is not None:
            record.msg = {key: value for key, value in event.items() if key != "exc_info"}
        elif again:
            record.exc_info = record.exc_text = None

    def _tell_ended(self, now: float) -> None:
        for kind, window in list(self._windows.items()):
            if now - window.begun < WINDOW_SECONDS:
                continue
            if not window.count:
                del self._windows[kind]
                continue
            self._hand_on_count(window)
            window.begun, window.count = now, 0
            window.files.clear()

    def _tell(self, kind: tuple[Hashable, Hashable]) -> None:
        window = self._windows.pop(kind)
        if window.count:
            self._hand_on_count(window)

    def _hand_on_count(self, window: _Window) -> None:
        first, said = window.first, window.said
        event = dict(first.msg) if isinstance(first.msg, dict) else {"event": said.message}
        event = {key: value for key, value in event.items() if key not in _OF_ONE}
        if said.code is not None:
            event.setdefault("error", said.code)
        event |= {"level": first.levelname.lower(), "timestamp": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"}
        event |= {"repeated": window.count, "within_seconds": round(self._monotonic() - window.begun)}
        if window.files:
            event["files"] = list(window.files)
        record = logging.LogRecord(first.name, first.levelno, first.pathname, first.lineno, event, (), None)
        record.__dict__ |= {"_logger": None, "_name": first.levelname.lower()}
        self._target.handle(record)

    def _look_after(self) -> None:
        """See to it that the end of a minute is told even when nobody says anything more."""
        if not self._looking and not self._ended.is_set():
            self._looking = True
            threading.Thread(target=self._look, name="log-repeats", daemon=True).start()

    def _look(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with self._state:
                self._tell_ended(self._monotonic())
                if not self._windows:
                    break
        with self._state:
            self._looking = False
            if self._windows:
                self._look_after()


def _said(record: logging.LogRecord) -> _Told:
    if isinstance(record.msg, dict):
        event: dict[str, Any] = record.msg
        code = event.get("error") or event.get("reason")
        code = str(code) if code is not None else None
        return _Told(str(event.get("event")), code, True, _exception(event.get("exc_info")))
    code = getattr(record, "error", None)
    return _Told(record.getMessage(), code, False, _exception(record.exc_info))


def _exception(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _kind(record: logging.LogRecord, said: _Told, known: str | None) -> Hashable:
    if known is not None and not said.is_ours:
        return ("libraries", known)
    plain = _VARYING.sub("#", said.message.partition("\n")[0])[:LONGEST_KIND]
    return (record.name, record.levelno, plain, said.code)


def _subject(record: logging.LogRecord) -> Hashable:
    """What a record of ours is about, None where it does not say: its own words, and its detail's."""
    if not isinstance(record.msg, dict):
        return None
    about = [
        (key, value[:LONGEST_KIND])
        for key, value in sorted(record.msg.items())
        if isinstance(value, str) and key not in _NO_SUBJECT and not key.startswith("_")
    ]
    if detail := record.msg.get("detail"):
        about.append(("detail", _PART.sub(_same, str(detail)[: 5 * LONGEST_KIND])[:LONGEST_KIND]))
    return tuple(about) or None


def _same(part: re.Match[str]) -> str:
    """A part of a detail, or a sign for it where it is quoted, an address, a time or a number."""
    text = part[0]
    varies = text[0] in "'\"" or any(c.isdigit() for c in text) or "::" in text or _IS_HEX.fullmatch(text)
    return "#" if varies else text
