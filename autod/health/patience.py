"""Patience with what may never answer: a dead network share, a silent server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 15.0
"""A little more than a connection to a silent database server takes to fail."""


class Patience:
    """Asks in threads of their own.

    Nothing can interrupt a call to a dead network share, so it is left where it is, and not made again until
    it comes back.
    """

    def __init__(self) -> None:
        self._hanging: dict[str, threading.Thread] = {}

    def ask(self, name: str, question: Callable[[], T]) -> T | None:
        """The answer, None when there is none in time; ``name`` tells questions apart.

        An error of ``question`` is raised here.
        """
        hanging = self._hanging.get(name)
        if hanging is not None and hanging.is_alive():
            return None
        answer: list[T] = []
        trouble: list[Exception] = []

        def put() -> None:
            try:
                answer.append(question())
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is wanted
                trouble.append(error)

        thread = threading.Thread(target=put, name=f"asking {name}", daemon=True)
        thread.start()
        thread.join(PATIENCE_SECONDS)
        if trouble:
            raise trouble[0]
        if not answer:
            self._hanging[name] = thread
            return None
        return answer[0]
