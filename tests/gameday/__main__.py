"""``python -m tests.gameday``: break a running system in ten ways and mend it by the runbook."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from tests.gameday.corrupt_index import CorruptIndex
from tests.gameday.cost_spike import CostSpike
from tests.gameday.database_down import DatabaseDown
from tests.gameday.disk_full import DiskFull
from tests.gameday.drill import Drill, Verdict, play
from tests.gameday.key_revoked import KeyRevoked
from tests.gameday.lost_inbox import LostInbox
from tests.gameday.poison_file import PoisonFile
from tests.gameday.rate_limited import RateLimited
from tests.gameday.vector_store_failing import VectorStoreFailing
from tests.gameday.wrong_clock import WrongClock
from tests.torture.system import Launcher

DRILLS: Sequence[Drill] = (
    DatabaseDown(),
    DiskFull(),
    KeyRevoked(),
    RateLimited(),
    VectorStoreFailing(),
    PoisonFile(),
    CostSpike(),
    WrongClock(),
    LostInbox(),
    CorruptIndex(),
)


def main() -> int:
    names = ", ".join(drill.name for drill in DRILLS)
    parser = argparse.ArgumentParser(prog="python -m tests.gameday", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help=f"only those that contain TEXT: {names}")
    chosen = [drill for drill in DRILLS if parser.parse_args().only in drill.name]
    begun = time.monotonic()
    verdicts = []
    with Launcher() as launcher:
        for drill in chosen:
            verdicts.append(play(drill, launcher))
            tell(verdicts[-1])
    failed = [verdict.name for verdict in verdicts if not verdict.passed]
    skipped = [verdict.name for verdict in verdicts if verdict.skipped]
    passed = len(verdicts) - len(failed) - len(skipped)
    print(
        f"{passed} of {len(verdicts)} drills passed, {len(skipped)} skipped, {time.monotonic() - begun:.0f} s"
    )
    documents = sum(verdict.findings.documents for verdict in verdicts)
    lost = sum(len(verdict.findings.lost) for verdict in verdicts)
    paid_twice = sum(len(verdict.findings.paid_twice) for verdict in verdicts)
    print(f"documents {documents}, lost {lost}, paid twice {paid_twice}")
    return 1 if failed or not verdicts else 0


def tell(verdict: Verdict) -> None:
    """One line, and one more for everything that is not as it should be."""
    if verdict.skipped:
        print(f"skipped   {verdict.name}: {verdict.skipped}", flush=True)
        return
    told = "; ".join(verdict.signals) or "no signal"
    print(
        f"{'ok' if verdict.passed else 'NOT OK':9} {verdict.name}: {told}; mended by "
        f"{', '.join(verdict.steps) or 'nothing'}; {verdict.seconds:.0f} s",
        flush=True,
    )
    findings = verdict.findings
    for title, offenders in (
        ("problem", verdict.problems),
        ("lost", findings.lost),
        ("stored twice", findings.stored_twice),
        ("paid twice", findings.paid_twice),
        ("orphan", findings.orphans),
        ("note", findings.notes),
    ):
        for offender in offenders[:8]:
            print(f"          {title}: {offender}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
