"""What nobody raised on purpose: the log gets the traceback, a person a code and the place of the record.

Imports the standard library alone, and parses under older Pythons: it tells, too, what cannot be imported.
"""

from __future__ import annotations

import os
import shlex
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex

OLDEST_PYTHON = (3, 11)
INTERRUPTED = 130
OURS = ("autod", "src", "scripts", "demo", "bench")
TAIL_BYTES = 1_000_000


def guarded(work: Callable[[], object]) -> int:
    """Do ``work``, which returns an exit code or nothing; whatever it raises ends as one."""
    if sys.version_info < OLDEST_PYTHON:  # python3 may be an old one where it is typed
        shown = ".".join(map(str, sys.version_info[:2]))
        _say("python_too_old", f"this is Python {shown}; needed is 3.11 to 3.14", "See docs/INSTALL.md.")
        return 2
    threading.excepthook = lambda died: _of_a_thread(died.exc_value)
    sys.unraisablehook = lambda ignored: _write_down(ignored.exc_value, token_hex(4)) and None
    try:
        code = work()
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into words
        return report(error)
    return code if isinstance(code, int) else 0


def report(error: BaseException) -> int:
    """Print what happened, where its record lies and what to do; returns the exit code."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] not in OURS:
        _say(
            "packages_missing",
            f"the package {error.name} is not installed for {sys.executable}",
            "Run `source .venv/bin/activate` first, or `pip install -r requirements.txt`.",
        )
        return 2
    mark = token_hex(4)
    place = _write_down(error, mark)
    what = f"something unforeseen happened ({type(error).__name__}, record {mark})"
    if place is None:
        step = f"Its record could not be written anywhere. It began at {_where(error)}; report that."
    else:
        step = f"Report it with its record: grep {mark} {shlex.quote(str(place))}"
    _say("internal_error", what, step)
    return 1


def _of_a_thread(error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        report(error)


def _say(code: str, what: str, step: str) -> None:
    for line in (f"error [{code}]: {what}", f"  → {step}"):
        shown = "".join(character if character.isprintable() else " " for character in line)
        print(shown.encode(sys.stderr.encoding or "ascii", "replace").decode(sys.stderr.encoding or "ascii"),
              file=sys.stderr)  # fmt: skip


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "an unknown place"


def _write_down(error: BaseException | None, mark: str) -> Path | None:
    """Where the traceback is kept: the log or, where that cannot be written, a file of its own."""
    if error is None:
        return None
    for way in (_into_the_log, _into_a_file):
        try:
            place = way(error, mark)
            with place.open("rb") as written:
                written.seek(max(0, place.stat().st_size - TAIL_BYTES))
                if mark.encode() in written.read():
                    return place
        except Exception:  # noqa: BLE001, S112 - what broke may be what would write it down
            continue
    return None


def _into_the_log(error: BaseException, mark: str) -> Path:
    import structlog

    from autod import logs
    from autod.config import get_config

    settings = get_config()
    if not logs.configured():
        os.umask(int(settings.umask, 8))
        # Another process may write there: only that one moves the file away when it is full.
        logs.configure_logging(settings.log_file, settings.log_level, 0, 0)
    structlog.get_logger("autod").error(
        "Something unforeseen happened",
        error="internal_error",
        record=mark,
        command=sys.argv[1:2],
        exc_info=error,
    )
    return settings.log_file.absolute()


def _into_a_file(error: BaseException, mark: str) -> Path:
    from autod.masking import masked

    descriptor, name = tempfile.mkstemp(prefix="autod-internal-error-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as kept:
        kept.write(f"{mark}\n{masked(''.join(traceback.format_exception(error)))}")
    return Path(name)
