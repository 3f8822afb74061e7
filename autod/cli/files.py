"""Files and folders that a person names."""

from __future__ import annotations

import os
from pathlib import Path

from autod.codes import Code
from autod.errors import UsageError


def require_files(named: list[Path]) -> None:
    """See to it that all of them are there before any is touched: one that is not was mistyped.

    Raises:
        UsageError: code ``no_such_file``.
    """
    for path in named:
        if not os.path.lexists(path):
            raise UsageError(
                f"there is no such file or folder: {path}",
                code=Code.NO_SUCH_FILE,
                next_step="Check the path. Nothing was processed.",
            )


def pdfs_in(named: list[Path]) -> list[Path]:
    """The files as they are named, and the PDFs in the folders and below, hidden ones left out."""
    found: dict[Path, None] = {}
    for path in named:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() == ".pdf" and p.is_file())
            shown = [p for p in inside if not any(q.startswith(".") for q in p.relative_to(path).parts)]
            found.update(dict.fromkeys(shown))
        else:
            found[path] = None
    return list(found)
