"""The service answers everything with 429 for a while."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere
from tests.openai.stub import RATE_LIMITED, Trouble


class RateLimited:
    name = "rate limited"
    database = "postgres"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        game.service.meet(*[Trouble(**RATE_LIMITED, headers={"retry-after": "1"}) for _ in range(500)])
        game.drop(5)
        game.expect_alert("api_errors", "P1")
        if "openai_" not in game.follow("API errors"):
            game.problem("the runbook's look at API errors shows none")
        game.service.script.clear()
        game.see_it_through()
