"""When a file changes after it was taken: which of its versions stay.

Bytes that were not finished, or that a later version begins with, are in the way: the later document stands
for both. Two versions that say different things stay side by side.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TypedDict

import structlog
from sqlalchemy.orm import Session

from autod.db import versions
from autod.db.versions import Version, VersionJson
from autod.domain.status import DocumentStatus
from autod.durable.protocol import Durable
from autod.files import custody
from autod.files.completeness import looks_complete
from autod.pipeline.steps import Steps

log = structlog.get_logger("autod.pipeline")

ENDED = (DocumentStatus.COMPLETED, DocumentStatus.FAILED)


class Chain(TypedDict):
    """Versions of a file, the earliest first."""

    versions: list[VersionJson]


class Pair(TypedDict):
    """Two of them: the later one stands for both."""

    earlier: VersionJson
    later: VersionJson


class Pairs(TypedDict):
    """The documents that others stand for."""

    superseded: list[Pair]


def supersede(durable: Durable, steps: Steps, document_id: int) -> None:
    """Settle the chain that the document belongs to, as far as its versions have ended.

    Every version does so at its end: whichever is the last of two sees both.
    """
    chain = durable.transaction("versions", _chain, document_id)
    pairs = durable.step("compare", _compare, chain, document_id)
    if pairs["superseded"]:
        done = durable.transaction("supersede", _note, steps.now().isoformat(), pairs)
        durable.step("let_go", _let_go, done)


def _chain(session: Session, document_id: int) -> Chain:
    return {"versions": [version.to_dict() for version in versions.chain(session, document_id)]}


def _compare(chain: Chain, document_id: int) -> Pairs:
    """Which versions the document stands for, and whether a later one stands for it."""
    in_order = [Version(**version) for version in chain["versions"]]
    place = next(number for number, version in enumerate(in_order) if version.document_id == document_id)
    pairs = [(in_order[number], place) for number in range(place) if _stands_for(in_order, number, place)]
    after = next((n for n in range(place + 1, len(in_order)) if _stands_for(in_order, place, n)), None)
    pairs += [] if after is None else [(in_order[place], after)]
    return {"superseded": [{"earlier": e.to_dict(), "later": in_order[n].to_dict()} for e, n in pairs]}


def _stands_for(in_order: list[Version], before: int, after: int) -> bool:
    """Whether the version at ``after`` stands for the one at ``before``."""
    earlier, later = in_order[before], in_order[after]
    same_file = all(version.same_file for version in in_order[before + 1 : after + 1])
    if earlier.status not in ENDED or later.status not in ENDED or not earlier.place or not later.place:
        return False
    first, second = Path(earlier.place), Path(later.place)
    later_is_good = later.status == DocumentStatus.COMPLETED
    if earlier.status == DocumentStatus.COMPLETED and not later_is_good:
        return False
    try:
        in_the_way = custody.is_beginning_of(first, second) or (
            same_file and later_is_good and not looks_complete(first)
        )
        return in_the_way and custody.holds(second, later.sha256) and custody.holds(first, earlier.sha256)
    except OSError:
        return False


def _note(session: Session, now: str, pairs: Pairs) -> Pairs:
    """Write it down, unless an earlier version is in work again by now."""
    at = datetime.fromisoformat(now)
    versions.hold(
        session,
        [end["document_id"] for pair in pairs["superseded"] for end in (pair["earlier"], pair["later"])],
    )
    return {
        "superseded": [
            pair
            for pair in pairs["superseded"]
            if versions.supersede(session, pair["earlier"]["document_id"], pair["later"]["document_id"], at)
        ]
    }


def _let_go(done: Pairs) -> None:
    """Remove what superseded versions left in processed/ or failed/."""
    for pair in done["superseded"]:
        earlier, later = Version(**pair["earlier"]), Version(**pair["later"])
        place = Path(earlier.place or "")
        if custody.holds(Path(later.place or ""), later.sha256):
            custody.forget_failed(place, earlier.sha256)
        log.info(
            "Document superseded",
            document_id=earlier.document_id,
            by=later.document_id,
            sha256=earlier.sha256,
            removed=not place.exists(),
        )
