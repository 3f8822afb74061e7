"""``autod verify-backup``: prove that an archive can be restored."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autod.codes import Code


def verify_backup(
    archive: Annotated[
        Path | None,
        typer.Argument(
            metavar="[ARCHIVE]", help="The newest one in PAPER_AUTOPILOT_BACKUP_DIR when left out."
        ),
    ] = None,
    scratch: Annotated[
        Path | None, typer.Option("--scratch", help="Where to restore to; beside the archive when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Restore an archive to scratch, compare counts and hashes, search, and remove it again.

    Nothing of yours is touched. For an archive of PostgreSQL the role must be allowed to create databases.
    Exit code 0 when all is well, 6 when the archive is of no use: fit for cron.

    Examples:

        autod verify-backup

        autod verify-backup /mnt/nas/autod/paper_autopilot_20261126_030000.tar --json
    """
    from autod.assembly.archive import utc_now
    from autod.assembly.logging import start_logging
    from autod.backup.record import archives_in
    from autod.backup.verifying import verify
    from autod.cli.output import clean, console, print_json, working
    from autod.config import get_config
    from autod.errors import BackupError

    settings = get_config()
    start_logging(settings)
    chosen = archive or max(archives_in(settings.backup_dir), default=None)
    if chosen is None:
        raise BackupError(
            f"there is no archive in {settings.backup_dir}",
            code=Code.BACKUP_MISSING,
            next_step="Run `autod backup` first, or name an archive.",
        )
    chosen = chosen.absolute()
    with working() as progress:
        place = (scratch or chosen.parent).absolute()
        verified = verify(chosen, settings.paper_autopilot_db_url, place, utc_now(), progress)
    manifest = verified.manifest
    if as_json:
        print_json(
            {
                "archive": str(chosen),
                "good": True,
                "taken_at": manifest.taken_at,
                "documents": manifest.documents,
                "files": verified.files,
                "searched": verified.searched,
                "missing": [missing.document_id for missing in manifest.missing],
            }
        )
        return
    console().print(
        f"{clean(chosen.name)} is good: {manifest.documents} documents and {verified.files} files "
        f"restored to scratch, {verified.searched} found by search.",
        soft_wrap=True,
    )
