"""Everything that can happen to a document is told in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from autod.cli.history import told
from autod.db.models import Event
from autod.domain.status import EventKind


def event(kind: EventKind, **detail: object) -> Event:
    return Event(kind=kind, detail=detail, at=datetime(2026, 11, 24, 12, 0, tzinfo=UTC))


@pytest.mark.parametrize("kind", list(EventKind))
def test_every_kind_of_event_is_told_in_words(kind: EventKind) -> None:
    sentence = told(event(kind))
    assert sentence and sentence != kind.value and "_" not in sentence


def test_a_word_taken_over_from_an_earlier_version_names_it() -> None:
    assert told(event(EventKind.CORRECTED, field="issuer")) == "a person set issuer"
    assert "document 4" in told(event(EventKind.CORRECTED, field="issuer", earlier=4))
