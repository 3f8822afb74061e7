"""The machine's clock is a day ahead for a while, and is put right."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere
from tests.torture.faults import Do, Fault
from tests.torture.rounds import DAY


class WrongClock:
    name = "clock"
    database = "sqlite"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.installation.faults = [Fault("step:read:after", Do.JUMP, amount=DAY)]
        game.start()
        game.drop(2)
        game.see_it_through("with a wrong clock")
        game.expect_health("Clock", "failed")
        game.installation.faults = []
        game.follow("The clock is wrong")
        game.see_it_through()
