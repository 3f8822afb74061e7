"""The search index loses what it knew."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psycopg

from tests.gameday.drill import Game, anywhere


class CorruptIndex:
    name = "corrupt index"
    database = "postgres"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        game.drop(3)
        game.see_it_through("before anything broke")
        with psycopg.connect(game.installation.url) as connection:
            connection.execute("DELETE FROM search_texts")
        looked = game.installation.shell("python3 -m autod check --json")
        if looked.returncode and "search_missing" in looked.stdout:
            game.saw("autod check: search_missing")
        else:
            game.problem("autod check does not see that search lost its index")
        game.follow("Search does not find what is there")
        game.see_it_through()
