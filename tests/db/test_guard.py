"""One process per database file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autod.db.guard import single_process, sole_worker
from autod.errors import DatabaseError

HOLD = "import sys, pathlib; from autod.db.guard import single_process\n" \
    "with single_process(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"  # fmt: skip


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    database = tmp_path / "a.db"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(database)],
        cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(DatabaseError) as caught, single_process(database):
            pass
        holder.kill()
    assert caught.value.code == "database_in_use"
    assert str(holder.pid) in caught.value.message
    with single_process(database):
        pass


@pytest.mark.parametrize("held", ["work/process", "paper.db"])
def test_who_is_refused_is_told_what_is_in_use_by_its_path(tmp_path: Path, held: str) -> None:
    work, database = tmp_path / "work", tmp_path / "paper.db"
    work.mkdir()
    place = {"work/process": f"the archive of {work}", "paper.db": f"the database {database}"}[held]
    with (
        single_process(tmp_path / held),
        pytest.raises(DatabaseError) as caught,
        sole_worker(work, database),
    ):
        pass
    assert caught.value.message == f"another process (pid {os.getpid()}) is working on {place}"


def test_the_lock_lies_beside_the_database_and_names_us(tmp_path: Path) -> None:
    with single_process(tmp_path / "a.db"):
        assert (tmp_path / "a.db.lock").read_text() == f"pid {os.getpid()}\n"


def test_two_databases_do_not_mind_each_other(tmp_path: Path) -> None:
    with single_process(tmp_path / "a.db"), single_process(tmp_path / "b.db"):
        assert (tmp_path / "b.db.lock").exists()


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), single_process(tmp_path / "a.db"):
        raise RuntimeError
    with single_process(tmp_path / "a.db"):
        pass


def test_a_folder_that_is_missing_is_explained(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError) as caught, single_process(tmp_path / "no" / "a.db"):
        pass
    assert str(tmp_path / "no") in caught.value.next_step
