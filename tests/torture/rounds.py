"""The rounds: each drops paper, makes one kind of thing go wrong, and hands over an idle system."""

from __future__ import annotations

import contextlib
import random
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.torture.auditor import Findings
from tests.torture.databases import Database
from tests.torture.faults import Do, Fault
from tests.torture.paper import Sheet, good, poison
from tests.torture.payee import Payee
from tests.torture.points import ACROSS, PULLS, Bait, Pull
from tests.torture.power import Disk
from tests.torture.scanner import (
    PAUSING,
    TAKEN_SECONDS,
    Job,
    Scanner,
    Style,
    start_writing,
    until_taken,
)
from tests.torture.system import Launcher, Life, System

SETTLE_SECONDS = 60.0
RECOVER_SECONDS = 30.0
REACH_SECONDS = 20.0
OTHER_PLACES = (Path("/dev/shm"), Path("/var/tmp"))
"""One of them is often on another file system than the rest."""
SMALL_DISK_MB = 48
FLEET = 3
NOTICED_SECONDS = 30.0
"""A busy machine lets the daemon say it late."""


@dataclass(slots=True)
class Outcome:
    """What a round found. ``problems`` are the torture's own: a point that was not reached."""

    name: str
    kills: int
    findings: Findings
    problems: list[str] = field(default_factory=list)
    skipped: str = ""


@dataclass(slots=True)
class Bench:
    """What all rounds share."""

    launcher: Launcher
    database: Database
    folder: Path
    chance: random.Random
    documents: int
    _numbers: int = 0

    def number(self) -> int:
        """A number that no other document of this run has."""
        self._numbers += 1
        return self._numbers

    def system(
        self,
        *,
        inbox: Path | None = None,
        archive: Path | None = None,
        patience: float = 1.0,
        payee: Payee | None = None,
        fleet: bool = False,
        power_cuts: bool = False,
        blind: bool = False,
    ) -> System:
        folder = Path(tempfile.mkdtemp(prefix="round-", dir=self.folder))
        system = System(
            self.launcher,
            self.database.fresh(folder),
            folder,
            inbox or folder / "inbox",
            archive or folder,
            patience,
            payee,
            fleet,
            blind=blind,
        )
        if power_cuts:
            journal = Path(tempfile.mkdtemp(prefix="journal-", dir=self.folder))
            roots = (system.folder, system.inbox, system.archive)
            chance = random.Random(self.chance.random())  # noqa: S311 - repeatable, keeps no secret
            system.disk = Disk(journal, roots, chance)
        return system

    def finish(self, name: str, system: System, problems: list[str], *, log_complete: bool = True) -> Outcome:
        """Start once without faults, wait until idle, audit."""
        stuck = system.settle(SETTLE_SECONDS)
        findings = system.audit(log_complete=log_complete)
        findings.orphans.extend(f"the clean start: {what}" for what in stuck)
        return Outcome(name, system.kills, findings, problems)


def pull_the_plug(bench: Bench, name: str, pulls: Sequence[Pull], system: System | None = None) -> Outcome:
    """One life for each pull: drop its bait, start the daemon, see it die exactly there."""
    system = system or bench.system()
    problems = []
    for pull in pulls:
        lay_bait(bench, system, pull)
        life = system.start((*pull.first, pull.kill))
        system.wait_for(system.idle, life, REACH_SECONDS + (TAKEN_SECONDS if system.writers else 0))
        if life.ended(2) and life.killed():
            system.kills += 1
        else:
            problems.append(f"{pull.name} was not reached")
            life.kill()
        system.cut_power()
    return bench.finish(name, system, problems)


