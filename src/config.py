"""``from src.config import get_config``: the settings, or one clear line per wrong one and exit code 2."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from autod.cli import surprises

if TYPE_CHECKING:
    from autod.config import Settings


def get_config() -> Settings:
    # Imported here: it is typed at a prompt, and what cannot be imported is told in words as well.
    try:
        from autod import config
        from autod.cli.main import report
        from autod.errors import ConfigurationError

        try:
            return config.get_config()
        except ConfigurationError as error:
            sys.exit(report(error))
    except Exception as error:  # noqa: BLE001 - see above
        sys.exit(surprises.report(error))


__all__ = ["get_config"]
