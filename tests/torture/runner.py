"""Runs rounds, adds up what they found, prints the verdict."""

from __future__ import annotations

import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from tests.torture import cuts, paid, rounds
from tests.torture.databases import open_database
from tests.torture.faults import Do, Fault
from tests.torture.points import WRITING
from tests.torture.rounds import Bench, Outcome
from tests.torture.system import Launcher

MOST_SHOWN = 12

Round = Callable[[Bench, str], Outcome]


@contextmanager
def bench_of(database: str, *, seed: int, documents: int, keep: bool = False) -> Iterator[Bench]:
    """A launcher and a database for any number of rounds; removed afterwards unless ``keep``."""
    folder = Path(tempfile.mkdtemp(prefix="autod-torture-"))
    opened = open_database(database, folder / "database")
    try:
        with Launcher() as launcher:
            chance = random.Random(seed)  # noqa: S311 - repeatable, keeps no secret
            yield Bench(launcher, opened, folder, chance, documents)
    finally:
        opened.close()
        if keep:
            print(f"kept: {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def all_rounds(database: str, lives: int) -> dict[str, Round]:
    """Every round by its name, in order; ``lives`` is how many daemons the random plug gets."""
    chosen: dict[str, Round] = {}
    for name, pulls in rounds.all_pulls().items():
        chosen[name] = lambda bench, name, pulls=pulls: rounds.pull_the_plug(bench, name, pulls)  # type: ignore[misc]
    chosen["on another file system"] = rounds.elsewhere
    chosen["plug pulled at random"] = lambda bench, name: rounds.random_plug(bench, name, lives=lives)
    chosen |= cuts.all_rounds(database, lives)
    for part, start in enumerate(range(0, len(WRITING), 12), 1):
        pulls = WRITING[start : start + 12]
        chosen[f"writers that pause, plug pulled at points, part {part}"] = lambda bench, name, pulls=pulls: (
            rounds.pull_the_plug(bench, name, pulls, bench.system(patience=0.5, blind=True))  # type: ignore[misc]
        )
    chosen["writers that pause, plug pulled at random"] = lambda bench, name: rounds.random_plug(
        bench, name, lives=lives, blind=True
    )
    chosen |= paid.all_rounds(lives)
    chosen["crowd"] = rounds.crowd
    for name, faults in rounds.PASSING.items():
        chosen[name] = lambda bench, name, faults=faults: rounds.passing(bench, name, faults)  # type: ignore[misc]
    chosen["disk of the log full"] = lambda bench, name: rounds.passing(
        bench, name, [Fault("log:emit", Do.NO_SPACE, nth=2, seconds=4)], log_complete=False
    )
    chosen["name reused before the claim"] = lambda bench, name: rounds.replaced(
        bench, name, rounds.LOOKED_BEFORE_THE_CLAIM
    )
    chosen["name reused before the removal"] = lambda bench, name: rounds.replaced(
        bench, name, rounds.LOOKED_BEFORE_THE_REMOVAL
    )
    chosen["database locked"] = lambda bench, name: rounds.passing(
        bench, name, around=lambda system: rounds.held(bench, system)
    )
    for folder in ("processed", "failed"):
        chosen[f"disk of {folder} gone and back"] = lambda bench, name, folder=folder: rounds.vanished_mount(
            bench, name, folder
        )  # type: ignore[misc]
    if database == "postgres":
        chosen["fleet, plug pulled at random"] = lambda bench, name: rounds.fleet_plug(
            bench, name, lives=lives
        )
        for way in paid.WAYS:
            chosen[f"fleet paid by {way}, plug pulled at random"] = lambda bench, name, way=way: (
                paid.by_fleet(  # type: ignore[misc]
                    bench, name, way, lives
                )
            )
        chosen["database gone and back"] = lambda bench, name: rounds.passing(
            bench, name, around=lambda system: rounds.gone(bench, system)
        )
    else:
        chosen["database file deleted"] = lambda bench, name: rounds.replaced_database(
            bench, name, back=False
        )
        chosen["database file replaced"] = lambda bench, name: rounds.replaced_database(
            bench, name, back=True
        )
        chosen["page of the index zeroed"] = rounds.damaged_index
        chosen["disk full"] = rounds.full_disk
    return chosen


def torture(
    database: str, *, seed: int, documents: int, lives: int, only: str = "", keep: bool = False
) -> Iterator[Outcome]:
    """Run all rounds, or those whose name contains ``only``."""
    with bench_of(database, seed=seed, documents=documents, keep=keep) as bench:
        for name, run in all_rounds(database, lives).items():
            if only in name:
                yield run(bench, name)


def summary(outcomes: list[Outcome]) -> str:
    """The verdict in one line."""
    found = [outcome.findings for outcome in outcomes]
    shown = sum(len(f.paid_unknown) for f in found)
    return (
        f"documents {sum(f.documents for f in found)}, kills {sum(o.kills for o in outcomes)}, "
        f"lost {sum(len(f.lost) for f in found)}, stored twice {sum(len(f.stored_twice) for f in found)}, "
        f"paid twice {sum(len(f.paid_twice) for f in found)}, "
        f"given up {sum(len(f.given_up) for f in found)}, orphans {sum(len(f.orphans) for f in found)}"
        + (f", paid twice and shown as unknown {shown}" if shown else "")
    )


def run(database: str, *, seed: int, documents: int, lives: int, only: str, keep: bool, as_json: bool) -> int:
    """Torture and report; returns the exit code: 0 when everything but documents and kills is 0."""
    begun = time.monotonic()
    outcomes = []
    for outcome in torture(database, seed=seed, documents=documents, lives=lives, only=only, keep=keep):
        outcomes.append(outcome)
        if not as_json:
            _tell(outcome)
    failed = any(not outcome.findings.clean or outcome.problems for outcome in outcomes)
    if as_json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], ensure_ascii=False, indent=1))
    else:
        print(f"seed {seed}, {database}, {len(outcomes)} rounds, {time.monotonic() - begun:.0f} s")
        print(summary(outcomes))
    return 1 if failed or not outcomes else 0


def _tell(outcome: Outcome) -> None:
    if outcome.skipped:
        print(f"skipped   {outcome.name}: {outcome.skipped}", flush=True)
        return
    good = outcome.findings.clean and not outcome.problems
    print(f"{'ok' if good else 'NOT OK':9} {outcome.name}: {summary([outcome])}", flush=True)
    findings = outcome.findings
    for title, offenders in (
        ("lost", findings.lost),
        ("stored twice", findings.stored_twice),
        ("paid twice", findings.paid_twice),
        ("good, and given up", findings.given_up),
        ("orphan", findings.orphans),
        ("paid twice, shown as unknown", findings.paid_unknown),
        ("problem", outcome.problems),
        ("note", findings.notes),
    ):
        for offender in offenders[:MOST_SHOWN]:
            print(f"          {title}: {offender}", flush=True)
        if len(offenders) > MOST_SHOWN:
            print(f"          {title}: and {len(offenders) - MOST_SHOWN} more, see --json", flush=True)
