"""A SQLite file that cannot be read is told as what it is, and never as a server's trouble."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autod.assembly.archive import plan_folders, require_schema, utc_now
from autod.cli.main import cli
from autod.config import Settings, get_config
from autod.db.manager import DatabaseManager
from autod.db.schema import SchemaState, upgrade
from autod.errors import DatabaseError
from autod.files.marks import marked_folders, write_mark
from autod.health import State, examine
from tests.settings import settings_in

PAGE = 4096
Damage = Callable[[bytes], bytes]


def noise(seed: int, size: int) -> bytes:
    return random.Random(seed).randbytes(size)  # noqa: S311 - the same damage each time


DAMAGES: dict[str, Damage] = {
    "first page zeroed": lambda was: bytes(PAGE) + was[PAGE:],
    "random bytes": lambda was: noise(1, len(was)),
    "another file's content": lambda was: b"certainly no database\n" * (len(was) // 22),
    "truncated in the middle": lambda was: was[: len(was) // 2],
    "truncated after the first page": lambda was: was[:PAGE],
    "truncated in the header": lambda was: was[:60],
    "all but the header random": lambda was: was[:100] + noise(2, len(was) - 100),
    "all but the first page zeroed": lambda was: was[:PAGE] + bytes(len(was) - PAGE),
    "all but the first page random": lambda was: was[:PAGE] + noise(3, len(was) - PAGE),
}


@pytest.fixture(params=DAMAGES, ids=str)
def damaged(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Settings with a database that was current until something happened to its file."""
    file = tmp_path / "paper.db"
    upgrade(f"sqlite:///{file}")
    file.write_bytes(DAMAGES[request.param](file.read_bytes()))
    settings = settings_in(tmp_path, f"sqlite:///{file}")
    settings.inbox_dir.mkdir()
    return settings


@pytest.fixture
def command_line(damaged: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("PAPER_AUTOPILOT_DB_URL", damaged.paper_autopilot_db_url)
    for name in ("inbox_dir", "work_dir", "processed_dir", "failed_dir", "log_file"):
        monkeypatch.setenv(f"PAPER_AUTOPILOT_{name.upper()}", str(getattr(damaged, name)))
    get_config.cache_clear()
    yield damaged
    get_config.cache_clear()


def test_a_damaged_file_is_told_as_damaged_with_the_backup_to_restore(damaged: Settings) -> None:
    with DatabaseManager(damaged.paper_autopilot_db_url) as manager:
        assert manager.schema_state() is SchemaState.UNREACHABLE
        with pytest.raises(DatabaseError) as caught:
            require_schema(manager, damaged)
    assert caught.value.code == "database_damaged"
    assert "Restore the last backup" in caught.value.next_step


def test_health_tells_of_damage_and_never_of_a_server(damaged: Settings) -> None:
    check = examine(damaged, utc_now()).check("Database")
    assert check.state is State.FAILED
    assert "[database_damaged]" in check.detail and "Restore the last backup" in check.next_step
    assert "server" not in check.detail + check.next_step


@pytest.mark.parametrize("command", ["list", "check", "run", "process", "stats", "backup"])
def test_every_command_tells_of_damage(command_line: Settings, command: str) -> None:
    result = CliRunner().invoke(cli, [command])
    assert isinstance(result.exception, DatabaseError)
    assert result.exception.code == "database_damaged"


@pytest.mark.parametrize("place", ["folder", "no folder", "a file as folder"])
def test_a_path_that_holds_no_file_is_told_by_its_folder_and_not_as_a_server(
    tmp_path: Path, place: str
) -> None:
    file = tmp_path / "there" / "paper.db"
    if place == "folder":
        file.mkdir(parents=True)
    elif place == "a file as folder":
        file.parent.touch()
    settings = settings_in(tmp_path, f"sqlite:///{file}")
    with DatabaseManager(settings.paper_autopilot_db_url) as manager, pytest.raises(DatabaseError) as caught:
        require_schema(manager, settings)
    said = caught.value
    assert said.code == "database_unavailable"
    assert "server" not in said.message + said.next_step
    assert place == "folder" or str(file.parent) in said.message


def test_a_missing_database_beside_an_archive_s_documents_is_no_new_installation(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, f"sqlite:///{tmp_path}/paper.db")
    filed = settings.processed_dir / "2026" / "invoice" / "a.PDF"

    def said() -> DatabaseError:
        with DatabaseManager(settings.paper_autopilot_db_url) as manager:
            with pytest.raises(DatabaseError) as caught:
                require_schema(manager, settings)
            check = examine(settings, utc_now()).check("Database")
        assert caught.value.code == "schema_empty"
        assert check.next_step == caught.value.next_step
        return caught.value

    assert said().next_step.startswith("Run `alembic upgrade head`")
    filed.parent.mkdir(parents=True)
    assert said().next_step.startswith("Run `alembic upgrade head`")
    filed.touch()
    found = said()
    assert str(settings.processed_dir) in found.message
    assert found.next_step.startswith("Point PAPER_AUTOPILOT_DB_URL at the archive's database")
    assert found.next_step.index("restore a backup") < found.next_step.index("alembic upgrade head")
    assert found.next_step.index("alembic upgrade head") < found.next_step.index("autod check --repair")


@pytest.mark.parametrize("folder", ["processed", "failed", "claimed", "inbox"])
def test_a_mark_alone_tells_that_there_was_an_archive(
    tmp_path: Path, empty_database_url: str, folder: str
) -> None:
    settings = settings_in(tmp_path, empty_database_url)
    write_mark(marked_folders(plan_folders(settings))[folder], "0" * 32)
    with DatabaseManager(empty_database_url) as manager, pytest.raises(DatabaseError) as caught:
        require_schema(manager, settings)
    assert caught.value.code == "schema_empty"
    assert "Point PAPER_AUTOPILOT_DB_URL" in caught.value.next_step
