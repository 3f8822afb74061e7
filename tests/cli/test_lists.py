"""``list``, ``search`` and ``show`` tell what a person can act on."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from autod.cli import output
from autod.cli.list_command import LAYOUT
from autod.cli.main import cli
from autod.cli.output import grid
from autod.codes import Reason
from autod.db import documents, figures, versions
from autod.db.manager import DatabaseManager
from autod.domain.extraction import Beside, EvidenceSource
from autod.domain.status import DocumentStatus
from autod.errors import UsageError
from tests.db.samples import NOW, admitted, extraction, recorded


def typed(*arguments: str) -> Result:
    return CliRunner().invoke(cli, list(arguments))


def said(*arguments: str) -> str:
    done = typed(*arguments)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def superseded(database: DatabaseManager) -> int:
    """A document with unsure fields that a later one, with its own, stands for."""
    with database.get_session() as session:
        numbers = []
        for letter in "ab":
            number = admitted(session, sha256=letter * 64)
            recorded(session, number, extraction(needs_review=("issuer",)))
            documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)
            numbers.append(number)
        assert versions.supersede(session, numbers[0], numbers[1], now=NOW)
    return numbers[0]


def test_a_superseded_document_waits_for_nobody(database: DatabaseManager, superseded: int) -> None:
    with database.get_session(read_only=True) as session:
        assert documents.counts(session, NOW).needs_review == 1
        assert figures.standing(session, NOW).needs_review == 1
        assert figures.window(session, NOW).completed_for_review == 1
        waiting = documents.list_documents(session, documents.DocumentFilter(needs_review=True))
        others = documents.list_documents(session, documents.DocumentFilter(needs_review=False))
    assert superseded not in [document.id for document in waiting] and len(waiting) == 1
    assert [document.id for document in others] == [superseded]


def test_no_command_asks_to_review_a_superseded_document(superseded: int, database: DatabaseManager) -> None:
    assert [json.loads(line)["id"] for line in said("list", "--review", "--json").splitlines()] == [
        superseded + 1
    ]
    (row,) = (line for line in said("list", "--status", "superseded").splitlines() if "invoice" in line)
    assert "superseded" in row and "review" not in row
    shown = said("show", str(superseded))
    assert "superseded" in shown and "waits for review" not in shown and "seen to it" not in shown
    assert "*" not in shown
    assert json.loads(said("show", str(superseded), "--json"))["needs_review"] == []
    assert "waits for review" in said("show", str(superseded + 1))


def test_a_field_in_review_says_why_with_what_the_other_reader_says(database: DatabaseManager) -> None:
    found = extraction(needs_review=("issuer", "total_amount"), checks=("readers_differ:issuer",))
    evidence = replace(found.evidence["issuer"], other=Beside("Harlow KG", 1, "Harlow KG"))
    with database.get_session() as session:
        number = admitted(session)
        recorded(session, number, replace(found, evidence={**found.evidence, "issuer": evidence}))
        documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)

    assert "review, readers_differ, low_confidence" in said("list", "--review")
    assert json.loads(said("list", "--review", "--json"))["review_reasons"] == {
        "issuer": ["readers_differ"],
        "total_amount": ["low_confidence"],
    }
    shown = said("show", str(number))
    assert f"issuer: {Reason.READERS_DIFFER.sentence} (readers_differ); the other reads Harlow KG" in shown
    assert f"total_amount: {Reason.LOW_CONFIDENCE.sentence} (low_confidence)" in shown


def test_a_field_that_the_page_contradicts_is_shown_with_what_the_page_says(
    database: DatabaseManager,
) -> None:
    found = extraction(needs_review=("issuer",), checks=("embedded_disagrees:issuer",))
    stated = replace(
        found.evidence["issuer"],
        source=EvidenceSource.EMBEDDED_XML,
        other=Beside("Harlow KG", 1, "Harlow KG"),
    )
    with database.get_session() as session:
        number = admitted(session)
        recorded(session, number, replace(found, evidence={**found.evidence, "issuer": stated}))
        documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)

    assert "(contradicts_xml); the page says Harlow KG" in said("show", str(number))


def test_an_unknown_status_names_the_known_ones(database: DatabaseManager) -> None:
    error = typed("list", "--status", "bogus").exception
    assert isinstance(error, UsageError)
    assert all(status in error.next_step for status in DocumentStatus)


def test_a_document_without_values_has_no_table(database: DatabaseManager) -> None:
    with database.get_session() as session:
        number = admitted(session)
        documents.fail(
            session, number, code="not_a_pdf", message="no", next_step="Convert it.", filed_path=None, now=NOW
        )
    shown = said("show", str(number))
    assert "not_a_pdf" in shown and "Convert it." in shown and "Evidence" not in shown


def test_an_empty_list_says_so_instead_of_a_bare_heading(database: DatabaseManager) -> None:
    assert "Amount" not in said("list")
    assert said("list", "--json") == ""


COLUMNS = ("ID", "Date", "Type", "Issuer", "Amount", "Conf.", "Status", "File")
LONG_NAME = "Zweckverband Wasserversorgung Donau-Oberland Anstalt des öffentlichen Rechts"
CASES = list(
    itertools.product(
        ("1", "12345"),
        ("invoice", "transport_document"),
        ("Bank", LONG_NAME, "Donaudampfschifffahrtsgesellschaftskapitän"),
        ("", "84.20 EUR", "12,345,678.90 EUR"),
        ("completed", "superseded", "review, attachments_not_read, ocr_unavailable"),
    )
)


def drawn(width: int, rows: list[list[str]]) -> list[str]:
    """The lines of the list's table in a terminal of this width."""
    screen = Console(width=width, file=io.StringIO(), highlight=False)
    screen.print(grid(width, COLUMNS, rows, **LAYOUT))
    assert isinstance(screen.file, io.StringIO)
    return screen.file.getvalue().splitlines()


