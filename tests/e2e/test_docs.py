"""The commands and programs in the documents run as printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Shell
from tests.paper import pdf_of

# Set-up from the network, and programs that run until stopped; other tests run these.
LEFT_OUT = re.compile(
    r"^(make |git clone|cd autoD|python3 -m venv|source |pip install|python3 run_daemon\.py)"
)


def blocks(document: str, language: str) -> list[str]:
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


@pytest.fixture
def installed(migrated: Path, shell: Shell) -> Path:
    """A checkout with one document in its archive and ``test.pdf`` lying beside it."""
    (migrated / "test.pdf").write_bytes(pdf_of())
    result = shell("python3 -m src.processor --file test.pdf")
    assert result.returncode == 0, result.stderr
    return migrated


@pytest.mark.parametrize(
    "document", ["README.md", "docs/PRIVACY.md", "docs/PROCESSOR_GUIDE.md", "docs/TROUBLESHOOTING.md"]
)
def test_every_command_of_a_document_succeeds(document: str, installed: Path, shell: Shell) -> None:
    commands = [
        line
        for block in blocks(document, "bash")
        for line in block.splitlines()
        if line and not LEFT_OUT.match(line)
    ]
    assert commands
    failed = {}
    for command in commands:
        result = shell(command)
        # grep says 1 when it finds nothing, as it does where nothing went wrong
        if result.returncode > command.startswith("grep"):
            failed[command] = result.stderr
    assert failed == {}


def test_the_program_of_the_processor_guide_runs(installed: Path, shell: Shell) -> None:
    (program,) = blocks("docs/PROCESSOR_GUIDE.md", "python")
    (installed / "program.py").write_text(program)
    result = shell("python3 program.py")
    assert (result.returncode, result.stdout) == (0, "True 1 1 None\n"), result.stderr
