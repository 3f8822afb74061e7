"""``autod config``: the settings in force."""

from __future__ import annotations

from typing import Annotated

import typer


def config(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show every setting, its value now, and what it does. Secrets are masked.

    Names that are set and no longer read are told beside it, on standard error.

    Examples:

        autod config

        autod config --json | jq .PAPER_AUTOPILOT_WORKERS
    """
    from autod.cli.output import clean, print_json, table, tell_former_settings
    from autod.config import Settings, get_config, shown_value, variable_name

    settings = get_config()
    tell_former_settings(logged=False)
    values = {
        variable_name(name): shown_value(name, getattr(settings, name)) for name in Settings.model_fields
    }
    if as_json:
        print_json(values)
        return
    meaning = {variable_name(name): field.description or "" for name, field in Settings.model_fields.items()}
    rows = [[name, clean(value), clean(meaning[name])] for name, value in values.items()]
    table(("Setting", "Value", "Meaning"), rows, flexible=("Value", "Meaning"))
