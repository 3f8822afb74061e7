"""Rounds in which the power is cut: the daemon dies, and all that was not flushed may be gone."""

from __future__ import annotations

from collections.abc import Callable

from tests.torture import paid
from tests.torture.paper import good, poison
from tests.torture.points import PAYING, PULLS, READER_DIES
from tests.torture.rounds import FLEET, REACH_SECONDS, Bench, Outcome, pull_the_plug
from tests.torture.system import System

Round = Callable[[Bench, str], Outcome]

PULLS_IN_A_CHAIN = 14


def at_random(bench: Bench, name: str, *, lives: int, fleet: bool = False) -> Outcome:
    """Paper lies there, and the power goes at any moment; at last when everything has just been done.

    In a fleet three daemons hang on the same disk and die together.
    """
    system = bench.system(power_cuts=True, fleet=fleet)
    crew = range(FLEET if fleet else 1)
    problems: list[str] = []
    for life in range(lives):
        for _ in range(max(1, bench.documents // lives)):
            _drop(bench, system)
        last = life == lives - 1
        faults = [] if last or bench.chance.random() < 0.7 else [READER_DIES]
        daemons = [system.start(faults, worker=number) for number in crew]
        first = daemons[0]
        if last:
            system.wait_for(system.idle, first, REACH_SECONDS)
        elif first.ended(bench.chance.uniform(0.3, 2.5)):
            problems.append(f"the daemon ended by itself with {first.last_words()}")
        for daemon in daemons:
            daemon.kill()
            system.kills += 1
        system.cut_power()
    return bench.finish(name, system, problems)


def _drop(bench: Bench, system: System) -> None:
    """Mostly good paper; some is bad, some comes by two names."""
    number, kind = bench.number(), bench.chance.random()
    sheet = poison(number) if kind < 0.15 else good(number)
    for name in [f"{number}.pdf", f"{number} again.pdf"][: 2 if kind > 0.85 else 1]:
        system.drop(name, sheet)


def all_rounds(database: str, lives: int) -> dict[str, Round]:
    """By their names, in order."""
    chosen: dict[str, Round] = {}
    for part, start in enumerate(range(0, len(PULLS), PULLS_IN_A_CHAIN), 1):
        pulls = PULLS[start : start + PULLS_IN_A_CHAIN]
        chosen[f"power cut at points, part {part}"] = lambda bench, name, pulls=pulls: pull_the_plug(  # type: ignore[misc]
            bench, name, pulls, bench.system(power_cuts=True)
        )
    chosen["power cut at random"] = lambda bench, name: at_random(bench, name, lives=lives)
    for way in paid.WAYS:
        chosen[f"paid by {way}, power cut at points"] = lambda bench, name, way=way: paid.at_points(  # type: ignore[misc]
            bench, name, way, PAYING, power_cuts=True
        )
    if database == "postgres":
        chosen["fleet, power cut at random"] = lambda bench, name: at_random(
            bench, name, lives=lives, fleet=True
        )
    return chosen
