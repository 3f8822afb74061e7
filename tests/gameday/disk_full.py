"""Old logs fill the disk that everything lies on, the database included."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.gameday.drill import Game, Skipped
from tests.torture.rounds import fill_up, small_disk

NEARLY = 36 << 20
"""Bytes that leave less than the alert wants of a disk of 48 MiB, and room for the alert itself."""


class DiskFull:
    name = "disk full"
    database = "sqlite"

    @contextlib.contextmanager
    def place(self) -> Iterator[Path]:
        with small_disk() as disk:
            if disk is None:
                raise Skipped("mounting a tmpfs is not permitted here")
            yield disk

    def run(self, game: Game) -> None:
        game.start(PAPER_AUTOPILOT_ALERT_DISK_GB="0.02")
        logs = game.system.folder / "logs"
        (logs / "paper_autopilot.log.2").write_bytes(b"\0" * NEARLY)
        game.expect_alert("disk_low", "P2")
        game.drop(3)
        fill_up(logs / "paper_autopilot.log.1")
        game.follow("Disk nearly full")
        game.expect_end_of_alert("disk_low", "P2")
        game.see_it_through()
