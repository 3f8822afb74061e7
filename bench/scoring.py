"""Right, close, wrong or missing: one extracted value against the truth."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from rapidfuzz import fuzz

from autod.domain.field_columns import Scored
from autod.domain.fields import names_where
from bench.truth import KINDS, Truth

_NAMES = names_where(lambda field: field.about.scored is Scored.NAME)
_AMOUNTS = names_where(lambda field: field.is_amount)
_CLOSE_NAME = 88.0
_CLOSE_ADDRESS = 75.0


class Outcome(StrEnum):
    """``close`` is a name or address that a person would accept but that is not the truth's letters."""

    CORRECT = "correct"
    CLOSE = "close"
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True)
class Score:
    """The outcome for one field of one document."""

    field: str
    outcome: Outcome
    truth: Any
    value: Any
    confidence: float | None
    set_level: bool


def score_document(
    truth: Truth, metadata: dict[str, Any], evidence: dict[str, Any], *, page_only: bool
) -> list[Score]:
    """Score what is known of a document; absent truth is unknown and not scored.

    ``page_only`` leaves out values that are not literally on the page.
    """
    scores = []
    for name, expected in truth.values.items():
        if page_only and name in truth.not_on_page:
            continue
        value = _value(name, metadata)
        outcome = compare(name, expected, value)
        scores.append(_score(truth, name, outcome, expected, value, evidence))
    for name in truth.nulls:
        value = _value(name, metadata)
        outcome = Outcome.WRONG if value not in (None, "", []) else Outcome.CORRECT
        scores.append(_score(truth, name, outcome, None, value, evidence))
    return scores


def _score(
    truth: Truth, name: str, outcome: Outcome, expected: Any, value: Any, evidence: dict[str, Any]
) -> Score:
    confidence = evidence[name]["confidence"] if name in evidence else None
    return Score(name, outcome, expected, value, confidence, name in truth.set_level)


def _value(name: str, metadata: dict[str, Any]) -> Any:
    if name == "parties":
        return [party for key in ("issuer", "recipient") if (party := metadata.get(key))]
    if name == "addresses":
        return (metadata.get("addresses") or [None])[0]
    return metadata.get(name)


def compare(name: str, expected: Any, value: Any) -> Outcome:
    """How ``value`` (JSON form, None when not found) stands to the expected one."""
    if value in (None, "", []):
        return Outcome.MISSING
    if name == "doc_type":
        return _is(value in KINDS.get(expected, {expected}))
    if name in _AMOUNTS:
        return _is(_amount(expected) == _amount(value))
    if name == "parties":
        return _compare_parties(expected, value)
    if name == "addresses":
        if squash(expected) == squash(value):
            return Outcome.CORRECT
        close = fuzz.token_set_ratio(_words(expected), _words(value)) >= _CLOSE_ADDRESS
        return Outcome.CLOSE if close else Outcome.WRONG
    if name in _NAMES:
        return _compare_names(expected, value)
    return _is(squash(str(expected)) == squash(str(value)))


def _is(right: bool) -> Outcome:
    return Outcome.CORRECT if right else Outcome.WRONG


def _compare_names(expected: str, value: str) -> Outcome:
    if squash(expected) == squash(value):
        return Outcome.CORRECT
    close = fuzz.ratio(_words(expected), _words(value)) >= _CLOSE_NAME
    return Outcome.CLOSE if close else Outcome.WRONG


def _compare_parties(expected: list[str], found: list[str]) -> Outcome:
    """Every party found must be one of the expected, each used once; fewer found is missing."""
    left = list(expected)
    worst = Outcome.CORRECT
    for party in found:
        outcomes = [_compare_names(name, party) for name in left]
        for wanted in (Outcome.CORRECT, Outcome.CLOSE):
            if wanted in outcomes:
                left.pop(outcomes.index(wanted))
                worst = wanted if worst is Outcome.CORRECT else worst
                break
        else:
            return Outcome.WRONG
    return Outcome.MISSING if left and len(found) < 2 else worst


def squash(text: str) -> str:
    """Letters and digits alone, without case and accents: "S.A. de C.V." equals "SA DE CV"."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join(re.findall(r"\w+", plain))


def _amount(text: Any) -> Decimal | None:
    try:
        return Decimal(str(text))
    except InvalidOperation:
        return None
