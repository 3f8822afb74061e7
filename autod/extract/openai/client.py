"""One exchange with the service over HTTP: the SDK's transport, our retries, our circuit, our errors."""

from __future__ import annotations

import json
import logging
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import urlsplit

from autod.domain.privacy import Door, Share
from autod.errors import AutodError, ConfigurationError, PrivacyError
from autod.extract.openai.addresses import checked_url
from autod.extract.openai.circuit import Circuit, CircuitState
from autod.extract.openai.departures import ANSWERED, departure_of, kept_at
from autod.extract.openai.errors import (
    NOT_FOUND,
    AccountRefused,
    OpenAIError,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    ServiceFailing,
    ServiceUnreachable,
    from_status,
)
from autod.extract.openai.pacing import Pace, wait_asked_for
from autod.extract.openai.retrying import RetryPolicy, with_retries
from autod.masking import shown_url

if TYPE_CHECKING:
    import httpx2
    import openai

DEFAULT_BASE_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0
STANDARD_RETRIES = RetryPolicy()
_CODE = re.compile(r"[a-z][a-z0-9_.\[\]]{0,79}")
_KEY_REFUSED = 401
"""Said before anything is done or charged, so that another try is safe."""
_MAYBE_DONE = (408, 502, 504)
"""Statuses of a gateway that gave up waiting: the work behind it may have been done."""

logger = logging.getLogger("autod.openai")

Json = dict[str, Any]
Upload = tuple[str, bytes | BinaryIO, str]
"""A file to send: name, content, media type."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer: its JSON object, the request's id for the ledger and for support, and its time."""

    data: Json
    request_id: str | None
    date: datetime | None = None


