"""Which classes of documents may leave, as the setting says it."""

from __future__ import annotations

import pytest

from autod.config import load_settings
from autod.domain.kinds import DocType
from autod.domain.privacy import PrivacyPolicy
from autod.errors import ConfigurationError


def test_without_rules_everything_may_leave() -> None:
    policy = PrivacyPolicy.parse("")
    assert not policy.restricts
    assert all(policy.withheld_for([kind]) is None for kind in [*DocType, "unknown"])


def test_a_kind_stays_and_others_leave() -> None:
    policy = PrivacyPolicy.parse("medical: local, identity:local")
    assert policy.withheld_for(["medical"]) == "medical"
    assert policy.withheld_for(["identity"]) == "identity"
    assert policy.withheld_for(["invoice"]) is None


def test_a_category_holds_for_its_kinds_unless_a_kind_has_a_rule_of_its_own() -> None:
    policy = PrivacyPolicy.parse("health: local; prescription: anywhere")
    assert policy.withheld_for(["medical"]) == "medical"
    assert policy.withheld_for(["prescription"]) is None


def test_what_it_only_may_be_counts_like_what_it_is() -> None:
    assert PrivacyPolicy.parse("medical: local").withheld_for(["invoice", "medical"]) == "medical"


def test_in_doubt_the_stricter_side_wins() -> None:
    assert PrivacyPolicy.parse("medical: local").withheld_for(["invoice", "unknown"]) == "unknown"


def test_a_person_may_say_that_doubt_is_no_reason() -> None:
    policy = PrivacyPolicy.parse("medical: local, unknown: anywhere")
    assert policy.withheld_for(["invoice", "unknown"]) is None


def test_everything_may_stay_but_for_what_is_named() -> None:
    policy = PrivacyPolicy.parse("everything: local, invoice: anywhere")
    assert policy.withheld_for(["invoice"]) is None
    assert policy.withheld_for(["letter"]) == "letter"
    assert policy.withheld_for(["invoice", "unknown"]) == "unknown"


def test_only_what_is_unknown_may_stay() -> None:
    policy = PrivacyPolicy.parse("unknown: local")
    assert policy.withheld_for(["medical"]) is None
    assert policy.withheld_for(["medical", "unknown"]) == "unknown"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("medcal: local", "did you mean medical"),
        ("medical", "medical: local or medical: anywhere"),
        ("medical: lokal", "medical: local or"),
        ("medical: local, medical: anywhere", "named twice"),
        (": local", "no class"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_and_never_ignored(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as caught:
        load_settings(None, privacy=text)
    assert caught.value.message.startswith("PAPER_AUTOPILOT_PRIVACY:")
