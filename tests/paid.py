"""What tests of the paid lane begin with: the stub, settings that lead to it, and apps that use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from autod.app import App
from autod.config import Settings
from autod.db.manager import DatabaseManager
from tests.openai.stub import KEY, Stub, serving
from tests.settings import settings_in

Open = Callable[..., App]


@contextmanager
def paid_service(said: Mapping[str, Any] | None = None) -> Iterator[Stub]:
    """A stub that says ``said`` of every document; at the end it was asked as the description wants."""
    with serving() as (stub, _):
        if said is not None:
            stub.desk.answer = lambda body: dict(said)
        yield stub
        assert stub.violations == []


def paid_settings(folder: Path, manager: DatabaseManager, stub: Stub, **changes: Any) -> Settings:
    """Settings of an archive in ``folder`` that is read by the stub."""
    return settings_in(
        folder, manager.url, openai_api_key=SecretStr(KEY), openai_base_url=stub.url, **changes
    )


@contextmanager
def apps(settings: Settings, manager: DatabaseManager) -> Iterator[Open]:
    """Opens apps, with some settings changed; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda **changes: stack.enter_context(App(settings.model_copy(update=changes), manager))