class ResponsesAPIClient:
    """Talks to the OpenAI API or a server that speaks it; thread-safe, connections are reused.

    A request that may have been carried out is not sent again: ``OutcomeUnknown`` tells the caller.

    Args:
        api_key: never printed, logged or shown.
        base_url: ends in ``/v1`` usually; for Azure ``https://NAME.openai.azure.com/openai/v1``.
        timeout_seconds: longest silence of the service while it works on one request.
        renew_key: asked for the key of now when the service refuses ours; a new one is tried at once.
        retry: how often passing trouble is tried again.
        circuit_threshold, circuit_seconds: failures in a row that open the circuit, and for how long.
        door: asked before any content leaves and told afterwards; without one, no content leaves at all.
        sleep, clock, wall, jitter: replaced in tests.

    Raises:
        ConfigurationError: no key, or an address that is not HTTP.
    """

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = DEFAULT_BASE_URL,
        timeout_seconds: float = 600.0,
        renew_key: Callable[[], str] | None = None,
        retry: RetryPolicy = STANDARD_RETRIES,
        circuit_threshold: int = 5,
        circuit_seconds: float = 60.0,
        door: Door | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        if not api_key.strip():
            raise ConfigurationError(
                "no OpenAI API key is set",
                code="openai_key_missing",
                next_step="Set OPENAI_API_KEY in .env, or leave the engine on local.",
            )
        self.base_url = checked_url(base_url)
        self.door = door
        self._api_key = api_key.strip()
        self._renew_key = renew_key
        self._timeout_seconds = timeout_seconds
        self._retry = retry
        self._circuit = Circuit(circuit_threshold, circuit_seconds, clock)
        self._pace = Pace(clock)
        self._sleep = sleep
        self._wall = wall
        self._jitter = jitter
        self._sdk: openai.OpenAI | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"ResponsesAPIClient({shown_url(self.base_url)!r})"

    def __enter__(self) -> ResponsesAPIClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections; the next request opens new ones."""
        with self._lock:
            if self._sdk is not None:
                self._sdk.close()
            self._sdk = None

    @property
    def host(self) -> str:
        """The name or address of the machine that is asked."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def circuit(self) -> CircuitState:
        """Whether requests go out at all, for health."""
        return self._circuit.state

    @property
    def is_azure(self) -> bool:
        """Azure differs in small things, such as the purpose of an uploaded file."""
        return self.host.endswith((".azure.com", ".azure.us", ".azure.cn"))

    def send(
        self,
        method: str,
        path: str,
        *,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        upload: Upload | None = None,
        repeatable: bool | None = None,
        retries: bool = True,
        shares: Sequence[Share] = (),
    ) -> Reply:
        """Make one request, with retries where they are safe.

        Args:
            method: ``GET`` or ``POST``; ``delete`` is for the third.
            path: below the base URL, made with ``path_of``.
            body: JSON, or form fields beside ``upload``.
            repeatable: doing it twice does no harm; by default true for all but ``POST``.
            retries: False leaves even passing trouble to the caller.
            shares: whose content the request carries; none only for one that carries no content.

        Raises:
            OpenAIError: see the tree in ``errors``.
            PrivacyError: it carries what must not leave, or does not say whose content it is.
        """
        again = method != "POST" if repeatable is None else repeatable

        def work() -> Reply:
            response = self._exchange(method, path, body, params, upload, again)
            headers = response.headers
            return Reply(_json_of(response), headers.get("x-request-id"), _moment(headers.get("date")))

        policy = self._retry if retries else RetryPolicy(attempts=1)

        def sent() -> Reply:
            return with_retries(
                lambda: self._guarded(work, paced=_asks_a_model(body)),
                policy,
                sleep=self._sleep,
                jitter=self._jitter,
            )

        if method == "POST":
            return self._through_the_door(sent, path, body or {}, upload, tuple(shares))
        return sent()

    def delete(self, path: str) -> None:
        """Have the service delete what is there; what is gone already is no error.

        Raises:
            OpenAIError: any other trouble.
        """
        try:
            self.send("DELETE", path)
        except RequestRefused as refusal:
            if refusal.code != NOT_FOUND:
                raise
        if self.door is not None:
            self.door.deleted(self.host, path)

    def _through_the_door(
        self,
        sent: Callable[[], Reply],
        path: str,
        body: Mapping[str, Any],
        upload: Upload | None,
        shares: tuple[Share, ...],
    ) -> Reply:
        """Content leaves only when the door was asked; it is told the outcome, also of a failure."""
        departure = departure_of(self.host, path, body, upload, shares)
        if departure is None:
            return sent()
        if self.door is None:
            raise PrivacyError(
                "no record of what leaves is kept here, so nothing may", code="privacy_no_door"
            )
        notes = self.door.before(departure)
        try:
            reply = sent()
        except AutodError as error:
            self.door.after(notes, error.code, None)
            raise
        self.door.after(notes, ANSWERED, kept_at(path, body, reply.data.get("id")))
        return reply

    def download(self, path: str, target: Path) -> None:
        """Write the bytes at ``path`` to a file, with retries.

        Raises:
            OpenAIError: see the tree in ``errors``.
        """

        def work() -> Reply:
            with target.open("wb") as file:
                response = self._exchange("GET", path, None, None, None, repeatable=True)
                file.write(response.content)
            return Reply({}, response.headers.get("x-request-id"))

        with_retries(
            lambda: self._guarded(work, paced=False), self._retry, sleep=self._sleep, jitter=self._jitter
        )

    def _guarded(self, work: Callable[[], Reply], *, paced: bool) -> Reply:
        """Run ``work`` at the service's pace, under the circuit."""
        self._circuit.enter()
        try:
            pause = self._pace.pause() if paced else 0.0
            if pause > 0:
                self._sleep(pause)
            result = work()
        except OpenAIError as error:
            self._circuit.failed(error)
            raise
        except BaseException:
            self._circuit.abandoned()
            raise
        self._circuit.succeeded()
        return result

    def _exchange(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
        upload: Upload | None,
        repeatable: bool,
    ) -> httpx2.Response:
        import httpx2
        import openai

        options: openai.RequestOptions = {"follow_redirects": False}
        if params is not None:
            options["params"] = params
        key = self._api_key
        sdk = self._opened()
        try:
            if method == "GET":
                response = sdk.get(path, cast_to=httpx2.Response, options=options)
            elif method == "DELETE":
                response = sdk.delete(path, cast_to=httpx2.Response, options=options)
            elif upload is not None:
                options["headers"] = {"Content-Type": "multipart/form-data"}
                response = sdk.post(
                    path, cast_to=httpx2.Response, body=body, files={"file": upload}, options=options
                )
            else:
                response = sdk.post(path, cast_to=httpx2.Response, body=body, options=options)
        except openai.APIStatusError as error:
            if error.status_code == _KEY_REFUSED and self._renewed(key):
                return self._exchange(method, path, body, params, upload, repeatable)
            refused = self._refusal(error.response, error.body, repeatable)
            if _asks_a_model(body):
                self._pace.learn(error.response.headers)
                self._hold_for(refused)
            raise refused from None
        except openai.APIConnectionError as error:
            raise _no_answer(error, repeatable) from None
        if _asks_a_model(body):
            self._pace.learn(response.headers)
        return response

    def _hold_for(self, refused: OpenAIError) -> None:
        """Have all questions wait when the service asks for a patience that we have."""
        wait = refused.wait_seconds
        if type(refused) is RateLimited and wait is not None and wait <= self._retry.longest_wait:
            self._pace.hold(wait)

    def _refusal(self, response: httpx2.Response, body: object, repeatable: bool) -> OpenAIError:
        wait = wait_asked_for(response.headers, self._wall)
        if response.status_code < 400:
            return AccountRefused(
                "the service answered with a redirect, which is not followed",
                code="openai_base_url_wrong",
                next_step="Set OPENAI_BASE_URL to the address itself.",
            )
        said = body if isinstance(body, dict) else {}
        said = said["error"] if isinstance(said.get("error"), dict) else said
        error = from_status(
            response.status_code,
            code=_word(said.get("code")),
            kind=_word(said.get("type")),
            param=_word(said.get("param")),
            request_id=response.headers.get("x-request-id"),
            wait_seconds=wait,
        )
        if response.status_code in _MAYBE_DONE and not repeatable:
            return OutcomeUnknown(
                f"the service gave up on a request it may have carried out (HTTP {response.status_code})",
                request_id=error.request_id,
            )
        return error

    def _renewed(self, refused: str) -> bool:
        """Whether there is another key than the refused one by now, maybe of another thread's finding."""
        if self._renew_key is None:
            return False
        try:
            key = self._renew_key().strip()
        except ConfigurationError as error:
            logger.warning("the key cannot be read anew: %s", error.message)
            return False
        with self._lock:
            if key and key != self._api_key:
                # The old connections are left to the requests that still use them.
                self._api_key, self._sdk = key, None
            return self._api_key != refused

    def _opened(self) -> openai.OpenAI:
        with self._lock:
            if self._sdk is None:
                import httpx2
                import openai

                # At DEBUG these write request bodies, which are documents.
                for name in ("openai", "httpx2", "httpcore2"):
                    logging.getLogger(name).setLevel(logging.WARNING)
                self._sdk = openai.OpenAI(
                    api_key=self._api_key,
                    base_url=self.base_url,
                    timeout=httpx2.Timeout(self._timeout_seconds, connect=CONNECT_SECONDS),
                    max_retries=0,
                )
            return self._sdk


def _asks_a_model(body: Mapping[str, Any] | None) -> bool:
    """Whether the service counts the request against its limits, which are those of a model."""
    return body is not None and "model" in body


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


def _json_of(response: httpx2.Response) -> Json:
    try:
        data = json.loads(response.content) if response.content else {}
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ServiceFailing(
            "the service's answer is not a JSON object",
            code="openai_answer_not_json",
            request_id=response.headers.get("x-request-id"),
        )
    return data


def _no_answer(error: openai.APIConnectionError, repeatable: bool) -> OpenAIError:
    """A request that never left can be sent again; one that did leave may have been carried out."""
    import httpx2

    never_left = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol)
    if repeatable or isinstance(error.__cause__, never_left):
        return ServiceUnreachable(f"the service cannot be reached ({type(error.__cause__).__name__})")
    return OutcomeUnknown(
        f"the connection was lost before the answer came ({type(error.__cause__).__name__})"
    )
