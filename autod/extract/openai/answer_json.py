"""The JSON object in an answer that should be nothing else, and sometimes comes dressed up.

Models put it into code fences, say something before it, encode it twice or wrap it into another object. All
of that is understood; words without such an object are not. Nor is an object of another shape in which a
name happens to be ours: a document would end with nothing found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from autod.domain.storable import storable_json
from autod.extract.openai.api_json import ApiJson
from autod.extract.openai.schema import asked_fields

LONGEST_NUMBER = 18
MOST_BEGINNINGS = 200
"""Braces at which an object may begin; more are not tried."""

DEEPEST_WRAPPING = 3
_PLACE = frozenset({"page", "quote"})
_FENCE = re.compile(r"```[a-zA-Z]{0,10}\s(.*?)```", re.DOTALL)


def answer_object(text: str) -> ApiJson | None:
    """The object of the form that was asked for, its strings fit to be stored; None when there is none.

    Numbers are ``Decimal`` or ``int`` of a size that occurs on paper, else None.
    """
    for candidate in _candidates(text.rpartition("</think>")[2].strip()):
        try:
            found = _unwrapped(candidate, DEEPEST_WRAPPING)
            if found is not None:
                clean: ApiJson = storable_json(found)
                return clean
        except RecursionError:
            continue
    return None


def _candidates(text: str) -> Iterator[Any]:
    """What may be meant, the likeliest first: all of it, what is fenced, the last object among words."""
    yield text
    yield from reversed(_FENCE.findall(text))
    yield from reversed(list(_objects_in(text)))


def _objects_in(text: str) -> Iterator[ApiJson]:
    at, tries = text.find("{"), 0
    while at >= 0 and tries < MOST_BEGINNINGS:
        tries += 1
        try:
            found, end = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            yield found
        at = text.find("{", end)


def _unwrapped(value: Any, depth: int) -> ApiJson | None:
    for _ in range(DEEPEST_WRAPPING):
        value = _parsed(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        if _is_ours(value):
            return value
        inside = list(value.values())
    else:
        inside = value if isinstance(value, list) else []
    for part in inside if depth else ():
        found = _unwrapped(part, depth - 1) if isinstance(part, (dict, list, str)) else None
        if found is not None:
            return found
    return None


def _is_ours(value: ApiJson) -> bool:
    """Whether an object has the form that was asked for.

    Values with the words they stand on are of our form, unless most of what is there is not. An object
    without any says that nothing was found only if it says so of most fields, and nothing else of any.
    """
    names = asked_fields()
    known = [name for name in names if name in value]
    formed = [name for name in known if _is_formed(value[name])]
    if any(_is_fact(value[name]) for name in formed):
        return len(value) - len(known) <= len(formed)
    return len(formed) == len(known) > len(names) / 2


def _is_formed(said: Any) -> bool:
    return said is None or said == [] or _is_fact(said)


def _is_fact(said: Any) -> bool:
    """A value with its place, or a list of such."""
    if isinstance(said, list):
        return any(isinstance(row, dict) and not _PLACE.isdisjoint(row) for row in said)
    return isinstance(said, dict) and "value" in said and not _PLACE.isdisjoint(said)


def _parsed(text: str) -> Any:
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError):
        return None


def _decimal(text: str) -> Decimal | None:
    """A number of a size that occurs on paper: others would cost memory when written out."""
    number = Decimal(text) if len(text) <= LONGEST_NUMBER else None
    return number if number is not None and abs(number.adjusted()) <= LONGEST_NUMBER else None


def _whole(text: str) -> int | None:
    return int(text) if len(text) <= LONGEST_NUMBER else None


_DECODER = json.JSONDecoder(parse_float=_decimal, parse_int=_whole, parse_constant=lambda _: None)
