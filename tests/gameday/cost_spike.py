"""Documents cost far more than on other days."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere


class CostSpike:
    name = "cost spike"
    database = "postgres"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start(PAPER_AUTOPILOT_ALERT_COST_DAY_USD="0.0008")
        game.drop(10)
        game.expect_alert("cost_high", "P2")
        game.follow("Cost over its threshold")
        game.follow("Costs are high")
        game.see_it_through()
