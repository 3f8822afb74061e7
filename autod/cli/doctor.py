"""``autod doctor``: what is wrong with a set-up, why it matters, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from autod.cli.filters import JsonOption
from autod.cli.health import SIGNS

if TYPE_CHECKING:
    from autod.doctor import Diagnosis


def doctor(
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask no service; say what was not looked at.")
    ] = False,
    every: Annotated[bool, typer.Option("--all", help="Every model that the service offers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Explain a set-up: program, settings, folders, machine, database, work, and the service with its models.

    Asks the service for its list of models, which is free and carries nothing of a document. Changes nothing.
    Exit code 0 when nothing is broken, 2 for a wrong setting, 3 when something else is.

    Examples:

        autod doctor

        autod doctor --offline

        autod doctor --json | jq '.findings[] | select(.state == "failed")'
    """
    from autod.assembly.archive import utc_now
    from autod.cli.output import console, print_json
    from autod.doctor import diagnose

    with console(stderr=True).status("Looking…") as status:
        diagnosis = diagnose(utc_now, offline=offline, tell=lambda what: status.update(f"Looking at {what}…"))
    if as_json:
        print_json(diagnosis.to_dict())
    else:
        _print(diagnosis, every)
    if diagnosis.broken:
        raise typer.Exit(2 if diagnosis.settings_wrong else 3)


def _print(diagnosis: Diagnosis, every: bool) -> None:
    from autod.cli.output import clean, console, table

    screen = console()
    for finding in diagnosis.findings:
        sign = SIGNS[finding.state.value]
        screen.print(f"{sign} [bold]{clean(finding.topic)}[/bold]: {clean(finding.what)}", soft_wrap=True)
        if finding.why:
            screen.print(f"     {clean(finding.why)}", soft_wrap=True)
        if finding.next_step:
            screen.print(f"   → {clean(finding.next_step)}", soft_wrap=True)
    shown = [model for model in diagnosis.models if every or model.known or model.configured]
    if shown:
        rows = [
            [
                clean(model.name) + (" *" if model.configured else ""),
                model.shutdown.isoformat() if model.shutdown else "",
                clean(model.successor or ""),
            ]
            for model in shown
        ]
        print()
        table(("Model", "Shuts down", "Successor"), rows, flexible=("Model",))
        print("* in use")
    bad = sum(f.state.value == "failed" for f in diagnosis.findings)
    doubtful = sum(f.state.value == "warning" for f in diagnosis.findings)
    print(f"{bad} broken, {doubtful} to look at." if bad or doubtful else "Nothing is wrong.")
