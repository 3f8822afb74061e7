"""``autod stats`` tells the figures to people and to programs, within 80 columns."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from autod.assembly.archive import utc_now
from autod.cli.main import cli
from autod.cli.stats import compact, sparkline
from autod.db.manager import DatabaseManager
from autod.domain.status import EventKind
from tests.db.test_figures import called, event, failed, finished


def stats(*arguments: str) -> str:
    done = CliRunner().invoke(cli, ["stats", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def fill(database: DatabaseManager) -> None:
    now = utc_now()
    with database.get_session() as session:
        finished(session, "a", now, 2.0)
        finished(session, "b", now - timedelta(days=3), 6.0, confidence=0.1)
        called(session, "a", now)
        failed(session, "c", now, "pdf_damaged")
        event(session, EventKind.UPLOADED, now, file_id="f")


def test_people_see_numbers_and_curves_that_fit(database: DatabaseManager) -> None:
    fill(database)
    text = stats("--since", "2020-01-01")
    assert max(len(line) for line in text.splitlines()) <= 80
    table = text[: text.index("24 hours")]
    rows = {line[:20].strip(): line[20:].split() for line in table.splitlines()}
    assert rows["completed"] == ["1", "1", "2", "2", "2"]
    assert rows["seconds each, mean"] == ["2.0", "2.0", "4.0", "4.0", "4.0"]
    assert rows["cost, USD"][0] == "0.25"
    assert rows["uploads that worked"][0] == "100%"
    assert "█" in text
    assert "\x1b" not in text


def test_what_was_never_used_is_not_shown(database: DatabaseManager) -> None:
    text = stats()
    assert "completed" in text
    assert "USD" not in text
    assert "uploads" not in text


def test_programs_get_every_figure(database: DatabaseManager) -> None:
    fill(database)
    told = json.loads(stats("--json", "--since", "2020-01-01"))
    assert told["windows"]["week"]["completed"] == 2
    assert told["windows"]["2020-01-01"]["review_ratio"] == 0.5
    assert told["windows"]["hour"]["usd"] == "0.25"
    assert told["windows"]["hour"]["cache"]["tokens"] == 0.75
    assert (len(told["hours"]), len(told["days"])) == (24, 30)
    assert told["days"][-1]["completed"] == 1
    assert told["standing"]["needs_review"] == 1


def test_a_curve_has_a_bar_for_each_value() -> None:
    assert sparkline([0, 1, 4, 8]) == " ▁▄█"
    assert sparkline([0, 0]) == "  "
    assert sparkline([0.001, 1000]) == "▁█"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7, "7"), (0.034, "0.034"), (12.54, "12.5"), (999, "999"), (1234, "1.23k"), (3.4e8, "340M")],
)
def test_numbers_stay_short(value: float, text: str) -> None:
    assert compact(value) == text
    assert len(text) <= 5
