"""The commands of docs/BACKUP.md run as printed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Shell, checkout, database, environment, shell
from tests.paper import pdf_of

__all__ = ["checkout", "database", "environment", "shell"]

PAGE = (ROOT / "docs" / "BACKUP.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)


def test_the_page_backs_up_rehearses_restores_and_reads_with_plain_tools(
    checkout: Path, shell: Shell
) -> None:
    if shutil.which("sqlite3") is None:
        pytest.skip("sqlite3 is not installed")
    (checkout / "test.pdf").write_bytes(pdf_of())
    assert shell("alembic upgrade head && python3 -m src.processor --file test.pdf").returncode == 0
    nightly, restoring, plain_tar, plain_copy = BLOCKS

    made = shell(nightly)
    assert made.returncode == 0, made.stderr
    assert "is good: 1 documents" in made.stdout
    (archive,) = (checkout / "backups").glob("*.tar")
    archive.rename(archive.with_name("paper_autopilot_20261126_030000.tar"))

    copied = shell(plain_copy.splitlines()[0])  # pg_dump is run where there is a server
    assert copied.returncode == 0, copied.stderr

    assert shell("mkdir aside && mv paper_autopilot.db* processed aside/").returncode == 0
    restored = shell(restoring)
    assert restored.returncode == 0, restored.stderr
    assert "agree" in restored.stdout

    assert shell("rm paper_autopilot.db").returncode == 0
    unpacked = shell(plain_tar)
    assert unpacked.returncode == 0, unpacked.stderr
    assert shell("python3 -m autod check").returncode == 0
