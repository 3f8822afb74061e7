"""The service that reads: does it answer, which models does it offer, and how long will they be there?

``GET /models`` costs nothing and carries nothing of a document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from autod.assembly.service import open_client, prices_of, require_reader
from autod.config import Settings
from autod.doctor.finding import Finding, broken, doubtful, fine, skipped
from autod.errors import AutodError, ConfigurationError
from autod.extract.openai.catalogue import base_name, find_model
from autod.extract.openai.listed_models import ListedModel, listed_models

SOON = timedelta(days=90)
CLOCK_WARNING, CLOCK_FAILED = timedelta(seconds=30), timedelta(minutes=5)
_NO_START = "Neither the daemon nor `process` starts with it."
_WAITS = "Documents wait, or are read by the embedded engine; nothing is lost."


@dataclass(frozen=True, slots=True)
class AccountModel:
    """A model that the service offers.

    Args:
        shutdown: announced by the service, or known to our catalogue.
        successor: what the catalogue names instead.
        known: our catalogue knows what it can do; any other is asked with careful defaults.
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
    of_reader = _reader(settings, clock())
    if offline:
        return [*of_reader, skipped("Models", "not asked for (--offline)")], []
    try:
        with open_client(settings) as client:
            listed = listed_models(client)
    except ConfigurationError:
        return [*of_reader, skipped("Models", "not asked for: the settings are not enough")], []
    except AutodError as error:
        return [*of_reader, broken("Models", f"{error.message} [{error.code}]", _WAITS, error.next_step)], []
    now = clock()
    models = sorted((_model(one, settings) for one in listed.models), key=lambda model: model.name)
    findings = [*of_reader, _configured(settings, models)]
    findings += [_ending(model, now.date()) for model in models if model.shutdown is not None and model.known]
    findings.append(_clock(listed.at, now))
    return findings, models


def _reader(settings: Settings, now: datetime) -> list[Finding]:
    """What is known here of the model in use: what it can do, and what it costs."""
    name = settings.openai_model
    try:
        require_reader(settings)
        priced = prices_of(settings).knows(name, now)
    except ConfigurationError as error:
        return [broken("Model in use", f"{error.message} [{error.code}]", _NO_START, error.next_step)]
    findings = []
    if not settings.own_server and not find_model(name).known:
        why = "Its effort, verbosity and cache marks are left out, and nobody here knows when it ends."
        step = "Nothing, if it reads well; PAPER_AUTOPILOT_OPENAI_EFFORT is sent as you set it."
        findings.append(doubtful("Model in use", f"{name} is not in the catalogue", why, step))
    if not priced:
        why = "Its calls are counted as $0: caps, costs and alerts cannot work."
        step = "Add its price to the file of PAPER_AUTOPILOT_OPENAI_PRICE_FILE; docs/OPENAI.md shows how."
        findings.append(doubtful("Price", f"nobody here knows what {name} costs", why, step))
    return findings


def _model(listed: ListedModel, settings: Settings) -> AccountModel:
    model = find_model(listed.name)
    catalogued = model if model.known and not settings.own_server else None
    return AccountModel(
        listed.name,
        shutdown=listed.shutdown or (catalogued.shutdown if catalogued else None),
        successor=catalogued.successor if catalogued else None,
        known=settings.own_server or catalogued is not None,
        configured=listed.name == settings.openai_model,
    )


def _configured(settings: Settings, models: Sequence[AccountModel]) -> Finding:
    from autod.extract.openai.client import DEFAULT_BASE_URL

    model = settings.openai_model
    if any(offered.configured for offered in models):
        return fine("Models", f"{model} is offered, one of {len(models)}")
    elsewhere = settings.openai_base_url.rstrip("/") != DEFAULT_BASE_URL
    if elsewhere and (model != base_name(model) or not find_model(model).known):
        return doubtful(
            "Models",
            f"{model} is not in the service's list of {len(models)}",
            "A gateway or Azure may take it all the same: their lists leave out prefixes and deployments.",
            "Process one document: its error says whether the service takes the name.",
        )
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
    news = f"{model.name} {'was shut down' if over else 'shuts down'} on {model.shutdown.isoformat()}"
    instead = f"; its successor is {model.successor}" if model.successor else ""
    topic = f"Model {model.name}"
    if not model.configured:
        return fine(topic, news + instead)
    step = f"Set PAPER_AUTOPILOT_OPENAI_MODEL={model.successor or 'another of the models'} before that day."
    if over:
        return broken(topic, news + instead, _WAITS, step.replace(" before that day", ""))
    why = "From that day on documents wait."
    if model.shutdown - today > SOON:
        return fine(topic, news + instead)
    return doubtful(topic, news + instead, why, step)


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
