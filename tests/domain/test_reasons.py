"""Whatever waits for a person says why, in a code and in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autod.codes import Code, Reason
from autod.domain.reasons import OF_DOCUMENT, OF_FIELD, review_reasons

ROOT = Path(__file__).resolve().parents[2]
VERIFY = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "autod/verify").glob("*.py"))
SAYS_NO_FIELD = {Code.EMBEDDED_UNREADABLE, Code.PAID_VALUES_DROPPED}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_is_in_the_guide(reason: Reason) -> None:
    guide = (ROOT / "docs/TROUBLESHOOTING.md").read_text(encoding="utf-8")
    assert f"`{reason}`" in guide
    assert reason.sentence in guide


def test_every_check_that_puts_a_field_in_review_has_its_reason() -> None:
    failed = {Code[name] for name in re.findall(r"\.fail(?:_of)?\(\s*Code\.([A-Z_]+)", VERIFY)}
    assert failed - SAYS_NO_FIELD - set(OF_FIELD) - set(OF_DOCUMENT) == set()
    assert failed


def test_a_field_is_given_the_reasons_of_the_checks_about_it() -> None:
    checks = ["readers_differ:due_date", "tax_exceeds_total", "ungrounded:iban"]
    reasons = review_reasons(["due_date", "deadline", "total_amount", "title", "pages_not_read"], checks)

    assert reasons == {
        "due_date": ["readers_differ"],
        "deadline": ["readers_differ"],
        "total_amount": ["arithmetic"],
        "title": ["low_confidence"],
    }
