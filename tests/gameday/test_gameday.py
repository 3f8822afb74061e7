"""The short form of ``make gameday``: two of the ten drills."""

from __future__ import annotations

import pytest

from tests.gameday.__main__ import DRILLS
from tests.gameday.drill import BLOCKS, Drill, play
from tests.gameday.key_revoked import KeyRevoked
from tests.gameday.lost_inbox import LostInbox
from tests.torture.system import Launcher


@pytest.mark.parametrize("drill", [KeyRevoked(), LostInbox()], ids=lambda drill: drill.name)
def test_what_breaks_is_told_mended_by_the_runbook_and_loses_nothing(drill: Drill) -> None:
    with Launcher() as launcher:
        verdict = play(drill, launcher)
    assert verdict.problems == []
    assert verdict.findings.clean, verdict.findings
    assert verdict.signals and verdict.steps and verdict.findings.documents > 1


def test_there_are_ten_drills_with_names_of_their_own() -> None:
    assert len({drill.name for drill in DRILLS}) == 10
    assert {drill.database for drill in DRILLS} == {"sqlite", "postgres"}
    assert BLOCKS
