"""``autod extract``: what files say, as JSON Lines; touches no database and moves nothing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class EngineName(StrEnum):
    LOCAL = "local"


def extract(
    files: Annotated[list[Path], typer.Argument(help="PDFs.", show_default=False)],
    engine: Annotated[EngineName, typer.Option(help="Who reads: the embedded engine.")] = EngineName.LOCAL,
) -> None:
    """Print what each file says, with evidence, as one JSON object a line.

    Examples:

        autod extract invoice.pdf

        autod extract *.pdf | jq -r '[.file, .metadata.issuer, .metadata.total_amount] | @tsv'
    """
    from autod.cli.output import console, print_json
    from autod.config import get_config
    from autod.dryrun.extract import extract_files

    failed = 0
    with console(stderr=True).status(f"Reading {len(files)} file(s)…") as status:
        for done, result in enumerate(extract_files(get_config(), files), 1):
            failed += "error" in result
            print_json(result)
            status.update(f"Read {done} of {len(files)}…")
    if failed:
        raise typer.Exit(4)
