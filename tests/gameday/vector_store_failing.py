"""The vector store takes no files."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere
from tests.openai.stub import Trouble


class VectorStoreFailing:
    name = "vector store failing"
    database = "sqlite"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start(PAPER_AUTOPILOT_VECTOR_STORE="openai")
        refusal = {"status": 400, "code": "invalid_file", "kind": "invalid_request_error"}
        game.service.meet(*[Trouble(path="/files", **refusal) for _ in range(4)])
        game.drop(4)
        game.expect_alert("vector_store_failures", "P3")
        game.service.script.clear()
        game.follow("Vector store uploads fail")
        game.see_it_through()
        known = len(game.system.drops)
        if len(game.service.kept_files.contents) < known:
            game.problem(f"{len(game.service.kept_files.contents)} of {known} documents are in the store")
