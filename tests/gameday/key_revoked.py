"""Somebody deletes the API key at OpenAI; a new one is to be had."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere


class KeyRevoked:
    name = "key revoked"
    database = "sqlite"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        game.service.key = "sk-stub-made-after-the-old-one-leaked"
        game.drop(5)
        game.expect_alert("api_errors", "P1")
        if "openai_key_refused" not in game.follow("API errors"):
            game.problem("the runbook's look at API errors does not show openai_key_refused")
        game.follow("Change the API key")
        game.see_it_through()