def cells_of(lines: list[str]) -> dict[str, str]:
    """Each column's text, its lines put together, of a table with one row."""
    (rule,) = (number for number, line in enumerate(lines) if "─" in line)
    heading, body = lines[rule - 1], lines[rule + 1 :]
    names = heading.split()
    ends: list[tuple[str, int, int]] = []
    for name in names:
        start = heading.index(name)
        ends.append((name, start, start + len(name)))
    found = dict.fromkeys(names, "")
    for line in body:
        for begin, part in ((m.start(), m.group()) for m in re.finditer(r"\S+(?: \S+)*", line)):
            stop = begin + len(part)
            name = min(ends, key=lambda one: max(one[1] - stop, begin - one[2], 0))[0]
            found[name] += part
    return found


@pytest.mark.parametrize(("number", "kind", "issuer", "amount", "status"), CASES)
def test_at_80_columns_everything_but_confidence_and_file_is_whole(
    number: str, kind: str, issuer: str, amount: str, status: str
) -> None:
    row = [number, "2026-11-01", kind, issuer, amount, "87%", status, "a scan with a rather long name.pdf"]
    lines = drawn(80, [row])
    assert max(map(len, lines)) <= 80 and "…" not in "".join(lines[:3])
    said = "\n".join(lines)
    for whole in (number, "2026-11-01", kind, amount):
        assert whole in said
    found = cells_of(lines)
    assert found["Issuer"].replace(" ", "") == issuer.replace(" ", "")
    assert found["Status"].replace(" ", "") == status.replace(" ", "")


def test_confidence_goes_first_then_the_file() -> None:
    row = [
        "12",
        "2026-11-01",
        "invoice",
        "Stadtwerke",
        "84.20 EUR",
        "87%",
        "completed",
        "scan of a letter.pdf",
    ]
    shown = {width: tuple(cells_of(drawn(width, [row]))) for width in range(70, 120)}
    assert shown[119] == COLUMNS
    assert set(shown.values()) == {
        COLUMNS,
        tuple(c for c in COLUMNS if c != "Conf."),
        tuple(c for c in COLUMNS if c not in ("Conf.", "File")),
    }
    widths = [len(shown[width]) for width in sorted(shown)]
    assert widths == sorted(widths)


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60])
def test_nothing_but_the_file_is_hidden_in_a_narrow_terminal(width: int) -> None:
    row = ["12345", "2026-11-01", "invoice", "Stadtwerke", "1,284.20 EUR", "87%", "completed", "scan.pdf"]
    said = Counter("".join(drawn(width, [row])))
    assert Counter("".join(row[:5] + row[6:7]).replace(" ", "")) <= said
    assert "…" not in said


def test_the_list_of_the_program_has_that_layout(
    database: DatabaseManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.get_session() as session:
        recorded(session, number := admitted(session, name="a scan with a rather long name.pdf"))
        documents.complete(session, number, filed_path="/p", processing_seconds=1, now=NOW)
    monkeypatch.setattr(output, "PIPE_WIDTH", 80)
    text = said("list")
    assert "1,234.56 EUR" in text and "completed" in text and "2026-11-01" in text and "Söhne" in text
    assert "Conf." not in text and "…" not in text


@pytest.mark.parametrize(
    "command",
    [("process",), ("process", "empty"), ("retry", "--all-failed"), ("retry", "--all-waiting")],
    ids=" ".join,
)
def test_nothing_to_do_is_not_told_as_a_number(
    database: DatabaseManager, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PAPER_AUTOPILOT_OCR_ENGINE", "off")
    screen = Console(file=io.StringIO(), force_terminal=True, width=200)
    monkeypatch.setattr(output, "console", lambda **_: screen)
    typed(*command)
    assert isinstance(screen.file, io.StringIO)
    assert " 0 " not in screen.file.getvalue()
