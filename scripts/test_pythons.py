"""``make test-pythons``: set-up, demo, quick start and the durable tests under every Python that is here.

Each Python gets a copy of the project, in a folder with an umlaut and a space in its path, and works there
in the C locale. One of them then does the tests once more with the oldest SQLite that serves. Standard
library only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autod.cli.surprises import guarded

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "pythons"
MINORS = (11, 12, 13, 14)
LEFT_OUT = (".git", ".venv", "build", "node_modules", "out", "__pycache__", ".*_cache", ".hypothesis", "*.db")
TESTS = (
    "tests/e2e/test_quick_start.py",
    "tests/db/test_sqlite_abilities.py",
    "tests/durable/test_recovery.py",
    "tests/durable/test_handout.py",
    "tests/alerts/test_channels.py",
)
LONGEST_SECONDS = 1200
AT_A_TIME = 2
"""Set-up waits for the network and then works on one core."""

OLD_SQLITE = "3.35.2"
SOURCE = "better-sqlite3@7.4.0"
"""A package that carries that version's source; of the package nothing else is used."""
SOURCE_SHA256 = "d926a8d2da36f42ae1b004553b8412de3b82db5e2894b61e2ed88a123b5adfa3"
FEATURES = ("FTS5", "JSON1", "DESERIALIZE", "COLUMN_METADATA", "RTREE", "DBSTAT_VTAB")
"""Those with which Debian and Python build it."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", metavar="3.12", help="this Python alone, without the oldest SQLite")
    only: str | None = parser.parse_args().only
    found = {version: python for version, python in pythons() if only in (None, version)}
    print(f"Pythons that serve: {', '.join(found) or 'none'}", flush=True)
    if len(found) < 2 and only is None:
        print("test-pythons: fewer than two; install another one to compare", flush=True)
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        tries = [pool.submit(tried, version, python) for version, python in found.items()]
        library = pool.submit(old_sqlite, PLACE / f"sqlite-{OLD_SQLITE}") if found and only is None else None
        good = all(each.result() for each in tries)
        older = library.result() if library is not None else None
    if older is not None:
        version = next(reversed(found))
        print(f"SQLite {OLD_SQLITE} under Python {version}", flush=True)
        good &= tested(place_of(version), {"LD_LIBRARY_PATH": str(older)})
    print("test-pythons: all well" if good and found else "test-pythons: FAILED", flush=True)
    return 0 if good and found else 1


def tried(version: str, python: str) -> bool:
    """All that is done under one Python; what fails ends it."""
    place = place_of(version)
    return prepared(place, python) and demonstrated(place) and tested(place, {})


def place_of(version: str) -> Path:
    return PLACE / f"Größe {version}" / "autoD"


def pythons() -> Iterator[tuple[str, str]]:
    """Version and path of one Python of each minor version that works."""
    for minor in MINORS:
        name = f"python3.{minor}"
        kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"3.{minor}.*/bin/python"))
        for candidate in (name, *map(str, reversed(kept))):
            tried = subprocess.run(
                ["sh", str(ROOT / "scripts" / "find_python.sh")],
                env={**os.environ, "PYTHON": candidate},
                capture_output=True,
                text=True,
                check=False,
            )
            if tried.returncode == 0:
                yield f"3.{minor}", tried.stdout.strip()
                break


def prepared(place: Path, python: str) -> bool:
    """Copy the project as it is here, and set it up anew unless that was done for the same pins."""
    kept = place / ".venv"
    for old in place.iterdir() if place.exists() else ():
        if old != kept:
            shutil.rmtree(old) if old.is_dir() and not old.is_symlink() else old.unlink()
    shutil.copytree(ROOT, place, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return done(f"set-up with {python}", place, ["make", ".venv/ready"], {"PYTHON": python})


def demonstrated(place: Path) -> bool:
    return done("demo", place, ["make", "demo"], {})


def tested(place: Path, variables: dict[str, str]) -> bool:
    """Quick start and durable tests on SQLite; PostgreSQL has its turn in ``make test``."""
    python = str(place / ".venv" / "bin" / "python")
    command = [python, "-m", "pytest", "-n", "2", "-k", "not postgres", *TESTS]
    return done("tests", place, command, variables)


def done(what: str, place: Path, command: list[str], variables: dict[str, str]) -> bool:
    """Run it in the C locale; says how it went, and on failure how it ended."""
    begun = time.monotonic()
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "LC_"))
    }
    try:
        ran = subprocess.run(
            command,
            cwd=place,
            env={**kept, "LC_ALL": "C", "NO_COLOR": "1", **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            timeout=LONGEST_SECONDS,
        )
        output, failed = ran.stdout, ran.returncode != 0
    except subprocess.TimeoutExpired as late:
        output, failed = str(late), True
    told = f"  {place.parent.name}: {what} {'FAILED' if failed else 'ok'}, {time.monotonic() - begun:.0f} s"
    print("\n".join([told, *(output.splitlines()[-60:] if failed else ())]), flush=True)
    return not failed


def old_sqlite(folder: Path) -> Path | None:
    """A folder with the oldest SQLite that serves, from source; None, with a word, where it cannot be had."""
    if (folder / "libsqlite3.so.0").exists():
        return folder
    lacking = [tool for tool in ("npm", "gcc") if shutil.which(tool) is None]
    if lacking or not sys.platform.startswith("linux"):
        print(
            f"test-pythons: not tried with SQLite {OLD_SQLITE}: no {' and '.join(lacking) or 'Linux'}",
            flush=True,
        )
        return None
    folder.mkdir(parents=True, exist_ok=True)
    try:
        packed = subprocess.run(
            ["npm", "pack", SOURCE, "--silent"],
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
        archive = folder / packed.stdout.split()[-1]
        if hashlib.sha256(archive.read_bytes()).hexdigest() != SOURCE_SHA256:
            print(
                f"test-pythons: not tried with SQLite {OLD_SQLITE}: its source is not what it was", flush=True
            )
            return None
        with tarfile.open(archive) as outer:
            inner = outer.extractfile("package/deps/sqlite3.tar.gz")
            with tarfile.open(fileobj=inner) as source:
                source.extractall(folder, filter="data")
        build = ["gcc", "-shared", "-fPIC", "-O1", "-DSQLITE_THREADSAFE=1"]
        build += [f"-DSQLITE_ENABLE_{feature}" for feature in FEATURES]
        build += [
            "-Wl,-soname,libsqlite3.so.0",
            "-o",
            "libsqlite3.so.0",
            "sqlite3.c",
            "-lpthread",
            "-ldl",
            "-lm",
        ]
        subprocess.run(build, cwd=folder, check=True, capture_output=True, timeout=600)
    except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
        print(f"test-pythons: not tried with SQLite {OLD_SQLITE}: {type(error).__name__}", flush=True)
        return None
    return folder


if __name__ == "__main__":
    sys.exit(guarded(main))
