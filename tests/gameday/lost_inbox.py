"""The inbox's mount goes away and comes back with what was scanned meanwhile."""

from __future__ import annotations

import contextlib
from pathlib import Path

from tests.gameday.drill import Game, anywhere


class LostInbox:
    name = "lost inbox mount"
    database = "sqlite"

    def place(self) -> contextlib.AbstractContextManager[Path | None]:
        return anywhere()

    def run(self, game: Game) -> None:
        game.start()
        inbox = game.system.inbox
        elsewhere = inbox.with_name("server")
        inbox.rename(elsewhere)
        game.expect_health("Inbox", "failed")
        elsewhere.rename(inbox)
        game.drop(2)
        game.follow("The inbox is gone")
        game.see_it_through()
