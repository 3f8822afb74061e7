"""Those who watch documents' lives go by: clocks and tracers. They change nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from typing import Protocol


class Observer(Protocol):
    """Is around what happens, in the thread where it happens."""

    def life(self, kind: str, sha256: str) -> AbstractContextManager[object]:
        """Around a stretch of a document's life (``document``) or of asking about it (``ask``)."""

    def step(self, name: str) -> AbstractContextManager[object]:
        """Around every run of a step or transaction, by its name; not around a replay."""


class Nobody:
    """Watches nothing."""

    def life(self, kind: str, sha256: str) -> AbstractContextManager[object]:
        return nullcontext()

    def step(self, name: str) -> AbstractContextManager[object]:
        return nullcontext()


class Together:
    """Several observers, the first outermost."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = observers

    @contextmanager
    def life(self, kind: str, sha256: str) -> Iterator[None]:
        with ExitStack() as stack:
            for observer in self._observers:
                stack.enter_context(observer.life(kind, sha256))
            yield

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with ExitStack() as stack:
            for observer in self._observers:
                stack.enter_context(observer.step(name))
            yield
