"""Every error the product raises on purpose, in one tree.

    AutodError
    ├── ConfigurationError         a setting is wrong; nothing was touched
    ├── UsageError                 a command was called with arguments that cannot work
    ├── DatabaseError              the database is unreachable, outdated or in use
    ├── DocumentError              this file cannot be processed; others can
    │   ├── UnreadableDocument     damaged, empty, not a PDF
    │   ├── ProtectedDocument      needs a passphrase
    │   ├── LimitExceeded          over a limit of time, memory, pages or pixels
    │   └── FileTrouble            the file system refused: permission, vanished, full
    ├── PrivacyError               it must not leave this machine
    ├── ServiceError               a remote service failed or refused
    │   └── NothingThere           it does not have, or no longer has, what it was asked for
    └── BackupError                an archive cannot be made, used or restored here

An instance carries a stable ``code`` (people group and grep by it), a ``retry`` class, an ``exit_code``
for the command line, and ``next_step``: what the reader should do now.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from autod.codes import Code

READ_HERE = "To have it read on this machine, stop the daemon: `PAPER_AUTOPILOT_ENGINE=local autod retry ID`"
"""The next step of a document that the service cannot serve: a daemon at work would ask it again."""


class Retry(StrEnum):
    """What may follow a failure."""

    LATER = "later"
    NEVER = "never"
    PERSON = "person"


class AutodError(Exception):
    """Base of every deliberate error.

    Args:
        message: what happened, one sentence, safe to log (no secrets, no document text).
        code: stable identifier; defaults to the class's own.
        next_step: what to do about it; defaults to the class's own.
        until: passing trouble ends then and is nobody's fault; waiting for its end is no attempt.
        outside: passing trouble that no document causes, such as a service that is down or a full disk.
            Nobody knows when it ends, and waiting for its end is no attempt either.
    """

    code: str = Code.INTERNAL_ERROR
    exit_code = 1
    retry = Retry.PERSON
    outside = False
    next_step = "Look at the log for the traceback and report it."

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        next_step: str | None = None,
        retry: Retry | None = None,
        until: datetime | None = None,
        outside: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.until = until
        if code is not None:
            self.code = code
        if next_step is not None:
            self.next_step = next_step
        if retry is not None:
            self.retry = retry
        if outside is not None:
            self.outside = outside

    def __reduce__(self) -> tuple[object, ...]:
        said = (self.message, self.code, self.next_step, self.retry, self.until, self.outside)
        return (_rebuild, (type(self), *said))


class ReasonJson(TypedDict):
    """Why a document failed or waits, as it is written down beside it."""

    code: str
    message: str
    next_step: str


def reason_of(error: AutodError) -> ReasonJson:
    return {"code": error.code, "message": error.message, "next_step": error.next_step}


def _rebuild(
    kind: type[AutodError],
    message: str,
    code: str,
    next_step: str,
    retry: Retry,
    until: datetime | None,
    outside: bool,
) -> AutodError:
    return kind(message, code=code, next_step=next_step, retry=retry, until=until, outside=outside)


class ConfigurationError(AutodError):
    code = Code.CONFIGURATION_INVALID
    exit_code = 2
    next_step = "Correct the setting in .env or the environment; docs/configuration.md lists them."


class UsageError(AutodError):
    code = Code.USAGE
    exit_code = 2
    next_step = "See the command's --help."


class DatabaseError(AutodError):
    code = Code.DATABASE_UNAVAILABLE
    exit_code = 3
    retry = Retry.LATER
    outside = True
    next_step = "Check PAPER_AUTOPILOT_DB_URL and that the server is up, then run `autod health`."


class DocumentError(AutodError):
    code = Code.DOCUMENT_FAILED
    exit_code = 4
    retry = Retry.NEVER
    next_step = "Open the file by hand; the original is in failed/."


class UnreadableDocument(DocumentError):
    code = Code.PDF_DAMAGED
    next_step = "Scan or export the document again; the original is kept in failed/."


class ProtectedDocument(DocumentError):
    code = Code.PDF_ENCRYPTED
    retry = Retry.PERSON
    next_step = "Save a copy that opens without a passphrase and drop it into the inbox."


class LimitExceeded(DocumentError):
    code = Code.LIMIT_EXCEEDED
    retry = Retry.PERSON
    next_step = "Raise the limit named in the message if you trust this file, then `autod retry ID`."


class FileTrouble(DocumentError):
    code = Code.FILE_UNAVAILABLE
    retry = Retry.LATER
    next_step = "Check the permissions and free space of the folder; the file is tried again."


class PrivacyError(AutodError):
    code = Code.PRIVACY_LOCAL
    exit_code = 4
    next_step = "Nothing to do: it is read on this machine. PAPER_AUTOPILOT_PRIVACY says what may leave."


class ServiceError(AutodError):
    code = Code.SERVICE_FAILED
    exit_code = 5
    retry = Retry.LATER
    outside = True
    next_step = "Check the service's status page and your key; the document waits and is tried again."


class NothingThere(ServiceError):
    retry = Retry.PERSON
    next_step = "Nothing to do: it is looked for, made or sent anew."


class BackupError(AutodError):
    code = Code.BACKUP_FAILED
    exit_code = 6
    next_step = "Free space or correct PAPER_AUTOPILOT_BACKUP_DIR, then run `autod backup` again."
