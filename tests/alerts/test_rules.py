"""Each of the seven alerts, judged from facts; and when it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from autod.alerts.hysteresis import Notice, Phase, Timing, advance, quiet
from autod.alerts.rules import SEVERITIES, AlertName, ArchiveFacts, Facts, Limits, Severity, judge

LIMITS = Limits(disk_bytes=2_000_000_000, api_error_share=0.5, cost_usd=Decimal(4), vector_store_failures=3)
ARCHIVE = ArchiveFacts(
    api_failures=0, api_answers=10, api_failures_day=0, spent_today=Decimal(1), uploads_failed_hour=0
)
WELL = Facts(
    database_trouble="",
    disk_free={"work": 50_000_000_000, "log": 9_000_000_000},
    circuit_open=False,
    uses_service=True,
    archive=ARCHIVE,
)
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TIMING = Timing(timedelta(minutes=1), timedelta(minutes=5))


def firing(facts: Facts) -> dict[AlertName, bool | None]:
    return {verdict.name: verdict.firing for verdict in judge(facts, LIMITS)}


def with_archive(**changes: object) -> Facts:
    return replace(WELL, archive=replace(ARCHIVE, **changes))  # type: ignore[arg-type]


def test_a_system_that_is_well_fires_nothing() -> None:
    assert firing(WELL) == dict.fromkeys(AlertName, False)


def test_severities_are_those_of_the_runbook() -> None:
    assert list(SEVERITIES.values()) == [
        Severity.P0, Severity.P1, Severity.P2, Severity.P2, Severity.P3, Severity.P0, Severity.P1,
    ]  # fmt: skip


def test_database_down_is_an_alert_and_makes_the_archive_unknown() -> None:
    assert firing(replace(WELL, database_trouble="FAILED (unreachable)", archive=None)) == {
        AlertName.DATABASE_DOWN: True,
        AlertName.API_ERRORS: None,
        AlertName.DISK_LOW: False,
        AlertName.COST_HIGH: None,
        AlertName.VECTOR_STORE_FAILURES: None,
        AlertName.FOLDER_AWAY: False,
        AlertName.DATABASE_DAMAGED: False,
    }


@pytest.mark.parametrize(
    ("name", "fact"), [(AlertName.FOLDER_AWAY, "folder_trouble"), (AlertName.DATABASE_DAMAGED, "damage")]
)
def test_a_folder_that_is_away_and_a_damaged_database_are_alerts(name: AlertName, fact: str) -> None:
    told = {said: firing(replace(WELL, **{fact: said}))[name] for said in ("it is away", "", None)}  # type: ignore[arg-type]
    assert told == {"it is away": True, "": False, None: None}


@pytest.mark.parametrize(
    ("failures", "answers", "expected"),
    [(6, 5, True), (5, 5, False), (4, 0, True), (3, 0, None), (0, 0, None)],
)
def test_api_errors_over_half_are_an_alert_once_there_are_enough(
    failures: int, answers: int, expected: bool | None
) -> None:
    facts = with_archive(api_failures=failures, api_answers=answers, api_failures_day=9)
    assert firing(facts)[AlertName.API_ERRORS] is expected


def test_silence_without_any_trouble_all_day_is_no_alert() -> None:
    assert firing(with_archive(api_answers=0))[AlertName.API_ERRORS] is False


def test_an_open_circuit_is_an_alert_and_no_service_is_none() -> None:
    assert firing(replace(WELL, circuit_open=True))[AlertName.API_ERRORS] is True
    unused = replace(with_archive(api_failures=9, api_answers=0), uses_service=False)
    assert firing(unused)[AlertName.API_ERRORS] is False


def test_the_fullest_disk_decides_and_a_silent_one_is_unknown() -> None:
    found = next(
        f for f in judge(replace(WELL, disk_free={"work": 5 * 10**10, "log": 10**9}), LIMITS)
        if f.name is AlertName.DISK_LOW
    )  # fmt: skip
    assert (found.firing, found.summary) == (True, "1.0 GB free where log lies; 2 GB are wanted")
    assert firing(replace(WELL, disk_free={}))[AlertName.DISK_LOW] is None


def test_cost_at_its_threshold_is_an_alert() -> None:
    assert firing(with_archive(spent_today=Decimal("3.99")))[AlertName.COST_HIGH] is False
    assert firing(with_archive(spent_today=Decimal(4)))[AlertName.COST_HIGH] is True
    without = replace(LIMITS, cost_usd=None)
    spent = with_archive(spent_today=Decimal(99))
    assert {f.name: f.firing for f in judge(spent, without)}[AlertName.COST_HIGH] is False


def test_several_failed_uploads_are_an_alert() -> None:
    assert firing(with_archive(uploads_failed_hour=2))[AlertName.VECTOR_STORE_FAILURES] is False
    assert firing(with_archive(uploads_failed_hour=3))[AlertName.VECTOR_STORE_FAILURES] is True


def told(*observed: tuple[float, bool | None]) -> list[tuple[float, Notice]]:
    """What is said, and after how many seconds, when the condition is seen like this."""
    state, said = quiet(NOW), list[tuple[float, Notice]]()
    for seconds, is_firing in observed:
        state, notice = advance(state, is_firing, NOW + timedelta(seconds=seconds), TIMING)
        if notice is not None:
            said.append((seconds, notice))
    return said


def test_a_lasting_condition_is_told_once_and_its_end_once() -> None:
    lasting = [(second, True) for second in range(0, 600, 15)]
    gone = [(second, False) for second in range(600, 1200, 15)]
    assert told(*lasting, *gone) == [(60, Notice.RAISED), (900, Notice.RESOLVED)]


def test_a_short_one_and_a_flapping_one_are_not_told() -> None:
    assert told((0, True), (45, True), (60, False), (75, True), (120, False)) == []
    assert told(*((second, second % 60 < 30) for second in range(0, 1800, 15))) == []


def test_flapping_while_firing_neither_resolves_nor_raises_again() -> None:
    start = [(0, True), (60, True)]
    flapping = [(second, second % 120 < 60) for second in range(75, 3600, 15)]
    assert told(*start, *flapping) == [(60, Notice.RAISED)]


def test_unknown_changes_nothing() -> None:
    assert told((0, True), (30, None), (60, True), (90, None), (9000, None)) == [(60, Notice.RAISED)]


def test_a_lasting_one_is_recalled_daily_at_most() -> None:
    hours = [(hour * 3600.0, True) for hour in range(60)]
    assert told(*hours) == [
        (3600, Notice.RAISED),
        (25 * 3600, Notice.REMINDER),
        (49 * 3600, Notice.REMINDER),
    ]


def test_without_delay_the_first_look_raises() -> None:
    state, notice = advance(quiet(NOW), True, NOW, Timing(timedelta(0), timedelta(0)))
    assert (state.phase, notice) == (Phase.FIRING, Notice.RAISED)
