"""What a document that aborts the PDF library does to the process that reads it."""

from __future__ import annotations

import os
from typing import Any

CRASH_MARK = b"%ends the process that reads it\n"


def abort(**_: Any) -> None:
    """Die as a C library does; the reading process runs this in place of the reader."""
    os.abort()
