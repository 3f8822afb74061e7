"""Any model that the service takes is taken: with care, a warning, and a price only where a cap needs it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from autod.assembly.service import caps_of, model_news, prices_of, require_reader
from autod.config import Settings
from autod.domain.money import TokenUse
from autod.errors import ConfigurationError
from autod.extract.openai.catalogue import CacheKind, find_model
from autod.extract.openai.prices import Prices, read_override
from autod.extract.openai.question import QuestionManner, question, text_content
from tests.openai.catalogued import MODELS
from tests.settings import settings_in

NOW = datetime(2026, 11, 28, tzinfo=UTC)
TODAY = date(2026, 11, 28)
USE = TokenUse(1000, 100)
NO_CAPS: dict[str, Any] = {"cap_document_usd": None, "cap_day_usd": None, "cap_month_usd": None}
UNKNOWN = ("my-deployment", "gpt-7-luna", "some-gateway/unheard-of", "gpt-2", "ft:gpt-4.1-mini:us::x")


def settings(folder: Path, **changes: Any) -> Settings:
    return settings_in(folder, "sqlite:///none.db", engine="openai", **changes)


@pytest.mark.parametrize("prefix", ["openai/", "azure/", "openrouter/openai/"])
@pytest.mark.parametrize("name", MODELS)
def test_a_gateways_prefix_changes_neither_what_a_model_can_nor_what_it_costs(prefix: str, name: str) -> None:
    model = find_model(prefix + name)
    assert (model.id, model.known, model.cache) == (prefix + name, True, find_model(name).cache)
    assert Prices().cost(USE, prefix + name, "default", NOW) == Prices().cost(USE, name, "default", NOW)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_the_catalogue_does_not_know_is_asked_with_nothing_that_it_may_not_take(name: str) -> None:
    model = find_model(name)
    assert not model.known and model.shutdown is None
    body = question(
        QuestionManner(model, model.effort_or_default(None), 16_000), text_content([]), sha256="a", part="1"
    )
    assert body["model"] == name
    assert "reasoning" not in body and "verbosity" not in body["text"]
    assert "prompt_cache_options" not in body and model.cache is CacheKind.KEY
    least = min(find_model(known).split_tokens for known in MODELS)
    assert model.split_tokens <= least < model.context_tokens
    assert model.page_tokens["high"] >= max(find_model(known).page_tokens["high"] for known in MODELS)


def test_an_effort_that_a_person_sets_is_sent_to_a_model_that_nobody_knows() -> None:
    model = find_model("my-deployment")
    body = question(
        QuestionManner(model, model.effort_or_default("high"), 16_000), text_content([]), sha256="a", part="1"
    )
    assert body["reasoning"] == {"effort": "high"}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_model_without_a_price_is_refused_while_a_cap_needs_one(name: str, tmp_path: Path) -> None:
    capped = settings(tmp_path, openai_model=name, **{**NO_CAPS, "cap_day_usd": Decimal(5)})
    with pytest.raises(ConfigurationError) as refused:
        require_reader(capped)
    assert refused.value.code == "openai_price_unknown"
    assert "counted as" not in " ".join(model_news(capped, TODAY))
    assert "PAPER_AUTOPILOT_CAP_DAY_USD" in refused.value.message
    assert "CAP_MONTH" not in refused.value.message
    assert "PAPER_AUTOPILOT_OPENAI_PRICE_FILE" in refused.value.next_step
    assert f'"{name}": {{input: ' in refused.value.next_step


@pytest.mark.parametrize("name", UNKNOWN)
def test_the_price_line_of_the_message_is_one_that_the_price_file_takes(name: str, tmp_path: Path) -> None:
    capped = settings(tmp_path, openai_model=name)
    with pytest.raises(ConfigurationError) as refused:
        require_reader(capped)
    (line,) = (part for part in refused.value.next_step.split("`") if "input:" in part)
    file = tmp_path / "prices.yaml"
    file.write_text(f"version: 2026-11-28\nmodels:\n {line}\n")
    assert name in read_override(file)["models"]
    priced = settings(tmp_path, openai_model=name, openai_price_file=file)
    require_reader(priced)
    assert prices_of(priced).cost(USE, name, "default", NOW).version == "override 2026-11-28"


@pytest.mark.parametrize("name", UNKNOWN)
def test_without_caps_a_model_without_a_price_is_taken_with_a_warning(name: str, tmp_path: Path) -> None:
    free = settings(tmp_path, openai_model=name, **NO_CAPS)
    require_reader(free)
    assert prices_of(free, caps_of(free)).cost(USE, name, "default", NOW).usd == 0
    news = " ".join(model_news(free, TODAY))
    assert name in news and "catalogue" in news and "price" in news


def test_a_price_that_the_library_knows_serves_a_model_that_the_catalogue_does_not(tmp_path: Path) -> None:
    newer = settings(tmp_path, openai_model="gpt-4.1")
    require_reader(newer)
    assert prices_of(newer).cost(USE, "gpt-4.1", "default", NOW).usd > 0
    (news,) = model_news(newer, TODAY)
    assert "catalogue" in news and "price" not in news


def test_an_own_price_counts_for_the_model_behind_a_gateway_too(tmp_path: Path) -> None:
    own = {"version": "1", "models": {"gpt-6-luna": {"input": Decimal(7), "output": Decimal(0)}}}
    assert Prices(own).cost(TokenUse(1_000_000, 0), "openai/gpt-6-luna", "default", NOW).usd == 7
    own["models"]["openai/gpt-6-luna"] = {"input": Decimal(9), "output": Decimal(0)}  # type: ignore[index]  # a dict
    assert Prices(own).cost(TokenUse(1_000_000, 0), "openai/gpt-6-luna", "default", NOW).usd == 9


def test_an_effort_that_a_known_model_does_not_take_is_still_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="minimal, low"):
        require_reader(settings(tmp_path, openai_model="openai/gpt-5-mini", openai_effort="none"))
