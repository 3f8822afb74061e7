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
    from autod.config import Settings, get_config, variable_name

    settings = get_config()
    tell_former_settings()
    values = {variable_name(name): shown(getattr(settings, name)) for name in Settings.model_fields}
    if as_json:
        print_json(values)
        return
    meaning = {variable_name(name): field.description or "" for name, field in Settings.model_fields.items()}
    rows = [[name, clean(value), clean(meaning[name])] for name, value in values.items()]
    table(("Setting", "Value", "Meaning"), rows, flexible=("Value", "Meaning"))


def shown(value: object) -> str:
    """A setting's value as text, without its secret part."""
    from pydantic import SecretStr
    from sqlalchemy import make_url

    if isinstance(value, SecretStr):
        text = value.get_secret_value()
        return make_url(text).render_as_string(hide_password=True) if "://" in text else "***"
    return "" if value is None else str(value)
