"""One exchange with the service over HTTP: the SDK's transport, our retries, our circuit, our errors."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from autod.codes import Code
from autod.domain.privacy import Egress, Share
from autod.errors import AutodError, ConfigurationError, PrivacyError
from autod.extract.openai.addresses import checked_url
from autod.extract.openai.circuit import Circuit, CircuitState
from autod.extract.openai.egress import ANSWERED, kept_at, sending_of
from autod.extract.openai.failures import (
    AccountRefused,
    NotFound,
    OpenAIError,
    OutcomeUnknown,
    RateLimited,
    from_status,
)
from autod.extract.openai.pacing import Pace, wait_asked_for
from autod.extract.openai.replies import Reply, cut_off, maybe_done, reply_of, request_id_of, said_of
from autod.extract.openai.retrying import RetryPolicy, with_retries
from autod.masking import shown_url

if TYPE_CHECKING:
    import httpx2
    import openai

DEFAULT_BASE_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0
STANDARD_RETRIES = RetryPolicy()
_KEY_REFUSED = 401
"""Said before anything is done or charged, so that another try is safe."""

logger = logging.getLogger("autod.openai")

Upload = tuple[str, bytes | BinaryIO, str]
"""A file to send: name, content, media type."""


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
        egress: asked before any content leaves and told afterwards; without one, no content leaves at all.
        sleep, clock, wall: replaced in tests.

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
        egress: Egress | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        if not api_key.strip():
            raise ConfigurationError(
                "no OpenAI API key is set",
                code=Code.OPENAI_KEY_MISSING,
                next_step="Set OPENAI_API_KEY in .env, or leave the engine on local.",
            )
        self.base_url = checked_url(base_url)
        self.egress = egress
        self._api_key = api_key.strip()
        self._renew_key = renew_key
        self._timeout_seconds = timeout_seconds
        self._retry = retry
        self._circuit = Circuit(circuit_threshold, circuit_seconds, clock)
        self._pace = Pace(clock)
        self._sleep = sleep
        self._wall = wall
        self._doubtful = False
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
        body: Mapping[str, object] | None = None,
        params: Mapping[str, object] | None = None,
        upload: Upload | None = None,
        repeatable: bool | None = None,
        retries: bool = True,
        shares: Sequence[Share] = (),
        wants: str = "",
        looks_first: bool = False,
    ) -> Reply:
        """Make one request, with retries where they are safe.

        Args:
            method: ``GET`` or ``POST``; ``delete`` is for the third.
            path: below the base URL, made with ``path_of``.
            body: JSON, or form fields beside ``upload``.
            repeatable: doing it twice does no harm; by default true for all but ``POST``.
            retries: False leaves even passing trouble to the caller.
            shares: whose content the request carries; none only for one that carries no content.
            wants: a key that the service's own answer has (``id``, or a list or number); without it something
                else answered.
            looks_first: the caller looks for an answer before it tries again: a failure goes up at once.

        Raises:
            OpenAIError: see the tree in ``errors``.
            PrivacyError: it carries what must not leave, or does not say whose content it is.
        """
        again = method != "POST" if repeatable is None else repeatable

        def work() -> Reply:
            response = self._exchange(method, path, body, params, upload, again)
            try:
                return reply_of(response, wants, repeatable=again)
            except OpenAIError:
                self._doubtful = True
                raise

        policy = replace(self._retry, failing=not looks_first) if retries else RetryPolicy(attempts=1)

        def sent() -> Reply:
            return with_retries(lambda: self._guarded(work, paced=_asks_a_model(body)), policy)

        if method == "POST" and not again and not looks_first and _asks_a_model(body):
            self._make_sure()
        if method == "POST":
            return self._through_the_egress(sent, path, body or {}, upload, tuple(shares))
        return sent()

    def _make_sure(self) -> None:
        """Where something else answered last, a free question that only the service can answer goes first.

        Raises:
            OpenAIError: it does not answer, and nothing was spent.
        """
        if self._doubtful:
            self.send("GET", "/models", wants="data")
            self._doubtful = False

    def delete(self, path: str) -> None:
        """Have the service delete what is there; what is gone already is no error.

        Raises:
            OpenAIError: any other trouble.
        """
        with contextlib.suppress(NotFound):
            self.send("DELETE", path)
        if self.egress is not None:
            self.egress.deleted(self.host, path)

    def _through_the_egress(
        self,
        sent: Callable[[], Reply],
        path: str,
        body: Mapping[str, object],
        upload: Upload | None,
        shares: tuple[Share, ...],
    ) -> Reply:
        """Content leaves only when the way out was asked; it is told the outcome, also of a failure."""
        sending = sending_of(self.host, path, body, upload, shares)
        if sending is None:
            return sent()
        if self.egress is None:
            raise PrivacyError(
                "no record of what leaves is kept here, so nothing may", code=Code.PRIVACY_NO_DOOR
            )
        notes = self.egress.before(sending)
        try:
            reply = sent()
        except AutodError as error:
            lost = error if isinstance(error, OutcomeUnknown) else None
            # Half an answer that names the whole one is as good as an answer: it can be deleted.
            outcome = ANSWERED if lost and lost.response_id else error.code
            place = kept_at(path, body, lost.response_id) if lost else None
            self.egress.after(notes, outcome, place, arrived=lost is not None)
            raise
        self.egress.after(notes, ANSWERED, kept_at(path, body, reply.data.get("id")))
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
            return Reply({}, request_id_of(response))

        with_retries(lambda: self._guarded(work, paced=False), self._retry)

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
        body: Mapping[str, object] | None,
        params: Mapping[str, object] | None,
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
            refused = self._refusal(path, error.response, repeatable)
            if _asks_a_model(body):
                self._pace.learn(error.response.headers)
                self._hold_for(refused)
            raise refused from None
        except openai.APIConnectionError as error:
            raise cut_off(error, repeatable) from None
        if _asks_a_model(body):
            self._pace.learn(response.headers)
        return response

    def _hold_for(self, refused: OpenAIError) -> None:
        """Have all questions wait when the service asks for a patience that we have."""
        wait = refused.wait_seconds
        if type(refused) is RateLimited and wait is not None and wait <= self._retry.longest_wait:
            self._pace.hold(wait)

    def _refusal(self, path: str, response: httpx2.Response, repeatable: bool) -> OpenAIError:
        if response.status_code < 400:
            return AccountRefused(
                "the service answered with a redirect, which is not followed",
                code=Code.OPENAI_BASE_URL_WRONG,
                next_step="Set OPENAI_BASE_URL to the address itself.",
            )
        said = said_of(response)
        if not repeatable and maybe_done(response.status_code, said):
            return OutcomeUnknown(
                f"the service gave up on a request it may have carried out (HTTP {response.status_code})",
                request_id=request_id_of(response),
            )
        return from_status(
            response.status_code,
            said,
            request_id=request_id_of(response),
            wait_seconds=wait_asked_for(response.headers, self._wall),
            to_a_list=path.count("/") == 1 and said.param is None,
        )

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


def _asks_a_model(body: Mapping[str, object] | None) -> bool:
    """Whether the service counts the request against its limits, which are those of a model."""
    return body is not None and "model" in body
