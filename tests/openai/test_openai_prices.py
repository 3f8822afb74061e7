"""What calls cost: by the tier that served them, with the version of the prices."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from autod.domain.money import TokenUse
from autod.errors import ConfigurationError
from autod.extract.openai.prices import BATCH, Prices, read_override
from tests.openai.catalogued import MODELS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PLAIN = TokenUse(4500, 500, 0, 0)
CACHED = TokenUse(4500, 500, 2000, 0)


@pytest.mark.parametrize(
    ("model", "use", "tier", "per_thousand"),
    [
        ("gpt-6-luna", PLAIN, "default", "0.70"),
        ("gpt-6-luna", CACHED, "default", "0.52"),
        ("gpt-6-luna", CACHED, "flex", "0.26"),
        ("gpt-6-luna", PLAIN, BATCH, "0.35"),
        ("gpt-6-luna", TokenUse(4500, 500, 0, 2000), "default", "0.75"),
        ("gpt-6-luna-2026-09-22", PLAIN, "default", "0.70"),
        ("gpt-5-mini", PLAIN, "default", "2.125"),
        ("gpt-5-mini", CACHED, "default", "1.675"),
        ("gpt-5-mini", CACHED, "flex", "0.8375"),
    ],
)
def test_price_follows_model_cache_and_tier(model: str, use: TokenUse, tier: str, per_thousand: str) -> None:
    priced = Prices().cost(use, model, tier, NOW)
    assert priced.usd * 1000 == Decimal(per_thousand)
    assert priced.version.startswith("genai-prices ")


def test_tokens_that_were_not_told_apart_are_priced_as_plain_input() -> None:
    assert Prices().cost(TokenUse(4500, 500), "gpt-6-luna", "default", NOW).usd * 1000 == Decimal("0.70")


def test_more_cached_tokens_than_tokens_do_not_make_a_negative_price() -> None:
    assert Prices().cost(TokenUse(100, 0, 5000, 5000), "gpt-6-luna", "default", NOW).usd > 0


def test_long_prompts_cost_more_a_token() -> None:
    short, long = (
        Prices().cost(TokenUse(tokens, 0, 0, 0), "gpt-6-luna", "default", NOW).usd / tokens
        for tokens in (200_000, 400_000)
    )
    assert long == short * 2


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("tier", ["default", "flex", BATCH])
def test_reservation_covers_whatever_the_cache_does_and_whatever_tier_is_served(
    model: str, tier: str
) -> None:
    most = Prices().most(model, tier, 4500, 500, NOW).usd
    for cached, written in ((0, 0), (2000, 0), (0, 2000), (0, 4500)):
        for served in ("default", "flex") if tier != BATCH else (BATCH,):
            assert Prices().cost(TokenUse(4500, 500, cached, written), model, served, NOW).usd <= most


def test_unknown_model_has_no_price_rather_than_a_wrong_one() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Prices().cost(PLAIN, "our-own-model", "default", NOW)
    assert caught.value.code == "openai_price_unknown"


def test_server_of_our_own_costs_nothing() -> None:
    assert Prices(free=True).cost(PLAIN, "llama", "default", NOW).usd == 0


def price_file(folder: Path, text: str) -> Path:
    path = folder / "prices.yaml"
    path.write_text(text)
    return path


def test_own_price_file_wins_and_its_version_is_noted(tmp_path: Path) -> None:
    own = read_override(
        price_file(
            tmp_path,
            "version: 2026-11-01\nmodels:\n"
            "  gpt-6-luna: {input: 1, output: 10, cached: 0.1, cache_write: 2, flex: 0.5}\n",
        )
    )
    prices = Prices(own)
    priced = prices.cost(TokenUse(3_000_000, 1_000_000, 1_000_000, 1_000_000), "gpt-6-luna", "default", NOW)
    assert (priced.usd, priced.version) == (Decimal("13.1"), "override 2026-11-01")
    assert prices.cost(TokenUse(1_000_000, 0), "gpt-6-luna-2026-09-22", "flex", NOW).usd == Decimal("0.5")
    assert prices.cost(PLAIN, "gpt-5-mini", "default", NOW).version.startswith("genai-prices")


@pytest.mark.parametrize(
    "text",
    ["", "- 1", "version: 1", "version: 1\nmodels: {m: {input: 1}}",
     "version: 1\nmodels: {m: {input: a, output: 1}}",
     "version: 1\nmodels: {m: {input: -1, output: 1}}", "version: 1\nmodels: {m: 5}", "models: {}", "a: [",
     "version: 1\nmodels: {m: {input: .nan, output: 1}}",
     "version: 1\nmodels: {m: {input: 1, output: 1, x: 1}}"],
)  # fmt: skip
def test_price_file_that_is_not_clear_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_override(price_file(tmp_path, text))


def test_price_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read_override(tmp_path / "none.yaml")
