"""``autod restore``: an archive, back to life in an empty place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def restore(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="A file that `autod backup` made.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Restore database and documents into the empty places of the settings, and bring them to this version.

    Nothing that exists is touched: a database with tables or a folder with files is refused. The kind of
    database must be that of the archive; on PostgreSQL run it as the owner of an empty database. A restore
    that was cut off is run again. Restore only archives of your own: a database dump is a program.

    Examples:

        autod restore backups/paper_autopilot_20261126_030000.tar
    """
    from autod.assembly.archive import folders_of, open_manager
    from autod.assembly.logging import start_logging
    from autod.backup.restoring import restore as restore_archive
    from autod.cli.output import console, print_json, working
    from autod.config import get_config

    settings = get_config()
    start_logging(settings)
    manager = open_manager(settings)
    with working() as progress:
        restored = restore_archive(archive, manager, folders_of(settings), progress)
    manifest = restored.manifest
    missing = [missing.document_id for missing in manifest.missing]
    if as_json:
        print_json(
            {
                "taken_at": manifest.taken_at,
                "documents": manifest.documents,
                "files": restored.files,
                "in_flight": restored.in_flight,
                "missing": missing,
            }
        )
        return
    screen = console()
    screen.print(
        f"Restored {manifest.documents} documents as they were at {manifest.taken_at:%Y-%m-%d %H:%M} UTC."
    )
    if missing:
        screen.print(f"[yellow]Without their files, as when the backup was taken:[/yellow] {missing}")
    screen.print("What to do next:")
    for step in _next_steps(manager.sqlite_path is None, restored.in_flight):
        screen.print(f"  → {step}", soft_wrap=True)


def _next_steps(on_postgres: bool, in_flight: int) -> list[str]:
    steps = [
        "Put .env back in place; settings and keys are not in an archive.",
        "`autod check`: folders, database and index must agree.",
        "`autod health`, then start the daemon"
        + (f"; {in_flight} document(s) that were in work go on." if in_flight else "."),
        "Drop in again what came after the backup; what is known is recognised.",
    ]
    if on_postgres:
        steps.insert(1, "Run the GRANTs of docs/RUNBOOK.md again: the roles' rights are not in an archive.")
    return steps
