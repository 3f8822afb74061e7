"""What lies in the folders of an archive, beside the mark that each of them bears."""

from __future__ import annotations

from pathlib import Path

from autod.files.marks import MARK


def files_in(folder: Path) -> list[str]:
    """The files below ``folder``, links left out, as sorted paths relative to it."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.name != MARK
    )
