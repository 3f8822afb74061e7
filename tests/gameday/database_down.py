"""The database server dies while documents are in work."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere


class DatabaseDown:
    name = "database down"
    database = "postgres"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        server = game.installation.server
        assert server is not None
        server.stop()
        game.drop(3)
        game.expect_alert("database_down", "P0")
        game.expect_health("Database", "failed")
        game.follow("Database down")
        game.expect_end_of_alert("database_down", "P0")
        game.see_it_through()
