"""``autod check``: do folders, database and index agree?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autod.differences import Difference


def check(
    repair: Annotated[bool, typer.Option("--repair", help="Mend what can be mended safely.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare folders, database and search index. Exit code 4 when something differs (after the repair).

    Every filed file is read and compared with its fingerprint, so a large archive takes a while.
    --repair needs the daemon to be stopped; it never removes the only copy of anything.

    Examples:

        autod check

        autod check --repair

        autod check --json | jq .differences
    """
    from autod import checking, mending
    from autod.cli.output import clean, console, print_json
    from autod.config import get_config
    from autod.services import folders_of, open_ready_manager, utc_now

    settings = get_config()
    mended: list[Difference] = []
    with (
        open_ready_manager(settings) as manager,
        console(stderr=True).status("Comparing…") as status,
    ):

        def progress(done: int, total: int) -> None:
            status.update(f"Compared {done} of {total} files…")

        folders = folders_of(settings)
        if repair:
            mended, differences = mending.repair(manager, folders, utc_now(), progress)
        else:
            differences = checking.check(manager, folders, utc_now(), progress)
    if as_json:
        print_json(
            {
                "agrees": not differences,
                "mended": [difference.to_dict() for difference in mended],
                "differences": [difference.to_dict() for difference in differences],
            }
        )
    else:
        screen = console()
        for difference in mended:
            screen.print(f"[green]mended[/green] {_line(difference)}", soft_wrap=True)
        for difference in differences:
            screen.print(f"[red]✗[/red] {_line(difference)}", soft_wrap=True)
            screen.print(f"  → {clean(difference.repair)}", soft_wrap=True)
        if not differences:
            screen.print("Folders, database and search index agree.")
    if differences:
        raise typer.Exit(4)


def _line(difference: Difference) -> str:
    from autod.cli.output import clean

    document = f" document {difference.document_id}:" if difference.document_id else ""
    return f"{difference.code}:{document} {clean(difference.what)}"
