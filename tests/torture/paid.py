"""Rounds in which every document is read by a paid service, which counts for itself what it is asked."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.torture.payee import Payee
from tests.torture.points import PAYING, Pull
from tests.torture.rounds import Bench, Outcome, fleet_plug, passing, pull_the_plug, random_plug

Round = Callable[[Bench, str], Outcome]

WAYS = ("conversation", "background")
PULLS_IN_A_CHAIN = 14

LOST = [{"drop": "after"}, {"drop": "before"}, {"status": 500, "code": None}, {"drop": "after"}]
"""A connection that breaks before or after the work was done, and a service that fails."""

SPOILT = [
    {"spoilt": "cut"},
    {"status": 500, "code": None, "worked": True},
    {"spoilt": "page"},
    {"drop": "inside"},
]
"""Something else arrives than the answer, which was written and billed; too few to open the circuit."""

ELSEWHERE = [{"path": "/", "status": 404, "code": None, "kind": "invalid_request_error"}] * 4
"""For a while another server answers at the address."""

BUSY = [
    {"status": 429, "code": "rate_limit_exceeded", "kind": "requests", "headers": {"retry-after-ms": "200"}},
    {"status": 503, "code": None},
]

TROUBLED: list[tuple[str, list[dict[str, Any]]]] = [
    ("connections lost", LOST),
    ("answers spoilt", SPOILT),
    ("address wrong", ELSEWHERE),
    ("service busy", BUSY),
]


@contextmanager
def paid_by(bench: Bench, way: str, **options: Any) -> Iterator[Payee]:
    """A service that lives as long as the round."""
    with Payee(Path(tempfile.mkdtemp(prefix="payee-", dir=bench.folder)), way=way, **options) as payee:
        yield payee


def at_points(
    bench: Bench, name: str, way: str, pulls: Sequence[Pull], *, power_cuts: bool = False
) -> Outcome:
    """The plug is pulled around every step of asking."""
    with paid_by(bench, way) as payee:
        reachable = [pull for pull in pulls if way == "background" or not _of_background(pull)]
        return pull_the_plug(bench, name, reachable, bench.system(payee=payee, power_cuts=power_cuts))


def _of_background(pull: Pull) -> bool:
    """Whether it is laid where only calls come by whose answer is fetched later."""
    return any(name in pull.kill.point for name in ("dispatch", "attach", "collect"))


def at_random(bench: Bench, name: str, way: str, lives: int) -> Outcome:
    """Answers take a while, so that most kills meet one that is being written."""
    with paid_by(bench, way, work_seconds=0.5) as payee:
        return random_plug(bench, name, lives=lives, payee=payee)


def by_fleet(bench: Bench, name: str, way: str, lives: int) -> Outcome:
    """Three daemons pay, and take over from one another."""
    with paid_by(bench, way, work_seconds=0.5) as payee:
        return fleet_plug(bench, name, lives=lives, payee=payee)


def troubled(bench: Bench, name: str, way: str, troubles: list[dict[str, Any]]) -> Outcome:
    """The service and the way to it fail for a while; the daemon gets over it."""
    with paid_by(bench, way, troubles=troubles) as payee:
        return passing(bench, name, system=bench.system(payee=payee))


def all_rounds(lives: int) -> dict[str, Round]:
    """By their names, in order."""
    chosen: dict[str, Round] = {}
    for way in WAYS:
        for part, start in enumerate(range(0, len(PAYING), PULLS_IN_A_CHAIN), 1):
            pulls = PAYING[start : start + PULLS_IN_A_CHAIN]
            chosen[f"paid by {way}, plug pulled at points, part {part}"] = (
                lambda bench, name, way=way, pulls=pulls: at_points(bench, name, way, pulls)  # type: ignore[misc]
            )
        chosen[f"paid by {way}, plug pulled at random"] = (
            lambda bench, name, way=way: at_random(bench, name, way, lives)  # type: ignore[misc]
        )
        for what, troubles in TROUBLED:
            chosen[f"paid by {way}, {what}"] = (
                lambda bench, name, way=way, troubles=troubles: troubled(bench, name, way, troubles)  # type: ignore[misc]
            )
    for what, troubles in TROUBLED:
        chosen[f"paid directly, {what}"] = (
            lambda bench, name, troubles=troubles: troubled(bench, name, "direct", troubles)  # type: ignore[misc]
        )
    return chosen
