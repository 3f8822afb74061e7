"""The short form of ``make torture``: a few pulls of the plug, chosen by a fixed seed, each audited."""

from __future__ import annotations

import random

import pytest

from tests.torture import cuts, paid, rounds
from tests.torture.faults import Do, Fault
from tests.torture.points import PAYING, PULLS, WRITING, Bait
from tests.torture.rounds import Outcome
from tests.torture.runner import bench_of

SEED = 20261124


def assert_nothing_lost_nothing_twice(outcome: Outcome) -> None:
    assert outcome.problems == []
    assert outcome.findings.clean, outcome.findings


def test_a_daemon_that_is_killed_between_its_actions_loses_and_doubles_nothing() -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, keeps no secret
    baits = [bait for bait in Bait if any(pull.bait is bait for pull in PULLS)]
    chosen = [chance.choice([pull for pull in PULLS if pull.bait is bait]) for bait in baits]
    chosen += chance.sample([pull for pull in PULLS if pull.bait is Bait.GOOD], 3)
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.pull_the_plug(bench, "pulls", chosen)
    assert outcome.kills == len(chosen)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_daemon_that_is_killed_at_any_moment_loses_and_doubles_nothing() -> None:
    with bench_of("sqlite", seed=SEED, documents=12) as bench:
        outcome = rounds.random_plug(bench, "random", lives=3)
    assert outcome.findings.documents >= 12  # what a file was before its writer went on counts, too
    assert_nothing_lost_nothing_twice(outcome)


def test_a_daemon_that_is_killed_while_writers_pause_loses_nothing_and_leaves_no_halves() -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, keeps no secret
    chosen = [
        chance.choice([pull for pull in WRITING if pull.bait is bait]) for bait in (Bait.HELD, Bait.APPENDED)
    ]
    chosen.append(next(pull for pull in WRITING if pull.kill.point == "step:let_go:before"))
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.pull_the_plug(bench, "writers", chosen, bench.system(patience=0.5, blind=True))
    assert outcome.kills == len(chosen)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_power_cut_between_the_daemons_actions_loses_doubles_and_gives_up_nothing() -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, keeps no secret
    relied_on = ("step:read:after", "step:understand:after", "step:file:after", "step:set_aside:after")
    chosen = [pull for pull in PULLS if pull.kill.point in relied_on and pull.kill.nth == 1]
    chosen += chance.sample([pull for pull in PULLS if pull not in chosen], 3)
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.pull_the_plug(bench, "power", chosen, bench.system(power_cuts=True))
    assert outcome.kills == len(chosen)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_power_cut_while_a_document_is_asked_about_pays_once() -> None:
    chosen = [pull for pull in PAYING if pull.kill.point in ("step:prepare:after", "step:submit:before")]
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = paid.at_points(bench, "paid", "conversation", chosen, power_cuts=True)
    assert outcome.kills == len(chosen)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_power_cut_of_a_whole_fleet_loses_doubles_and_gives_up_nothing() -> None:
    with bench_of("postgres", seed=SEED, documents=12) as bench:
        outcome = cuts.at_random(bench, "fleet", lives=3, fleet=True)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_disk_that_is_full_for_a_while_holds_the_daemon_up_and_no_more() -> None:
    faults = [
        Fault("custody._copy:before", Do.NO_SPACE, seconds=0.5),
        Fault("link:processed", Do.NO_SPACE, seconds=0.5),
    ]
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.passing(bench, "full", faults)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_postgresql_server_that_goes_and_comes_back_holds_the_daemon_up_and_no_more() -> None:
    with bench_of("postgres", seed=SEED, documents=0) as bench:
        outcome = rounds.passing(bench, "gone", around=lambda system: rounds.gone(bench, system))
    assert_nothing_lost_nothing_twice(outcome)


def test_a_disk_that_goes_away_is_waited_for_and_nothing_is_put_onto_its_mount_point() -> None:
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.vanished_mount(bench, "disk", "processed")
    assert_nothing_lost_nothing_twice(outcome)


def test_a_database_file_that_is_deleted_under_the_daemon_costs_no_document() -> None:
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.replaced_database(bench, "deleted", back=False)
    assert_nothing_lost_nothing_twice(outcome)


def test_a_zeroed_page_of_the_index_is_told_and_mended() -> None:
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = rounds.damaged_index(bench, "zeroed")
    assert_nothing_lost_nothing_twice(outcome)


@pytest.mark.parametrize("way", paid.WAYS)
def test_a_daemon_that_is_killed_while_it_pays_pays_once_or_shows_it(way: str) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, keeps no secret
    submit = next(pull for pull in PAYING if pull.kill.point == "step:submit:inside")
    chosen = [submit, *chance.sample([pull for pull in PAYING if pull.kill.point.startswith("step:")], 2)]
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = paid.at_points(bench, "paid", way, chosen)
    assert_nothing_lost_nothing_twice(outcome)
    # A kill meets whatever is in work: the document before may stand at the same moment once more.
    shown = len(outcome.findings.paid_unknown)
    assert shown >= 1 if way == "background" else shown == 0


@pytest.mark.parametrize("way", [*paid.WAYS, "direct"])
def test_answers_that_arrive_spoilt_are_paid_once_or_shown(way: str) -> None:
    with bench_of("sqlite", seed=SEED, documents=0) as bench:
        outcome = paid.troubled(bench, "spoilt", way, paid.SPOILT)
    assert_nothing_lost_nothing_twice(outcome)
    assert way != "conversation" or outcome.findings.paid_unknown == []
