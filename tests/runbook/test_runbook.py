"""Every command of docs/RUNBOOK.md works as printed and shows what the page says, on both databases."""

from __future__ import annotations

import pytest

from tests.paper import pdf_of
from tests.runbook.blocks import PAGE, Block, looks_like, read_blocks
from tests.runbook.installation import Installation, installed

BLOCKS = read_blocks(PAGE.read_text(encoding="utf-8"))
NOT_RUN = 4
"""Blocks that cannot run here; each says why in the page. A new one must be argued for."""
NEW = "Quick start"
"""The section that begins with nothing; the others find an archive."""


LATE = "answers after"
"""What health says of a database that a busy machine kept waiting; nobody promises that it never does."""
MOST_LOOKS = 10


def sections() -> list[str]:
    return list(dict.fromkeys(block.section for block in BLOCKS))


def type_and_compare(installation: Installation, section: str) -> None:
    """Type the blocks of a section in order; all must succeed and print what the page shows."""
    wrong = []
    for block in BLOCKS:
        if block.section != section or block.not_run or installation.database not in block.databases:
            continue
        for _ in range(MOST_LOOKS):
            done = installation.run(block)
            if not (block.shown and LATE in done.stdout):
                break
        if done.returncode != 0:
            wrong.append(_complaint(block, f"exit code {done.returncode}", done.stdout + done.stderr))
        elif block.shown and not looks_like(block.shown, done.stdout):
            wrong.append(_complaint(block, "does not print what the page shows", done.stdout))
    assert not wrong, "\n\n".join(wrong)


def _complaint(block: Block, what: str, said: str) -> str:
    return f"docs/RUNBOOK.md:{block.line} ({block.heading}) {what}:\n{block.text}--- said\n{said}"


@pytest.mark.parametrize("section", [name for name in sections() if name != NEW])
def test_every_block_of_a_section_works_as_printed(archive: Installation, section: str) -> None:
    type_and_compare(archive, section)


def test_the_quick_start_works_from_nothing() -> None:
    """As printed; ``tests/e2e/test_quick_start.py`` types the same commands on both databases."""
    with installed("sqlite") as installation:
        (installation.folder / "test.pdf").write_bytes(pdf_of())
        installation.configure(PAPER_AUTOPILOT_ENGINE="local")
        type_and_compare(installation, NEW)


def test_blocks_that_cannot_run_are_few_and_say_why() -> None:
    left_out = [block for block in BLOCKS if block.not_run]
    assert len(left_out) == NOT_RUN, [f"line {block.line}: {block.not_run}" for block in left_out]
    assert all(len(block.not_run) > 20 for block in left_out)
    assert len(BLOCKS) > 5 * NOT_RUN


def figures() -> list[tuple[str, str, str]]:
    """Each figure of the page's table with the command that prints it and the line to look at."""
    rows = [
        line.split("|")[1:4] for line in PAGE.read_text(encoding="utf-8").splitlines() if "| `python3" in line
    ]
    return [(name.strip(), command.strip(" `"), line.strip(" `")) for name, command, line in rows]


def test_every_figure_of_the_table_is_printed_by_its_command(archive: Installation) -> None:
    printed = {command: archive.shell(command) for command in sorted({row[1] for row in figures()})}
    assert {command: done.returncode for command, done in printed.items() if done.returncode} == {}
    assert [row for row in figures() if row[2] not in printed[row[1]].stdout] == []
    names = " ".join(row[0] for row in figures())
    for wanted in ("schema", "token trend", "cost by day", "cost by week", "cost by month"):
        assert wanted in names


def test_what_the_blocks_write_is_for_its_owner_alone() -> None:
    """Whatever the shell's own umask is."""
    with installed("sqlite") as installation:
        installation.shell("alembic upgrade head")
        written = [block for block in BLOCKS if block.language == "bash" and "sqlite" in block.databases]
        for block in written:
            if block.heading == "The database alone, with its own tools":
                done = installation.shell(f"umask 022\n{block.text}")
                assert done.returncode == 0, done.stderr
        copies = list((installation.folder / "backups").iterdir())
        assert copies and {path.stat().st_mode & 0o077 for path in copies} == {0}
        assert (installation.folder / "backups").stat().st_mode & 0o077 == 0


def test_a_block_that_writes_a_copy_of_papers_or_keys_begins_with_a_umask() -> None:
    writes = ("gzip >", '> "$file"', "> paper_autopilot.db", ".backup '", '>> "$', "printf 'OPENAI_API_KEY")
    careless = [
        f"line {block.line}"
        for block in BLOCKS
        if block.language == "bash"
        and any(sign in block.text for sign in writes)
        and "umask 077" not in block.text
    ]
    assert careless == []
