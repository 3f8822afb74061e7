"""Files that damage, lock or kill what opens them arrive among good ones."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere
from tests.torture.paper import poison


class PoisonFile:
    name = "poison file"
    database = "sqlite"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        for number in range(4):
            game.system.drop(f"poison-{number}.pdf", poison(number))
        game.drop(3)
        game.see_it_through("after poison")
        game.expect_health("Review", "warning")
        game.expect_no_alert()
        said = game.follow("A document failed")
        if said.count("poison-") < 3:
            game.problem("the runbook's look at failed documents does not name them")
        game.see_it_through()
