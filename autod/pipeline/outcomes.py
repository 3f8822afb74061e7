"""What a step came to, as data: a value, or a deliberate error that is raised again on every replay."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, Generic, NotRequired, ParamSpec, TypedDict, TypeVar, final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db.engine import translate
from autod.errors import AutodError, DatabaseError, Retry

Given = ParamSpec("Given")
Result = TypeVar("Result")

logger = logging.getLogger("autod.engine")


class Parked(BaseException):
    """Leaves a workflow pending when the process stops; no ``Exception``, so that nothing records it."""


class ErrorJson(TypedDict):
    """See ``AutodError``."""

    code: str
    message: str
    next_step: str
    retry: str
    until: NotRequired[str | None]
    outside: NotRequired[bool]


@final
class Success(TypedDict, Generic[Result]):
    """What came out of a step that went well."""

    value: Result


@final
class Failure(TypedDict):
    """What a step raised on purpose."""

    error: ErrorJson


def as_data(error: AutodError) -> Failure:
    return {
        "error": {
            "code": error.code,
            "message": error.message,
            "next_step": error.next_step,
            "retry": error.retry.value,
            "until": error.until.isoformat() if error.until else None,
            "outside": error.outside,
        }
    }


def unwrap(result: Success[Result] | Failure) -> Result:
    """The value; or the error is raised.

    Raises:
        AutodError: as it was when the step ran.
    """
    if "error" in result:
        error = result["error"]
        until = error.get("until")
        raise AutodError(
            error["message"],
            code=error["code"],
            next_step=error["next_step"],
            retry=Retry(error["retry"]),
            until=datetime.fromisoformat(until) if until else None,
            outside=error.get("outside", False),
        )
    return result["value"]


def failure(error: Exception) -> Failure:
    """What went wrong, as a result; an error that nobody raised on purpose is told to the log."""
    if isinstance(error, AutodError):
        return as_data(error)
    logger.exception("a step failed unexpectedly", extra={"error": Code.INTERNAL_ERROR})
    return as_data(AutodError(f"unexpected {type(error).__name__}"))


def all_or_nothing(
    session: Session,
    work: Callable[Concatenate[Session, Given], Result],
    *given: Given.args,
    **named: Given.kwargs,
) -> Success[Result] | Failure:
    """The result of ``work``, or its failure with nothing written; the database's passing trouble goes up."""
    try:
        with session.begin_nested():
            return {"value": work(session, *given, **named)}
    except SQLAlchemyError as error:
        trouble = translate(error)
        if trouble.retry is Retry.LATER:
            raise
        return as_data(trouble)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - failure tells the log
        return failure(error)
