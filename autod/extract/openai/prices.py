"""What calls cost: genai-prices (offline, dated), or the operator's own file where it names the model.

The own file is YAML, US dollars per million tokens; all but ``input`` and ``output`` may be left out:

    version: 2026-11-01
    source: https://openai.com/api/pricing
    models:
      gpt-6-luna: {input: 0.10, output: 0.50, cached: 0.01, cache_write: 0.125, flex: 0.5, batch: 0.5}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypedDict

from autod.codes import Code
from autod.domain.money import Priced, TokenUse
from autod.errors import ConfigurationError
from autod.extract.openai.catalogue import base_name

MILLION = Decimal(1_000_000)
BATCH = "batch"
"""The tier under which calls of the Batch API are priced and written down."""

UNPRICED = Priced(Decimal(0), "no price known")
"""A call whose price nobody knows, where none is needed."""

_RATES = ("input", "output", "cached", "cache_write", "flex", "batch", "priority")


class OwnPrices(TypedDict):
    """The operator's own prices: rates by name, US dollars for a million tokens, by the model's name."""

    version: str
    models: dict[str, dict[str, Decimal]]


class Prices:
    """Prices of calls.

    Args:
        override: the operator's own prices, as ``read_override`` gives them.
        free: every call costs nothing (a server of our own).
        needed_by: the settings that cannot hold without a price; empty has calls without one counted as
            nothing, see ``UNPRICED``, and None needs a price without a setting.
    """

    def __init__(
        self,
        override: OwnPrices | None = None,
        *,
        free: bool = False,
        needed_by: Sequence[str] | None = None,
    ) -> None:
        self._override: OwnPrices = override or {"version": "", "models": {}}
        self._free = free
        self._needed_by = needed_by

    def knows(self, model: str, at: datetime) -> bool:
        """Whether there is a price, by which everything of this model is priced."""
        return self._known_cost(TokenUse(1, 1), model, "default", at) is not None

    def cost(self, use: TokenUse, model: str, tier: str, at: datetime) -> Priced:
        """The price of a call by the tier that served it.

        Raises:
            ConfigurationError: nobody knows what this model costs, and it has to be known.
        """
        priced = self._known_cost(use, model, tier, at)
        if priced is not None:
            return priced
        if self._needed_by is not None and not self._needed_by:
            return UNPRICED
        needs = f", which {' and '.join(self._needed_by)} cannot do without" if self._needed_by else ""
        line = f"{json.dumps(model)}: {{input: 0.10, output: 0.50}}"
        empty = f" Or empty {' and '.join(self._needed_by)}." if self._needed_by else ""
        raise ConfigurationError(
            f"no price is known for the model {model[:128]}{needs}",
            code=Code.OPENAI_PRICE_UNKNOWN,
            next_step="Add your price, in US dollars for a million tokens, to the file of "
            f"PAPER_AUTOPILOT_OPENAI_PRICE_FILE, as a line under `models:` such as `{line}`.{empty}",
        )

    def _known_cost(self, use: TokenUse, model: str, tier: str, at: datetime) -> Priced | None:
        if self._free:
            return Priced(Decimal(0), "free")
        own = self._own_rates(model)
        if own is not None:
            return Priced(_by_rates(own, use, tier), f"override {self._override['version']}"[:64])
        return _by_library(use, model, tier, at)

    def most(self, model: str, tier: str, input_tokens: int, output_tokens: int, at: datetime) -> Priced:
        """The most that a call of this size can cost: nothing found in the cache, all of it written there.

        A cheaper tier may be served as the standard one, so that one's price counts.
        """
        standard = "default" if tier == "flex" else tier
        uses = (TokenUse(input_tokens, output_tokens, 0, written) for written in (0, input_tokens))
        return max((self.cost(use, model, standard, at) for use in uses), key=lambda priced: priced.usd)

    def _own_rates(self, model: str) -> Mapping[str, Decimal] | None:
        models = self._override["models"]
        for wanted in (model, base_name(model)):
            fitting = (name for name in models if wanted == name or wanted.startswith(f"{name}-20"))
            if (name := max(fitting, default=None)) is not None:
                return dict(models[name])
        return None


def read_override(path: Path) -> OwnPrices:
    """The operator's own prices.

    Raises:
        ConfigurationError: unreadable, or not in the format above.
    """
    import yaml

    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise ConfigurationError(f"the price file {path} cannot be read") from None
    if not isinstance(data, dict) or "version" not in data or not isinstance(data.get("models"), dict):
        raise ConfigurationError(f"the price file {path} needs version and models")
    models = {str(name): _rates(rates, str(name)) for name, rates in data["models"].items()}
    return {"version": str(data["version"]), "models": models}


def _rates(rates: Any, name: str) -> dict[str, Decimal]:
    try:
        found = {key: Decimal(str(value)) for key, value in rates.items()}
    except (AttributeError, InvalidOperation):
        raise ConfigurationError(f"the prices of {name} must be numbers") from None
    wrong = [key for key, value in found.items() if key not in _RATES or not value.is_finite() or value < 0]
    if wrong or not {"input", "output"} <= found.keys():
        raise ConfigurationError(f"the prices of {name} need input and output, and may have {_RATES[2:]}")
    return found


def _by_rates(rates: Mapping[str, Decimal], use: TokenUse, tier: str) -> Decimal:
    cached, written = _parts(use)
    plain = use.input - cached - written
    total = (
        plain * rates["input"]
        + cached * rates.get("cached", rates["input"])
        + written * rates.get("cache_write", rates["input"])
        + use.output * rates["output"]
    )
    return total * rates.get(tier, Decimal(1)) / MILLION


def _by_library(use: TokenUse, model: str, tier: str, at: datetime) -> Priced | None:
    """By the list of the model's vendor: OpenAI's, or the one that a gateway's prefix names."""
    import genai_prices

    cached, written = _parts(use)
    context = {"processing": "batch"} if tier == BATCH else {"service_tier": tier}
    usage = genai_prices.Usage(
        input_tokens=use.input,
        output_tokens=use.output,
        cache_read_tokens=cached or None,
        cache_write_tokens=written or None,
    )
    prefix, _, base = model.rpartition("/")
    for vendor in dict.fromkeys(("openai", prefix.rpartition("/")[2].lower()) if prefix else ("openai",)):
        try:
            priced = genai_prices.calc_price(
                usage, base, provider_id=vendor, genai_request_timestamp=at, price_context=context
            )
        except (LookupError, ValueError):
            continue
        return Priced(priced.total_price, f"genai-prices {genai_prices.__version__}")
    return None


def _parts(use: TokenUse) -> tuple[int, int]:
    """Cached and written tokens; what the service did not say is priced as plain input."""
    cached = min(use.cached or 0, use.input)
    return cached, min(use.cache_write or 0, use.input - cached)
