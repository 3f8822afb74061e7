"""``autod backup``: an archive of everything, while work goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from autod.backup.taking import Taken


class BackupJson(TypedDict):
    """A backup for programs; ``missing`` are documents whose files are gone, ``size`` is in bytes."""

    archive: str
    taken_at: datetime
    size: int
    documents: int
    files: int
    complete: bool
    missing: list[int]
    skipped: list[str]
    dropped: list[str]


def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Where to; PAPER_AUTOPILOT_BACKUP_DIR when left out."),
    ] = None,
    with_inbox: Annotated[bool, typer.Option("--with-inbox", help="The files in the inbox too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Write database and documents into one archive; the daemon may run. Settings and keys are not in it.

    The archive is checked before it gets its name. Those older than PAPER_AUTOPILOT_BACKUP_KEEP_DAYS are then
    removed. Exit code 6 when it failed, or when documents had lost their files before.

    Examples:

        autod backup

        autod backup /mnt/nas/autod --json

        0 3 * * * cd /opt/paper-autopilot && .venv/bin/python -m autod backup
    """
    from contextlib import closing

    from autod.assembly.archive import folders_of, open_manager, require_known_schema, utc_now
    from autod.assembly.logging import start_logging
    from autod.backup.taking import take
    from autod.cli.output import print_json, working
    from autod.config import get_config

    settings = get_config()
    start_logging(settings)
    with closing(open_manager(settings)) as manager, working() as progress:
        require_known_schema(manager, settings)
        taken = take(
            manager,
            folders_of(settings),
            folder or settings.backup_dir,
            keep_days=settings.backup_keep_days,
            keep_bytes=int(settings.backup_keep_gb * 1e9) if settings.backup_keep_gb is not None else None,
            with_inbox=with_inbox,
            now=utc_now(),
            progress=progress,
        )
    if as_json:
        print_json(_as_json(taken))
    else:
        _print(taken)
    if taken.manifest.missing:
        raise typer.Exit(6)


def _as_json(taken: Taken) -> BackupJson:
    from autod.files.custody import path_text

    manifest = taken.manifest
    return {
        "archive": path_text(taken.path),
        "taken_at": manifest.taken_at,
        "size": taken.size,
        "documents": manifest.documents,
        "files": len(manifest.files),
        "complete": manifest.complete,
        "missing": [missing.document_id for missing in manifest.missing],
        "skipped": list(manifest.skipped),
        "dropped": [path_text(path) for path in taken.dropped],
    }


def _print(taken: Taken) -> None:
    from autod.cli.output import clean, console, size

    manifest, screen = taken.manifest, console()
    count = f"{manifest.documents} documents, {len(manifest.files)} files, {size(taken.size)}"
    screen.print(f"Backup complete: {clean(taken.path)} ({count})", soft_wrap=True)
    for note in manifest.skipped:
        screen.print(f"[yellow]left out[/yellow] {clean(note)}", soft_wrap=True)
    for missing in manifest.missing:
        text = f"document {missing.document_id}: its file is gone or cannot be read: {missing.path}"
        screen.print(f"[red]✗[/red] {clean(text)}", soft_wrap=True)
    if taken.dropped:
        screen.print(f"Removed {len(taken.dropped)} archive(s) that the settings do not keep.")
    if manifest.missing:
        screen.print("  → Run `autod check --repair`; an earlier archive may have them.")
