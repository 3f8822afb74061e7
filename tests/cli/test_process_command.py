"""``autod process`` and the paths that it is given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autod import config
from autod.cli.main import cli
from autod.db.guard import single_process
from autod.db.schema import upgrade
from autod.errors import UsageError
from tests.paper import pdf_of


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with an archive's database and a document that may be processed."""
    upgrade(f"sqlite:///{tmp_path / 'paper_autopilot.db'}")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.pdf").write_bytes(pdf_of())
    (tmp_path / ".autod").mkdir()
    config.get_config.cache_clear()
    yield tmp_path
    config.get_config.cache_clear()


@pytest.mark.parametrize("daemon", [False, True], ids=["alone", "beside a daemon"])
@pytest.mark.parametrize("more", [[], ["--batch"]], ids=["now", "batch"])
@pytest.mark.parametrize("wrong", ["nosuch.pdf", "no/such.pdf", "good.pdf/x.pdf"])
def test_a_mistyped_path_is_a_wrong_call_before_anything_is_done(
    place: Path, wrong: str, more: list[str], daemon: bool
) -> None:
    def call() -> BaseException | None:
        return CliRunner().invoke(cli, ["process", "good.pdf", wrong, *more]).exception

    if daemon:
        with single_process(place / ".autod" / "process"):
            said = call()
    else:
        said = call()
    assert isinstance(said, UsageError)
    assert (said.code, said.exit_code) == ("no_such_file", 2)
    assert wrong in said.message and "Check the path" in said.next_step
    assert not (place / "processed").exists() and not (place / "inbox").exists()
