"""A document that aborts the PDF library: its reading process calls ``os.abort`` in place of the reader."""

from __future__ import annotations

CRASH_MARK = b"%ends the process that reads it\n"
