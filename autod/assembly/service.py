"""What settings say of a paid service: its key, client, way out, model, prices and caps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypedDict

from autod.assembly.archive import utc_now
from autod.config import PREFIX, Settings
from autod.db.manager import DatabaseManager
from autod.domain.money import Caps, TokenUse
from autod.errors import ConfigurationError
from autod.masking import hide

if TYPE_CHECKING:
    from autod.domain.privacy import Egress
    from autod.extract.openai.answer_size import AnswerSize
    from autod.extract.openai.client import ResponsesAPIClient
    from autod.extract.openai.paying_once import Way
    from autod.extract.openai.prices import Prices
    from autod.pipeline.egress import WatchedEgress

NOTHING_SEEN: Mapping[str, Sequence[str]] = MappingProxyType({})


NO_KEY = "none"
"""What a server of our own is sent when no key is set: the API's clients must send one."""


class ClientOptions(TypedDict):
    """What a client of the OpenAI API is made with."""

    api_key: str
    base_url: str
    timeout_seconds: float
    renew_key: Callable[[], str] | None


def api_key_of(settings: Settings) -> str:
    """The key from the environment or its file; empty when there is none.

    Raises:
        ConfigurationError: the file cannot be read, or others may read it.
    """
    from autod.extract.openai.key_file import read_key_file

    if settings.openai_api_key is not None:
        return settings.openai_api_key.get_secret_value()
    key = read_key_file(settings.openai_api_key_file) if settings.openai_api_key_file else ""
    hide(key)
    return key


def client_options(settings: Settings) -> ClientOptions:
    """What the client of the OpenAI API is made with.

    Raises:
        ConfigurationError: the key's file is of no use, or our own server has no address.
    """
    from autod.extract.openai.client import DEFAULT_BASE_URL

    if settings.own_server and settings.openai_base_url.rstrip("/") == DEFAULT_BASE_URL:
        raise ConfigurationError(
            f"OPENAI_BASE_URL must be the address of the {settings.openai_server} server",
            next_step="Set it, for example http://127.0.0.1:11434/v1 for Ollama.",
        )
    return {
        "api_key": api_key_of(settings) or (NO_KEY if settings.own_server else ""),
        "base_url": settings.openai_base_url,
        "timeout_seconds": settings.openai_timeout_seconds,
        "renew_key": partial(api_key_of, settings) if settings.openai_api_key_file else None,
    }


def open_egress(
    settings: Settings, manager: DatabaseManager, seen: Mapping[str, Sequence[str]] = NOTHING_SEEN
) -> WatchedEgress:
    """The one way out: what the policy allows, noted in the database; ``seen`` as in ``WatchedEgress``."""
    from autod.pipeline.egress import WatchedEgress

    return WatchedEgress(manager, settings.privacy_policy, _answers_on_this_machine(settings), utc_now, seen)


def _answers_on_this_machine(settings: Settings) -> bool:
    """A server of our own on loopback, with a model that runs there.

    OpenAI behind a proxy on loopback is no such server, nor is one of Ollama's ``-cloud`` models.
    """
    from autod.extract.openai.addresses import is_loopback

    cloud = settings.openai_model.endswith(("-cloud", ":cloud"))
    return settings.own_server and is_loopback(settings.openai_base_url) and not cloud


def open_client(settings: Settings, egress: Egress | None = None) -> ResponsesAPIClient:
    """The client of the OpenAI API; makes no request, and without an egress never one that carries content.

    Raises:
        ConfigurationError: no key, or an address that is of no use.
    """
    from autod.extract.openai.client import ResponsesAPIClient

    return ResponsesAPIClient(**client_options(settings), egress=egress)


def model_news(settings: Settings, today: date) -> list[str]:
    """What a person should know of the model in use: its announced end, and what nobody knows of it."""
    from autod.extract.openai.catalogue import ending_of, find_model

    if settings.own_server:
        return []
    model = find_model(settings.openai_model)
    ending = ending_of(model, today)
    news = [ending.message] if ending is not None else []
    if not model.known:
        news.append(
            f"{model.id} is not in the catalogue: it is asked with careful defaults, and its end is not known"
        )
    needed = caps_of(settings) != Caps()  # then it is refused without a price, see ``require_reader``
    if not needed and not prices_of(settings).knows(model.id, utc_now()):
        news.append(
            f"no price is known for {model.id}: its calls are counted as $0; "
            "PAPER_AUTOPILOT_OPENAI_PRICE_FILE can name one"
        )
    return news


def require_reader(settings: Settings) -> None:
    """Refuse a model that cannot be asked as the settings want it.

    Raises:
        ConfigurationError: its effort is not one of its own, or a cap needs a price that nobody knows.
    """
    effort_of(settings)
    prices_of(settings, caps_of(settings)).cost(TokenUse(1, 1), settings.openai_model, "default", utc_now())


def prices_of(settings: Settings, caps: Caps | None = None) -> Prices:
    """The operator's own prices before the built-in ones; a server of our own is free.

    Args:
        caps: what the prices are for: without any cap a model may do without one. None always needs one.

    Raises:
        ConfigurationError: the price file is of no use.
    """
    from autod.extract.openai.prices import Prices, read_override

    own = settings.openai_price_file
    limits = asdict(caps) if caps is not None else {}
    needed_by = [f"{PREFIX}CAP_{name.upper()}_USD" for name, limit in limits.items() if limit is not None]
    return Prices(
        read_override(own) if own else None,
        free=settings.own_server,
        needed_by=needed_by if caps is not None else None,
    )


def caps_of(settings: Settings) -> Caps:
    """The caps on what is paid; a server of our own is under none."""
    if settings.own_server:
        return Caps()
    return Caps(settings.cap_document_usd, settings.cap_day_usd, settings.cap_month_usd)


def way_of_paying(settings: Settings) -> Way:
    """What protects a call from being paid twice; there is nothing to protect at a server of our own."""
    from autod.extract.openai.paying_once import Way

    return Way.DIRECT if settings.own_server else Way(settings.openai_paying_once)


def effort_of(settings: Settings) -> str:
    """How hard the model thinks; a server of our own decides for itself.

    Raises:
        ConfigurationError: the model does not know this effort.
    """
    from autod.extract.openai.catalogue import find_model

    if settings.own_server:
        return ""
    return find_model(settings.openai_model).effort_or_default(settings.openai_effort)


def answer_size_of(
    settings: Settings, past: Callable[[], Sequence[tuple[int, int, int]]], was_cut: Callable[[str], bool]
) -> AnswerSize:
    """How long answers may get; ``past`` and ``was_cut`` as in ``AnswerSize``.

    Raises:
        ConfigurationError: the model or its effort is unknown.
    """
    from autod.extract.openai.answer_size import AnswerSize, PastAnswer

    return AnswerSize(
        settings.openai_max_output_tokens,
        effort_of(settings),
        lambda: [PastAnswer(*tokens) for tokens in past()],
        was_cut,
    )


def known_sizes(settings: Settings, manager: DatabaseManager) -> AnswerSize:
    """How long answers may get, by what the ledger knows of earlier ones."""
    from autod.db import costs, ledger

    def past() -> list[tuple[int, int, int]]:
        with manager.get_session(read_only=True) as session:
            return costs.latest_answers(session, settings.openai_model)

    def was_cut(sha256: str) -> bool:
        with manager.get_session(read_only=True) as session:
            return ledger.was_cut(session, sha256)

    return answer_size_of(settings, past, was_cut)
