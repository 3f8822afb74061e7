"""What came over the wire, told apart: the service's own word, half of it, or that of somebody in between."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from autod.codes import Code
from autod.domain.storable import storable, storable_json
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.failures import (
    ForeignAnswer,
    OpenAIError,
    OutcomeUnknown,
    Said,
    ServiceUnreachable,
)

if TYPE_CHECKING:
    import httpx2
    import openai


LONGEST_IDENTIFIER = 100
LONGEST_MESSAGE = 2_000
"""Characters of a refusal's own words that are looked at; none of them is ever shown."""

_CODE = re.compile(r"[a-z][a-z0-9_.\[\]]{0,79}")
_BEGINNING = 4_096
_RESPONSE_ID = re.compile(rb'"id"\s{0,9}:\s{0,9}"(resp_[A-Za-z0-9_-]{1,90})"')
_ADDRESS = ("invalid_url", "unknown_url")
_NOT_BEGUN = (503, 529)
"""The service's own word that it has no room; from anybody else it may come after the work."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its JSON object, the request's id for the ledger and for support, and its time."""

    data: ApiJson
    request_id: str | None
    date: datetime | None = None


def reply_of(response: httpx2.Response, wants: str, *, repeatable: bool) -> Reply:
    """The answer of a request that succeeded, its text fit to be stored.

    Args:
        wants: a key that the service's own answer has.
        repeatable: doing it twice does no harm. Otherwise whatever else arrives may hide work that was done.

    Raises:
        ForeignAnswer, OutcomeUnknown: it is not what the service answers.
    """
    request_id = request_id_of(response)
    data = _object_in(response.content)
    if data is None or (wants and not _has(data, wants)):
        kind = _media_type(response) or "no type"
        what = f"HTTP {response.status_code}, {kind}, {len(response.content)} bytes"
        if repeatable:
            raise ForeignAnswer(f"what came is no answer of the service ({what})", request_id=request_id)
        raise OutcomeUnknown(
            f"what came is no answer of the service, which may have done the work ({what})",
            request_id=request_id,
            response_id=_response_id(response.content),
        )
    return Reply(data, request_id, _moment(response.headers.get("date")))


def request_id_of(response: httpx2.Response) -> str | None:
    """The service's number of the request."""
    told = response.headers.get("x-request-id")
    return storable(told, LONGEST_IDENTIFIER) or None if told else None


def said_of(response: httpx2.Response) -> Said:
    """What a refusal says."""
    return said_in(None if "html" in _media_type(response) else _object_in(response.content))


def said_in(body: object) -> Said:
    """What the body of a refusal says, in one of the forms that services of this API use."""
    said = body if isinstance(body, dict) else {}
    inner = said.get("error")
    if isinstance(inner, dict):
        said = inner
    words = said.get("message") or said.get("detail") or (inner if isinstance(inner, str) else "")
    told = words[:LONGEST_MESSAGE].lower() if isinstance(words, str) else ""
    code, kind = _word(said.get("code")), _word(said.get("type"))
    return Said(
        code,
        kind,
        _word(said.get("param")),
        foreign=not (code or kind or words),
        wrong_address=code in _ADDRESS or "invalid url" in told or "unknown request url" in told,
        unverified="must be verified" in told,
        about_model="model" in told or "deployment" in told,
    )


def maybe_done(status: int, said: Said) -> bool:
    """Whether the work may have been done, and billed, behind a failure with this status."""
    return status == 408 or (status >= 500 and (said.foreign or status not in _NOT_BEGUN) and status != 511)


def cut_off(error: openai.APIConnectionError, repeatable: bool) -> OpenAIError:
    """A request that never left can be sent again; one that did leave may have been carried out."""
    import httpx2

    never_left = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    kind = type(error.__cause__).__name__
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error)):
        return ServiceUnreachable(
            "the certificate of what answers at the service's address is not trusted",
            code=Code.OPENAI_CERTIFICATE_REFUSED,
            next_step="Check OPENAI_BASE_URL and the machine's clock. If a proxy of yours opens the traffic, "
            "name its certificate in SSL_CERT_FILE. The documents wait.",
        )
    if repeatable or isinstance(error.__cause__, never_left):
        return ServiceUnreachable(f"the service cannot be reached ({kind})")
    return OutcomeUnknown(f"the connection was lost before the answer came ({kind})")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _object_in(content: bytes) -> ApiJson | None:
    try:
        data = json.loads(content)
        return storable_json(data) if isinstance(data, dict) else None
    except (ValueError, RecursionError):
        return None


def _has(data: ApiJson, key: str) -> bool:
    value = data.get(key)
    if key == "id":
        return isinstance(value, str) and 0 < len(value) <= LONGEST_IDENTIFIER
    return isinstance(value, list if key == "data" else int)


def _response_id(content: bytes) -> str | None:
    """The id at the beginning of an answer that broke off: by it the whole can be fetched."""
    found = _RESPONSE_ID.search(content[:_BEGINNING])
    return found.group(1).decode() if found else None


def _media_type(response: httpx2.Response) -> str:
    told = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return told if re.fullmatch(r"[a-z0-9.+/-]{1,60}", told) else ""


def _moment(header: str | None) -> datetime | None:
    """The time that a ``Date`` header tells, None when it tells none."""
    try:
        moment = parsedate_to_datetime(header) if header else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _word(value: object) -> str | None:
    """A code as the service names it; anything else might be a quotation, even of the key, and is dropped."""
    if not isinstance(value, str):
        return None
    word = value.replace(" ", "_").lower()
    return word if _CODE.fullmatch(word) else None