def lay_bait(bench: Bench, system: System, pull: Pull) -> None:
    number = bench.number()
    if pull.bait in (Bait.HELD, Bait.APPENDED):
        lay_unfinished(system, f"{number:04d}.pdf", good(number), pull.bait)
        return
    kind, first_name = pull.bait, f"{number:04d}-{pull.name.replace(':', '-').replace('#', '-')}"
    sheet = good(number) if kind in (Bait.GOOD, Bait.TWINS) else poison(number * 4 + 1)
    names = [first_name, f"{first_name} again"] if kind in (Bait.TWINS, Bait.POISON_TWINS) else [first_name]
    for name in names:
        system.drop(f"{name}.pdf", sheet)


def lay_unfinished(system: System, name: str, sheet: Sheet, bait: Bait) -> None:
    """Half a file, whose writer goes on as soon as it was taken."""
    style = Style.HELD if bait is Bait.HELD else Style.APPENDED
    first = sheet.content[: len(sheet.content) // 2]
    start_writing(system, Job(name, sheet, style), lambda: until_taken(system, first))


def random_plug(
    bench: Bench, name: str, *, lives: int, payee: Payee | None = None, blind: bool = False
) -> Outcome:
    """Paper keeps arriving while the daemon is killed, or told to stop, at any moment.

    ``blind``: nothing tells who writes, and nobody is patient: much is taken before it is finished.
    """
    system = bench.system(patience=0.5 if blind else 4, payee=payee, blind=blind)
    jobs = [job_of(bench, index) for index in range(bench.documents)]
    scanner = Scanner(system, jobs, bench.chance.randrange(1 << 30), pace=lives * 0.8 / max(1, len(jobs)))
    scanner.start()
    problems = []
    for _ in range(lives):
        life = system.start()
        if life.ended(bench.chance.uniform(0.2, 3.0)):
            problems.append(f"the daemon ended by itself with {life.last_words()}")
        elif bench.chance.random() < 0.25:
            watching = life.watching()
            code = life.terminate()
            if watching and code != 0:
                problems.append(f"SIGTERM ended the daemon with {code}")
        else:
            life.kill()
            system.kills += 1
    life = system.start()
    system.wait_for(scanner.done, life, SETTLE_SECONDS)
    scanner.stop()
    life.kill()
    system.kills += 1
    return bench.finish(name, system, problems)


def fleet_plug(bench: Bench, name: str, *, lives: int, payee: Payee | None = None) -> Outcome:
    """Three daemons on one database are killed at any moment; the first that dies never comes back."""
    system = bench.system(patience=4, fleet=True, payee=payee)
    jobs = [job_of(bench, index) for index in range(bench.documents)]
    scanner = Scanner(system, jobs, bench.chance.randrange(1 << 30), pace=lives * 0.8 / max(1, len(jobs)))
    crew = {number: system.start(worker=number) for number in range(FLEET)}
    scanner.start()
    problems = []
    for turn in range(lives):
        number = bench.chance.choice(sorted(crew))
        if crew[number].ended(bench.chance.uniform(0.5, 3.0)):
            problems.append(f"daemon {number} ended by itself with {crew[number].last_words()}")
        else:
            crew[number].kill()
            system.kills += 1
        if turn == 0:
            del crew[number]
        else:
            crew[number] = system.start(worker=number)
    system.wait_for(scanner.done, next(iter(crew.values())), SETTLE_SECONDS)
    scanner.stop()
    for life in crew.values():
        life.kill()
        system.kills += 1
    return bench.finish(name, system, problems)


def job_of(bench: Bench, index: int) -> Job:
    number = bench.number()
    if index % 10 == 9:
        return Job(f"bad-{number}.pdf", poison(number), Style.RENAMED)
    if index % 3 == 2:
        return Job("scan.pdf", good(number), Style.NAME_REUSED)
    if index % 3 == 1:
        style = bench.chance.choice(PAUSING)
        anew = style in (Style.REWRITTEN, Style.IN_PLACE)
        return Job(f"slow-{number}.pdf", good(number), style, good(bench.number()) if anew else None)
    return Job(f"good-{number}.pdf", good(number), bench.chance.choice((Style.RENAMED, Style.IN_BURSTS)))


def crowd(bench: Bench, name: str) -> Outcome:
    """25 poison files in front of good ones, and 16 identical files at once; two kills among them."""
    system = bench.system()
    for index in range(25):
        system.drop(f"a-bad-{index:02d}.pdf", poison(bench.number() * 4 + index))
    twin = good(bench.number())
    for index in range(16):
        system.drop(f"twin-{index:02d}.pdf", twin)
    for _ in range(max(5, bench.documents // 4)):
        number = bench.number()
        system.drop(f"good-{number}.pdf", good(number))
    for _ in range(2):
        life = system.start()
        if not life.ended(bench.chance.uniform(1.0, 3.0)):
            life.kill()
            system.kills += 1
    return bench.finish(name, system, [])


def passing(
    bench: Bench,
    name: str,
    faults: Sequence[Fault] = (),
    *,
    around: Callable[[System], contextlib.AbstractContextManager[None]] | None = None,
    system: System | None = None,
    log_complete: bool = True,
) -> Outcome:
    """Something is wrong for a while; the same daemon must get over it, without a restart.

    Args:
        around: makes the trouble from outside, some seconds long.
    """
    system = system or bench.system()
    chosen = [good(bench.number()) for _ in range(6)]
    chosen += [poison(bench.number() * 4 + index) for index in (1, 3)]
    for index, sheet in enumerate(chosen[::2]):
        system.drop(f"{name.replace(' ', '-')}-early-{index}.pdf", sheet)
    life = system.start(faults)
    problems: list[str] = []
    if around is not None:
        _let_it_work(system, life)
        with around(system):
            for index, sheet in enumerate(chosen[1::2]):
                system.drop(f"{name.replace(' ', '-')}-late-{index}.pdf", sheet)
            life.ended(3)
    else:
        for index, sheet in enumerate(chosen[1::2]):
            system.drop(f"{name.replace(' ', '-')}-late-{index}.pdf", sheet)
    recovered = system.wait_for(lambda: life.watching() and system.idle(), life, RECOVER_SECONDS)
    ended = life.ended(0)
    life.terminate()
    outcome = bench.finish(name, system, problems, log_complete=log_complete)
    if ended:
        outcome.findings.orphans.append(f"the daemon ended by itself with {life.last_words()}")
    elif not recovered:
        outcome.findings.orphans.append(f"stuck until the restart, {RECOVER_SECONDS:g} s after the trouble")
    return outcome


def _let_it_work(system: System, life: Life) -> None:
    """Wait until the first document is known, so that trouble meets work in flight."""
    from tests.torture.tables import known_hashes

    system.wait_for(lambda: bool(known_hashes(system.url)), life, REACH_SECONDS)


DAY = 86400.0
PASSING: dict[str, tuple[Fault, ...]] = {
    "disk full while claiming": (Fault("custody._copy:before", Do.NO_SPACE, seconds=2),),
    "disk full while filing": (Fault("link:processed", Do.NO_SPACE, seconds=2),),
    "disk full in failed": (Fault("link:failed", Do.NO_SPACE, seconds=2),),
    "disk error on the move": (Fault("link:processed", Do.DISK_ERROR, seconds=2),),
    "disk error on removal": (Fault("unlink:inbox", Do.DISK_ERROR, seconds=2),),
    "inbox cannot be listed": (Fault("scandir:inbox", Do.DISK_ERROR, nth=2, seconds=2),),
    "inbox cannot be read": (Fault("open:inbox", Do.DISK_ERROR, nth=2, seconds=2),),
    "inbox is slow": (
        Fault("open:inbox", Do.STALL, amount=0.2, seconds=3),
        Fault("scandir:inbox", Do.STALL, amount=0.2, seconds=3),
    ),
    "clock a day ahead": (Fault("step:read:after", Do.JUMP, nth=2, amount=DAY),),
    "clock a day back": (Fault("step:read:after", Do.JUMP, nth=2, amount=-DAY),),
    "clock ahead and back": (
        Fault("reader:call", Do.KILL_READER, nth=2),
        Fault("step:postpone:before", Do.JUMP, amount=DAY),
        Fault("step:postpone:after", Do.JUMP, amount=-DAY),
    ),
    "reader killed": tuple(Fault("reader:call", Do.KILL_READER, nth=n, amount=0.02) for n in (1, 2, 4, 7)),
}


LOOKED_BEFORE_THE_CLAIM = "custody.sha256_of:after"
LOOKED_BEFORE_THE_REMOVAL = "custody._aside:after"


def replaced(bench: Bench, name: str, looked: str) -> Outcome:
    """The scanner renames new bytes over an inbox file between our look at it and what we do next.

    Before the claim the old bytes are the scanner's loss.
    """
    system = bench.system()
    old, new = good(bench.number()), good(bench.number())
    spare = system.folder / "spare.pdf"
    spare.write_bytes(new.content)
    system.drop("scan.pdf", old)
    life = system.start([Fault(looked, Do.REPLACE)])
    system.wait_for(lambda: not spare.exists() and system.idle(), life, RECOVER_SECONDS)
    life.kill()
    problems = [f"{looked} was not reached"] if spare.exists() else []
    if looked == LOOKED_BEFORE_THE_CLAIM:
        system.drops.clear()
    if not problems:
        system.drops.append(new.named("scan.pdf"))
    return bench.finish(name, system, problems)


@contextlib.contextmanager
def held(bench: Bench, system: System) -> Iterator[None]:
    with bench.database.held(system.url):
        yield


@contextlib.contextmanager
def gone(bench: Bench, _: System) -> Iterator[None]:
    away = bench.database.gone()
    assert away is not None
    with away:
        yield


@contextlib.contextmanager
def small_disk() -> Iterator[Path | None]:
    """A file system of its own that is soon full; None where mounting is not permitted."""
    place = Path(tempfile.mkdtemp(prefix="autod-disk-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_MB}m", "tmpfs", str(place)], capture_output=True
    )
    try:
        yield place if done.returncode == 0 else None
    finally:
        if done.returncode == 0:
            subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


@contextlib.contextmanager
def filled(disk: Path, _: System) -> Iterator[None]:
    """Not a byte is free while the block runs."""
    ballast = disk / "ballast"
    fill_up(ballast)
    try:
        yield
    finally:
        ballast.unlink()


def fill_up(ballast: Path) -> None:
    """Write a file until not a byte more fits."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as stream:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while stream.write(b"\0" * size):
                    pass


@contextlib.contextmanager
def unmounted(name: str, system: System) -> Iterator[None]:
    """The disk of a folder is away; whatever is put onto the bare mount point is out of sight afterwards."""
    place = system.archive / name
    away, bare = place.with_name(f"{name}.away"), place.with_name(f"{name}.bare")
    place.rename(away)
    place.mkdir()
    try:
        yield
    finally:
        place.rename(bare)
        away.rename(place)


def vanished_mount(bench: Bench, name: str, folder: str) -> Outcome:
    """The disk of processed/ or failed/ goes away while work is in flight, and comes back."""
    system = bench.system()
    for kind in (good, poison):  # something lies in both folders, so that what is missing can be missed
        system.drop(f"first-{kind.__name__}.pdf", kind(bench.number() * 4 + 1))
    problems = system.settle(SETTLE_SECONDS)
    outcome = passing(bench, name, around=lambda s: unmounted(folder, s), system=system)
    outcome.problems += problems
    bare = sorted((system.archive / f"{folder}.bare").rglob("*.pdf"))
    outcome.findings.notes += [f"left on the bare mount point: {path.name}" for path in bare]
    return outcome


def replaced_database(bench: Bench, name: str, *, back: bool) -> Outcome:
    """The SQLite file is deleted under the daemon; ``back`` puts a copy of just before in its place."""
    system = bench.system()
    file = Path(system.url.removeprefix("sqlite:///"))
    for _ in range(4):
        number = bench.number()
        system.drop(f"early-{number}.pdf", good(number))
    life = system.start()
    problems = []
    if not system.wait_for(lambda: life.watching() and system.idle(), life, SETTLE_SECONDS):
        problems.append("not idle before")
    copy = file.with_name("copy.db")
    with (
        contextlib.closing(sqlite3.connect(file)) as source,
        contextlib.closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    if back:
        copy.replace(file)
    else:
        file.unlink()
    for _ in range(6):
        number = bench.number()
        system.drop(f"late-{number}.pdf", good(number))
    if not system.wait_for(lambda: system.said("database_replaced"), life, NOTICED_SECONDS):
        problems.append(f"not noticed within {NOTICED_SECONDS:g} s")
    life.ended(2)
    life.kill()
    system.kills += 1
    if not back:
        copy.replace(file)
    for end in ("-wal", "-shm"):  # of the file that is gone
        file.with_name(file.name + end).unlink(missing_ok=True)
    return bench.finish(name, system, problems)


def damaged_index(bench: Bench, name: str) -> Outcome:
    """A page of the search index is zeroed: ``check`` tells it, and the repair finds every document again."""
    system = bench.system()
    for _ in range(6):
        number = bench.number()
        system.drop(f"good-{number}.pdf", good(number))
    problems = system.settle(SETTLE_SECONDS)
    zero_page(Path(system.url.removeprefix("sqlite:///")), "search_fts_data")
    if not system.audit().lost:
        problems.append("the auditor does not see the damage")
    told = system.autod("check")
    if told.returncode != 4 or "search_damaged" not in told.stdout:
        problems.append(f"check does not tell the damage: {told.stdout[-300:]}{told.stderr[-300:]}")
    mended = system.autod("check", "--repair")
    if mended.returncode != 0:
        problems.append(f"check --repair leaves {mended.stdout[-300:]}{mended.stderr[-300:]}")
    return bench.finish(name, system, problems)


def zero_page(file: Path, table: str) -> None:
    """Overwrite the first page of a table with zeroes."""
    with contextlib.closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        query = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        [(root,)] = connection.execute(query, (table,))
    with file.open("r+b") as stream:
        stream.seek((root - 1) * size)
        stream.write(bytes(size))


def full_disk(bench: Bench, name: str) -> Outcome:
    """Everything, a SQLite database included, lies on a disk that is full for a while."""
    with small_disk() as disk:
        if disk is None:
            return Outcome(name, 0, Findings(), skipped="mounting a tmpfs is not permitted here")
        inbox = Path(tempfile.mkdtemp(prefix="inbox-", dir=bench.folder))
        system = System(bench.launcher, bench.database.fresh(disk), disk, inbox, disk)
        return passing(bench, name, around=lambda s: filled(disk, s), system=system, log_complete=False)


def elsewhere(bench: Bench, name: str) -> Outcome:
    """Inbox and archive on another file system than the claimed store: every move is a copy."""
    here = bench.folder.stat().st_dev
    other = next((place for place in OTHER_PLACES if place.is_dir() and place.stat().st_dev != here), None)
    if other is None:
        return Outcome(name, 0, Findings(), skipped="there is no second file system")
    with tempfile.TemporaryDirectory(prefix="autod-torture-", dir=other) as place:
        system = bench.system(inbox=Path(place) / "inbox", archive=Path(place) / "archive")
        return pull_the_plug(bench, name, ACROSS, system)


def all_pulls() -> dict[str, Sequence[Pull]]:
    """The pulls in chains of a dozen lives on one system."""
    chains = [PULLS[start : start + 12] for start in range(0, len(PULLS), 12)]
    return {f"plug pulled at points, part {n}": chain for n, chain in enumerate(chains, 1)}
