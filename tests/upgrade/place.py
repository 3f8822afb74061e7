"""Sets an installation up again that ``leave.py`` left behind, in a folder of its own.

Absolute paths stand in its database. The folder's name is as long as the one that it was left in, so that
they can be put right inside a SQLite file, too.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres

INSTALLATIONS = Path(__file__).parent / "installations"
PLACE = Path("/tmp/paper-autopilot-installation-00000000")
EXECUTOR = "example:1"
"""No machine's name belongs into an archive for everybody."""

DATABASE, DUMP, HASHES = "paper_autopilot.db", "paper_autopilot.sql", "hashes.json"


def hash_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """The installation's folder, its paths put right; gone again afterwards."""
    place = PLACE.with_name(PLACE.name[:-8] + secrets.token_hex(4))
    place.mkdir()
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(place, filter="data")
        for name in (DATABASE, DUMP):
            if (place / name).exists():
                content = (place / name).read_bytes()
                (place / name).write_bytes(content.replace(bytes(PLACE), bytes(place)))
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def bring_back(place: Path, url: str) -> None:
    """Fill the empty PostgreSQL database with the installation's."""
    subprocess.run(
        [postgres.client_programs() / "psql", "-q", "-v", "ON_ERROR_STOP=1", url],
        input=(place / DUMP).read_bytes(),
        check=True,
        capture_output=True,
    )


def hashes_in(place: Path) -> list[str]:
    """Of everything that was ever handed in."""
    hashes: list[str] = json.loads((place / HASHES).read_text())
    return hashes
