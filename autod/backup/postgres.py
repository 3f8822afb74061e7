"""PostgreSQL's own programs: found on PATH, never given a password where others can read it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import sqlalchemy as sa

from autod.codes import Code
from autod.errors import BackupError

LONGEST_MESSAGE = 200
OURS = ("PAPER_AUTOPILOT_", "OPENAI_")


def require_tool(name: str, url: str) -> str:
    """The path of ``pg_dump`` or ``pg_restore``, at least as new as the server behind ``url``.

    Raises:
        BackupError: code ``backup_tool_missing`` or ``backup_tool_old``.
        DatabaseError: the server cannot be reached.
    """
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} is not installed",
            code=Code.BACKUP_TOOL_MISSING,
            next_step="Install PostgreSQL's client programs (Debian: postgresql-client).",
        )
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - our tool
    version = re.search(r"\b(\d+)(?:\.\d+|devel|beta|rc)", answer.stdout)
    server = server_major(url)
    if version is None or int(version.group(1)) < server:
        have = version.group(1) if version else "unknown"
        raise BackupError(
            f"{name} is of version {have}, and the server of version {server}",
            code=Code.BACKUP_TOOL_OLD,
            next_step=f"Install the client programs of version {server} and put them first on PATH.",
        )
    return found


def server_major(url: str) -> int:
    """The server's main version, such as 16."""
    from autod.db.engine import create_engine, translate

    engine = create_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return int(connection.scalar(sa.text("SHOW server_version_num")) or 0) // 10_000
    except sa.exc.SQLAlchemyError as error:
        raise translate(error) from None
    finally:
        engine.dispose()


def dump(url: str, target: Path, *, snapshot: str) -> None:
    """Write the database as it is in an exported snapshot, in the custom format.

    Raises:
        BackupError: code ``backup_dump_failed``, with the program's own first words.
    """
    program = require_tool("pg_dump", url)
    descriptor = os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        done = subprocess.run(  # noqa: S603 - our tool, arguments are ours
            [
                program,
                "--format=custom",
                f"--snapshot={snapshot}",
                "--no-password",
                "--dbname",
                _address(url),
            ],
            env=_environment(url),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.PIPE,
            check=False,
        )
    if done.returncode:
        raise BackupError(
            f"pg_dump failed: {_first_words(done.stderr)}",
            code=Code.BACKUP_DUMP_FAILED,
            next_step="Back up as the database's owner, or grant the role what docs/BACKUP.md lists.",
        )


def load(url: str, dumped: Path) -> None:
    """Fill an empty database from a dump: all of it or nothing. What is made belongs to the URL's role.

    Raises:
        BackupError: code ``restore_load_failed``.
    """
    program = require_tool("pg_restore", url)
    done = subprocess.run(  # noqa: S603 - our tool, arguments are ours
        [
            program,
            "--single-transaction",
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            "--no-password",
            "--dbname",
            _address(url),
            str(dumped),
        ],
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        raise BackupError(
            f"pg_restore failed, and nothing was loaded: {_first_words(done.stderr)}",
            code=Code.RESTORE_LOAD_FAILED,
            next_step="Restore as the owner of an empty database, on a server that is not older.",
        )


def _address(url: str) -> str:
    """The connection string without its password, for the command line."""
    from psycopg.conninfo import make_conninfo

    parts = _parts(url)
    parts.pop("password", None)
    return make_conninfo("", **parts)


def _environment(url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    password = _parts(url).get("password")
    return {**kept, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}


def _parts(url: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return {name: str(value) for name, value in conninfo_to_dict(plain).items() if value is not None}


def _first_words(output: bytes) -> str:
    """The first line of what the program said; the following ones quote rows."""
    lines = output.decode("utf-8", "replace").splitlines()
    chosen = next((line for line in lines if "error:" in line), lines[0] if lines else "no reason given")
    return "".join(character if character.isprintable() else " " for character in chosen)[:LONGEST_MESSAGE]
