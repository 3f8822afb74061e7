"""What can go wrong with the service, and whose trouble it is.

    ServiceError (autod.errors)
    ├── ServiceUnreachable    nobody answered, and nothing was bought
    ├── ServiceFailing        it answered with its own failure (5xx)
    ├── RateLimited           too many requests or tokens; ``wait_seconds`` when it said how long
    ├── FlexUnavailable       no flex capacity now; not charged
    ├── ResponseBusy          another answer is being written to the same conversation
    ├── CircuitOpen           we do not even try for a while
    ├── OutcomeUnknown        sent, but no answer: it may have been done and billed
    ├── AccountRefused        key, project, quota or model: the same for every document
    ├── RequestRefused        this request was refused (another 4xx)
    └── AnswerUnusable        an answer came and was paid for, but holds nothing to use

``blame`` says whose trouble it is: only the service's own failures open the circuit.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from autod.errors import Retry, ServiceError


class Blame(StrEnum):
    """Who has to change for the same request to succeed."""

    SERVICE = "service"
    PACE = "pace"
    ACCOUNT = "account"
    REQUEST = "request"


class OpenAIError(ServiceError):
    """Base of this module's errors.

    ``wait_seconds`` is how long the service asked us to wait, None when it did not say.
    ``request_id`` and ``param`` come from the service and are safe to log.
    """

    blame = Blame.SERVICE

    def __init__(
        self,
        message: str,
        *,
        wait_seconds: float | None = None,
        request_id: str | None = None,
        param: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(message, **options)
        self.wait_seconds = wait_seconds
        self.request_id = request_id
        self.param = param


class ServiceUnreachable(OpenAIError):
    code = "openai_unreachable"
    next_step = "Check the network, the proxy and OPENAI_BASE_URL; the document waits and is tried again."


class ServiceFailing(OpenAIError):
    code = "openai_failing"
    next_step = "See https://status.openai.com; the document waits and is tried again."


class RateLimited(OpenAIError):
    code = "openai_rate_limited"
    blame = Blame.PACE
    next_step = "Nothing to do: the document waits. Fewer workers or a higher usage tier avoid it."


class FlexUnavailable(RateLimited):
    code = "openai_flex_unavailable"


class ResponseBusy(OpenAIError):
    code = "openai_busy"
    blame = Blame.PACE
    next_step = "Nothing to do: an earlier request for this document is still running."


class CircuitOpen(OpenAIError):
    code = "openai_circuit_open"
    next_step = "The service failed several times in a row; it is tried again by itself."


class OutcomeUnknown(OpenAIError):
    code = "openai_outcome_unknown"
    outside = False  # it may have been paid for, and is not to be paid for without end
    next_step = "The call may have been billed: `autod costs` lists it. The document is tried again."


class AccountRefused(OpenAIError):
    code = "openai_account_refused"
    blame = Blame.ACCOUNT
    next_step = "Check OPENAI_API_KEY, the project's budget and the model, then run `autod health`."


class RequestRefused(OpenAIError):
    code = "openai_request_refused"
    blame = Blame.REQUEST
    retry = Retry.PERSON
    next_step = "Process this document with the embedded engine, or report the code with the log line."


class AnswerUnusable(OpenAIError):
    code = "openai_answer_unusable"
    blame = Blame.REQUEST
    retry = Retry.PERSON
    next_step = "Process this document with the embedded engine; the call was paid for and is in the ledger."


ACCOUNT_CODES = (
    "openai_account_refused",
    "openai_base_url_wrong",
    "openai_key_refused",
    "openai_model_unavailable",
    "openai_quota_exhausted",
)
"""The codes of ``AccountRefused``: nothing is read before a person has acted."""

_NOT_CHARGED_FLEX = "resource_unavailable"
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_MODEL = ("model_not_found", "model_not_available", "unsupported_model")
NOT_FOUND = "openai_not_found"
"""The code when what was asked for does not exist (any more)."""

_TOO_LARGE = ("context_length_exceeded", "string_above_max_length", "request_too_large")


def from_status(
    status: int,
    *,
    code: str | None,
    kind: str | None,
    param: str | None,
    request_id: str | None,
    wait_seconds: float | None,
) -> OpenAIError:
    """The error for an HTTP status of 400 and more; ``code``, ``kind`` and ``param`` are the body's.

    The service's own message is left out: it may quote the request.
    """
    shown = f"HTTP {status}" + (f", {code or kind}" if code or kind else "")
    common: dict[str, Any] = {"wait_seconds": wait_seconds, "request_id": request_id, "param": param}
    if status == 429:
        return _too_many(shown, code or "", kind or "", common)
    if status in (401, 403):
        return AccountRefused(f"the service refused the key ({shown})", code="openai_key_refused", **common)
    if code in _MODEL or (status == 404 and param == "model"):
        return AccountRefused(
            f"the service does not offer this model ({shown})",
            code="openai_model_unavailable",
            next_step="Set PAPER_AUTOPILOT_OPENAI_MODEL to one that `autod doctor` lists.",
            **common,
        )
    if code == "conversation_locked" or status == 409:
        return ResponseBusy(f"the service is still at work on this ({shown})", **common)
    if status >= 500 or status == 408:
        return ServiceFailing(f"the service failed ({shown})", **common)
    if code in _TOO_LARGE or status == 413:
        return RequestRefused(
            f"the document is too large for the model ({shown})", code="openai_document_too_large", **common
        )
    if status == 404:
        common["code"] = NOT_FOUND
    return RequestRefused(f"the service refused the request ({shown})", **common)


def _too_many(shown: str, code: str, kind: str, common: dict[str, Any]) -> OpenAIError:
    if code in _QUOTA or kind in _QUOTA:
        return AccountRefused(
            f"the account has no budget left ({shown})",
            code="openai_quota_exhausted",
            next_step="Raise the budget at https://platform.openai.com/settings; the document waits.",
            **common,
        )
    if _NOT_CHARGED_FLEX in (code.lower(), kind.lower()):
        return FlexUnavailable(f"no flex capacity ({shown})", **common)
    return RateLimited(f"the service asks for a slower pace ({shown})", **common)
