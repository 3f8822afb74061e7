"""``autod check``: do folders, database and index agree?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autod.config import Settings
    from autod.reconcile.compare import Progress
    from autod.reconcile.difference import Difference


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended safely.")] = False,
    adopt: Annotated[
        bool,
        typer.Option("--adopt", help="Say that the folders of the settings are the archive's: mark them."),
    ] = False,
    forget: Annotated[
        list[Path] | None,
        typer.Option("--forget", metavar="FILE", help="Leave this file, whatever its name, out for good."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare folders, database and search index. Exit code 4 when something differs (after the repair).

    Every filed file is read and compared with its fingerprint, and a private copy of the database is looked
    through, so a large archive takes a while. --repair needs the daemon to be stopped; it never removes the
    only copy of anything. A file that no document has is taken back where it lies, unless it was forgotten.

    Examples:

        autod check

        autod check --repair

        autod check --adopt

        autod check --forget processed/2026/letter/private.pdf

        autod check --json | jq .differences
    """
    from autod.cli.output import console, print_json
    from autod.config import get_config

    settings = get_config()
    if adopt or forget:
        _tell_it(settings, adopt=adopt, forget=forget or [])
        return
    with console(stderr=True).status("Looking at the database…") as status:

        def progress(done: int, total: int) -> None:
            status.update(f"Compared {done} of {total} files…")

        found = _look(settings, repair, progress)
    mended, differences, left_out, unchecked = found
    if as_json:
        print_json(
            {
                "agrees": not differences,
                "mended": [difference.to_dict() for difference in mended],
                "differences": [difference.to_dict() for difference in differences],
                "left_out": [str(path) for path in left_out],
                "unchecked": unchecked,
            }
        )
    else:
        _print(mended, differences, left_out, unchecked)
    if differences:
        raise typer.Exit(4)


def _look(
    settings: Settings, repair: bool, progress: Progress
) -> tuple[list[Difference], list[Difference], list[Path], str]:
    """What was mended, what differs, the files left out, and what was not checked."""
    from autod.assembly.archive import folders_of, open_ready_manager, utc_now
    from autod.reconcile import compare, mend

    with open_ready_manager(settings) as manager:
        folders = folders_of(settings)
        if repair:
            mended, differences, unchecked = mend.repair_all(manager, folders, utc_now(), progress)
            return mended, differences, [], unchecked
        compared, unchecked = compare.check_all(manager, folders, utc_now(), progress)
        return [], compared.differences, compared.left_out, unchecked


def _print(
    mended: list[Difference], differences: list[Difference], left_out: list[Path], unchecked: str
) -> None:
    from autod.cli.output import clean, console

    screen = console()
    for difference in mended:
        screen.print(f"[green]mended[/green] {_line(difference)}", soft_wrap=True)
    for difference in differences:
        screen.print(f"[red]✗[/red] {_line(difference)}", soft_wrap=True)
        screen.print(f"  → {clean(difference.repair)}", soft_wrap=True)
    if unchecked:
        note = f"Not checked: the database's integrity, {clean(unchecked)}."
        console(stderr=True).print(note, soft_wrap=True)
    for path in left_out[:5]:
        screen.print(f"Left out, it changed within a minute: {clean(str(path))}", soft_wrap=True)
    if left_out:
        screen.print(f"{len(left_out)} file(s) may still be in work: run `autod check` again in a minute.")
    elif not differences:
        screen.print("Folders, database and search index agree.")


def _tell_it(settings: Settings, *, adopt: bool, forget: list[Path]) -> None:
    """Take a person's word: the folders are right, or files are to stay out."""
    import getpass

    from autod.assembly.archive import folders_of, open_ready_manager, utc_now
    from autod.cli.output import clean, console
    from autod.files import custody
    from autod.pipeline import footing
    from autod.pipeline.forgetting import forget_file

    screen = console()
    with open_ready_manager(settings) as manager:
        folders = folders_of(settings)
        if adopt:
            with custody.explained("cannot mark the folders"):
                changed = footing.adopt(manager, folders)
            for found in changed:
                screen.print(f"Marked {clean(str(found.folder))}", soft_wrap=True)
            if not changed:
                screen.print("All folders bear the archive's mark already.")
        for path in forget:
            sha256 = forget_file(manager, path, by=getpass.getuser(), now=utc_now())
            screen.print(f"Forgotten: {clean(path.name)} ({sha256[:12]}…)", soft_wrap=True)
            screen.print("  It stays where it is; put it into the inbox if you want it after all.")


def _line(difference: Difference) -> str:
    from autod.cli.output import clean

    document = f" document {difference.document_id}:" if difference.document_id else ""
    return f"{difference.code}:{document} {clean(difference.what)}"
