"""Old logs fill the disk that everything lies on, the database included, to the last byte and at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.gameday.drill import Game, Skipped
from tests.torture.rounds import fill_up, small_disk


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
        game.drop(3)
        fill_up(game.system.folder / "logs" / "paper_autopilot.log.1")
        game.expect_alert("disk_low", "P2")
        game.follow("Disk nearly full")
        game.expect_end_of_alert("disk_low", "P2")
        game.see_it_through()
