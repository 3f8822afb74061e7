"""``from src.config import get_config``: the settings, or one clear line per wrong one and exit code 2."""

from __future__ import annotations

import sys

from autod import config
from autod.cli.main import report
from autod.errors import ConfigurationError


def get_config() -> config.Settings:
    try:
        return config.get_config()
    except ConfigurationError as error:
        sys.exit(report(error))


__all__ = ["get_config"]
