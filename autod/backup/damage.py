"""Errors of archives that are raised in more than one place."""

from __future__ import annotations

from autod.codes import Code
from autod.errors import BackupError


def damaged(what: str) -> BackupError:
    """The archive is not what it was when it was made, or was never one of ours."""
    return BackupError(
        f"the archive cannot be used: {what}",
        code=Code.BACKUP_DAMAGED,
        next_step="Take an earlier archive, and `autod verify-backup` it first.",
    )
