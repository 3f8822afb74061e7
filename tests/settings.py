"""Settings for a pipeline that works in a folder of a test's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autod.config import Settings, load_settings


def settings_in(place: Path, db_url: str, **changes: Any) -> Settings:
    """Every folder below ``place``, one worker, no OCR; ``changes`` win."""
    standard: dict[str, Any] = {
        "db_url": db_url,
        "inbox_dir": place / "inbox",
        "processed_dir": place / "processed",
        "failed_dir": place / "failed",
        "work_dir": place / "work",
        "log_file": place / "logs" / "log",
        "ocr_engine": "off",
        "workers": 1,
    }
    return load_settings(None, **{**standard, **changes})
