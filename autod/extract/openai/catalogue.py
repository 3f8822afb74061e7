"""What models can do and how long they will be there: data, dated and sourced, in ``models.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from importlib import resources
from typing import Any

from autod.errors import ConfigurationError

_SNAPSHOT = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class CacheKind(StrEnum):
    """How a model family finds a prompt's static part again."""

    EXPLICIT = "explicit"
    KEY = "key"


@dataclass(frozen=True, slots=True)
class Model:
    """One model; ``id`` is as it is asked for, a dated snapshot's and a gateway's prefix included.

    ``known`` is False for one that is not listed: then it is asked with as little as possible, and ``effort``
    is empty, which sends none.
    """

    id: str
    known: bool
    cache: CacheKind
    efforts: tuple[str, ...]
    effort: str
    context_tokens: int
    split_tokens: int
    page_tokens: Mapping[str, int]
    shutdown: date | None
    successor: str | None
    source: str

    def effort_or_default(self, wanted: str | None) -> str:
        """``wanted`` if this model may know it, else an error; its own default when nothing is wanted.

        Raises:
            ConfigurationError: names the values it accepts.
        """
        if not wanted:
            return self.effort
        if self.known and wanted not in self.efforts:
            raise ConfigurationError(
                f"PAPER_AUTOPILOT_OPENAI_EFFORT: {self.id} knows {', '.join(self.efforts)}"
            )
        return wanted


@dataclass(frozen=True, slots=True)
class ModelEnd:
    """A model that will be shut down, and what to use instead."""

    model: str
    day: date
    successor: str | None
    ended: bool

    @property
    def message(self) -> str:
        verb = "was shut down" if self.ended else "shuts down"
        instead = f"; set PAPER_AUTOPILOT_OPENAI_MODEL={self.successor}" if self.successor else ""
        return f"{self.model} {verb} on {self.day.isoformat()}{instead}"


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    import yaml

    text = resources.files(__package__).joinpath("models.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.safe_load(text)
    return data


def find_model(name: str) -> Model:
    """What a model can do: by the catalogue's entry for it, or with care where there is none.

    The entry is found for dated snapshots too, and behind the prefix of a gateway (``openai/gpt-6-luna``).
    """
    data = _data()
    entry = next((data["models"][one] for one in _names(name) if one in data["models"]), None)
    known = entry is not None
    entry = entry or data["unknown"]
    return Model(
        id=name,
        known=known,
        cache=CacheKind(entry["cache"]),
        efforts=tuple(entry["efforts"]),
        effort=entry["effort"],
        context_tokens=entry["context_tokens"],
        split_tokens=entry["split_tokens"],
        page_tokens=entry["page_tokens"],
        shutdown=entry.get("shutdown"),
        successor=entry.get("successor"),
        source=entry["source"],
    )


def base_name(name: str) -> str:
    """A model's name without the prefix that a gateway puts before it."""
    return name.rpartition("/")[2]


def _names(name: str) -> tuple[str, ...]:
    """Under which names a model may be listed, the most exact first."""
    base = base_name(name)
    return name, _SNAPSHOT.sub("", name), base, _SNAPSHOT.sub("", base)


def ending_of(model: Model, today: date) -> ModelEnd | None:
    """The model's announced end, however far away; None when nothing is announced."""
    if model.shutdown is None:
        return None
    return ModelEnd(model.id, model.shutdown, model.successor, today >= model.shutdown)
