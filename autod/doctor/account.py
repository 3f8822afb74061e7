"""The service that reads: does it answer, which models does it offer, and how long will they be there?

``GET /models`` costs nothing and carries nothing of a document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from autod.config import Settings
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped
from autod.errors import AutodError, ConfigurationError
from autod.services import open_client

if TYPE_CHECKING:
    from autod.extract.openai.catalogue import Model

SOON = timedelta(days=90)
CLOCK_WARNING, CLOCK_FAILED = timedelta(seconds=30), timedelta(minutes=5)
_WAITS = "Documents wait, or are read by the embedded engine; nothing is lost."


@dataclass(frozen=True, slots=True)
class AccountModel:
    """A model that the service offers.

    Args:
        shutdown: announced by the service, or known to our catalogue.
        successor: what the catalogue names instead.
        known: our catalogue knows what it can do, so that it can be used here.
        configured: it is the one in the settings.
    """

    name: str
    shutdown: date | None
    successor: str | None
    known: bool
    configured: bool


def look(
    settings: Settings, clock: Callable[[], datetime], *, offline: bool
) -> tuple[list[Finding], list[AccountModel]]:
    """Findings about the service and its models, by name; ``offline`` asks nothing."""
    if not settings.uses_openai:
        return [skipped("Models", "no service is used (embedded engine)")], []
    if offline:
        return [skipped("Models", "not asked for (--offline)")], []
    try:
        with open_client(settings) as client:
            reply = client.send("GET", "/models", retries=False, wants="data")
    except ConfigurationError:
        return [skipped("Models", "not asked for: the settings are not enough")], []
    except AutodError as error:
        return [broken("Models", f"{error.message} [{error.code}]", _WAITS, error.next_step)], []
    now = clock()
    models = _models(reply.data, settings)
    found = [_configured(settings, models)]
    found += [_ending(model, now.date()) for model in models if model.shutdown is not None and model.known]
    found.append(_clock(reply.date, now))
    return found, models


def _models(data: dict[str, Any], settings: Settings) -> list[AccountModel]:
    listed = data.get("data")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    made = [_model(str(entry.get("id", ""))[:128], entry.get("shutdown_date"), settings) for entry in entries]
    return sorted(made, key=lambda model: model.name)


def _model(name: str, announced: Any, settings: Settings) -> AccountModel:
    known = None if settings.own_server else _catalogued(name)
    return AccountModel(
        name,
        shutdown=_day(announced) or (known.shutdown if known else None),
        successor=known.successor if known else None,
        known=settings.own_server or known is not None,
        configured=name == settings.openai_model,
    )


def _catalogued(name: str) -> Model | None:
    from autod.extract.openai.catalogue import find_model

    try:
        return find_model(name)
    except ConfigurationError:
        return None


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _configured(settings: Settings, models: Sequence[AccountModel]) -> Finding:
    model = settings.openai_model
    if any(offered.configured for offered in models):
        return fine("Models", f"{model} is offered, one of {len(models)}")
    others = ", ".join(offered.name for offered in models if offered.known)[:300]
    return broken(
        "Models",
        f"{model} is not offered to this account",
        "Every question would be refused.",
        f"Set PAPER_AUTOPILOT_OPENAI_MODEL to one of: {others or 'none that we know is offered'}.",
    )


def _ending(model: AccountModel, today: date) -> Finding:
    """About the end of one model: news when it is far or another's, trouble when it is ours and near."""
    assert model.shutdown is not None  # noqa: S101 - the caller chose these
    over = model.shutdown <= today
    said = f"{model.name} {'was shut down' if over else 'shuts down'} on {model.shutdown.isoformat()}"
    instead = f"; its successor is {model.successor}" if model.successor else ""
    topic = f"Model {model.name}"
    if not model.configured:
        return fine(topic, said + instead)
    step = f"Set PAPER_AUTOPILOT_OPENAI_MODEL={model.successor or 'another of the models'} before that day."
    if over:
        return broken(topic, said + instead, _WAITS, step.replace(" before that day", ""))
    why = "From that day on documents wait."
    if model.shutdown - today > SOON:
        return fine(topic, said + instead)
    return doubtful(topic, said + instead, why, step)


def _clock(there: datetime | None, here: datetime) -> Finding:
    if there is None:
        return skipped("Clock (service)", "the service does not tell the time")
    difference = abs(here - there)
    what = f"{difference.total_seconds():.0f} s apart from the service's"
    why = "Caps by day, waiting times and the record of what happened when depend on it."
    step = "Set the clock (NTP): `timedatectl set-ntp true`."
    if difference > CLOCK_FAILED:
        return broken("Clock (service)", what, why, step)
    if difference > CLOCK_WARNING:
        return doubtful("Clock (service)", what, why, step)
    return fine("Clock (service)", what)
