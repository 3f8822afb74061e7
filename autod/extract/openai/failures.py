"""What can go wrong with the service, and whose trouble it is.

    ServiceError (autod.errors)
    ├── ServiceUnreachable    nobody answered, and nothing was bought
    ├── ServiceFailing        it answered with its own failure (5xx)
    │   └── ForeignAnswer     something else answered in its place: a proxy, a sign-in page, half an answer
    ├── RateLimited           too many requests or tokens; ``wait_seconds`` when it said how long
    ├── FlexUnavailable       no flex capacity now; not charged
    ├── ResponseBusy          another answer is being written to the same conversation
    ├── CircuitOpen           we do not even try for a while
    ├── OutcomeUnknown        sent, but no answer: it may have been done and billed
    │   └── AnswerUnseen      and it could not be looked for until now
    ├── ConversationGone      what led back to an answer does not exist any more
    ├── AccountRefused        key, project, quota or model: the same for every document
    ├── RequestRefused        this request was refused (another 4xx)
    │   └── NotFound          what it named is not there (also a NothingThere)
    └── AnswerUnusable        an answer came and was paid for, but holds nothing to use

``blame`` says whose trouble it is: only the service's own failures open the circuit.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from autod.codes import Code
from autod.errors import READ_HERE, NothingThere, Retry, ServiceError


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
    code = Code.OPENAI_UNREACHABLE
    next_step = "Check the network, the proxy and OPENAI_BASE_URL; the document waits and is tried again."


class ServiceFailing(OpenAIError):
    code = Code.OPENAI_FAILING
    next_step = "See https://status.openai.com; the document waits and is tried again."


class ForeignAnswer(ServiceFailing):
    code = Code.OPENAI_ANSWER_NOT_JSON
    next_step = (
        "Something between here and the service answers in its place: check OPENAI_BASE_URL, the proxy and "
        "whether the network wants a sign-in. The document waits and is tried again."
    )


class RateLimited(OpenAIError):
    code = Code.OPENAI_RATE_LIMITED
    blame = Blame.PACE
    next_step = "Nothing to do: the document waits. Fewer workers or a higher usage tier avoid it."


class FlexUnavailable(RateLimited):
    code = Code.OPENAI_FLEX_UNAVAILABLE


class ResponseBusy(OpenAIError):
    code = Code.OPENAI_BUSY
    blame = Blame.PACE
    next_step = "Nothing to do: an earlier request for this document is still running."


class CircuitOpen(OpenAIError):
    code = Code.OPENAI_CIRCUIT_OPEN
    next_step = "The service failed several times in a row; it is tried again by itself."


class OutcomeUnknown(OpenAIError):
    """``response_id`` is there when what arrived of the answer names it: the answer can be fetched by it."""

    code = Code.OPENAI_OUTCOME_UNKNOWN
    outside = False  # it may have been paid for, and is not to be paid for without end
    next_step = "The call may have been billed: `autod costs` lists it. The document is tried again."

    def __init__(self, message: str, *, response_id: str | None = None, **options: Any) -> None:
        super().__init__(message, **options)
        self.response_id = response_id


class AnswerUnseen(OutcomeUnknown):
    code = Code.OPENAI_ANSWER_UNSEEN
    next_step = "Nothing to do: an answer that may have been paid for is looked for again."


class ConversationGone(OpenAIError):
    code = Code.OPENAI_CONVERSATION_GONE
    blame = Blame.REQUEST
    outside = False
    next_step = "Nothing to do: the document is asked about anew. `autod costs` has what may have been paid."


class AccountRefused(OpenAIError):
    code = Code.OPENAI_ACCOUNT_REFUSED
    blame = Blame.ACCOUNT
    next_step = "Check OPENAI_API_KEY, the project's budget and the model, then run `autod health`."


class RequestRefused(OpenAIError):
    code = Code.OPENAI_REQUEST_REFUSED
    blame = Blame.REQUEST
    retry = Retry.PERSON
    next_step = f"{READ_HERE}. Or report the code with the log line."


class NotFound(RequestRefused, NothingThere):
    code = Code.OPENAI_NOT_FOUND


class AnswerUnusable(OpenAIError):
    code = Code.OPENAI_ANSWER_UNUSABLE
    blame = Blame.REQUEST
    retry = Retry.PERSON
    next_step = f"{READ_HERE}. The call was paid for: `autod costs` has it."


WRONG_ADDRESS = Code.OPENAI_BASE_URL_WRONG

_NOT_CHARGED_FLEX = "resource_unavailable"
_QUOTA = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")
_MODEL = (
    "deploymentnotfound",
    "invalid_model",
    "model_not_available",
    "model_not_found",
    "unsupported_model",
)
_SETTINGS = ("invalid_json_schema", "unknown_parameter", "unsupported_parameter", "unsupported_value")
_TOO_LARGE = ("context_length_exceeded", "string_above_max_length", "request_too_large")
_NETWORK = (407, 511)
"""A proxy that wants a password, a network that wants a sign-in: the request never got to the service."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the body of a refusal says, its own words left out: they may quote the request.

    ``foreign``: it has not the form of the API. The others are told from its words: they name a wrong
    address, an organization that must be verified, the model.
    """

    code: str | None = None
    kind: str | None = None
    param: str | None = None
    foreign: bool = False
    wrong_address: bool = False
    unverified: bool = False
    about_model: bool = False


NOTHING_SAID = Said()


def from_status(
    status: int,
    said: Said = NOTHING_SAID,
    *,
    request_id: str | None = None,
    wait_seconds: float | None = None,
    to_a_list: bool = False,
) -> OpenAIError:
    """The error for an HTTP status of 400 and more.

    Args:
        to_a_list: the request named nothing that can be missing: a 404 is then about the address.
    """
    shown = f"HTTP {status}" + (f", {said.code or said.kind}" if said.code or said.kind else "")
    common: dict[str, Any] = {"wait_seconds": wait_seconds, "request_id": request_id, "param": said.param}
    if status == 429:
        return _too_many(shown, said.code or "", said.kind or "", common)
    if status in _NETWORK or (said.foreign and status == 403):
        return ForeignAnswer(f"a proxy or a network refused the request ({shown})", **common)
    refused = _account(status, said, shown, common, to_a_list)
    if refused is not None:
        return refused
    if said.code == "conversation_locked" or status == 409:
        return ResponseBusy(f"the service is still at work on this ({shown})", **common)
    if status >= 500 or status == 408:
        return ServiceFailing(f"the service failed ({shown})", **common)
    if said.code in _TOO_LARGE or status == 413:
        return RequestRefused(
            f"the document is too large for the model ({shown})",
            code=Code.OPENAI_DOCUMENT_TOO_LARGE,
            **common,
        )
    if said.foreign:
        return ForeignAnswer(f"something else answers in the service's place ({shown})", **common)
    kind = NotFound if status == 404 else RequestRefused
    return kind(f"the service refused the request ({shown})", **common)


def _account(
    status: int, said: Said, shown: str, common: dict[str, Any], to_a_list: bool
) -> AccountRefused | None:
    """What a person has to set right, the same for every document; None for anything else."""
    if said.unverified:
        return AccountRefused(
            f"the service wants the organization to be verified first ({shown})",
            code=Code.OPENAI_ORGANIZATION_UNVERIFIED,
            next_step="Verify it at https://platform.openai.com/settings/organization/general, or set "
            "PAPER_AUTOPILOT_OPENAI_MODEL to a model that needs none; the documents wait.",
            **common,
        )
    if said.code in _MODEL or (status == 404 and (said.param == "model" or said.about_model)):
        return AccountRefused(
            f"the service does not offer this model ({shown})",
            code=Code.OPENAI_MODEL_UNAVAILABLE,
            next_step="Set PAPER_AUTOPILOT_OPENAI_MODEL to a model that `autod doctor` lists (on Azure: to a "
            "deployment's name); the documents wait.",
            **common,
        )
    if status in (401, 403):
        return AccountRefused(
            f"the service refused the key ({shown})", code=Code.OPENAI_KEY_REFUSED, **common
        )
    if said.wrong_address or (status in (404, 405) and (said.foreign or to_a_list)):
        return AccountRefused(
            f"there is no such service at this address ({shown})",
            code=WRONG_ADDRESS,
            next_step="Correct OPENAI_BASE_URL: it usually ends in /v1 (Azure: /openai/v1). Then run "
            "`autod doctor`; the documents wait.",
            **common,
        )
    if status == 400 and said.code in _SETTINGS and (said.param or "").partition(".")[0] != "input":
        return AccountRefused(
            f"the service does not take a setting that all questions have ({shown}, {said.param or '-'})",
            code=Code.OPENAI_SETTINGS_REFUSED,
            next_step="Leave PAPER_AUTOPILOT_OPENAI_EFFORT empty, or choose another "
            "PAPER_AUTOPILOT_OPENAI_MODEL; the documents wait.",
            **common,
        )
    return None


def _too_many(shown: str, code: str, kind: str, common: dict[str, Any]) -> OpenAIError:
    if code in _QUOTA or kind in _QUOTA:
        return AccountRefused(
            f"the account has no budget left ({shown})",
            code=Code.OPENAI_QUOTA_EXHAUSTED,
            next_step="Raise the budget at https://platform.openai.com/settings; the document waits.",
            **common,
        )
    if _NOT_CHARGED_FLEX in (code.lower(), kind.lower()):
        return FlexUnavailable(f"no flex capacity ({shown})", **common)
    return RateLimited(f"the service asks for a slower pace ({shown})", **common)
