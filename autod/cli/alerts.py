"""``autod alerts``: where alerts stand and whether they would arrive."""

from __future__ import annotations

from typing import Annotated

import typer

alerts = typer.Typer(help="What people are told when something is wrong.", no_args_is_help=True)


@alerts.callback()
def options() -> None:
    """What people are told when something is wrong."""


@alerts.command("list")
def list_alerts(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show where each alert stands, and where alerts go.

    Examples:

        autod alerts list

        autod alerts list --json
    """
    from autod.cli.output import clean, print_json, table
    from autod.config import get_config
    from autod.monitoring.alert_settings import open_channels
    from autod.monitoring.standing_alerts import standing_alerts

    settings = get_config()
    channels = ", ".join(channel.name for channel in open_channels(settings))
    found = standing_alerts(settings)
    if as_json:
        for one in found:
            print_json(one.to_dict())
        return
    rows = [
        (one.severity.value, clean(one.name), one.phase, f"{one.since:%Y-%m-%d %H:%M}", clean(one.summary))
        for one in found
    ]
    table(("", "Alert", "Phase", "Since (UTC)", "Seen last"), rows, flexible=("Seen last",))
    print(f"Alerts go to: {channels}. `autod alerts test` tries them.")


@alerts.command("test")
def test() -> None:
    """Send a test message to every channel. Exit code 5 when one of them failed.

    Examples:

        autod alerts test

        PAPER_AUTOPILOT_ALERT_COMMAND='mail -s alert me@example.com' autod alerts test
    """
    import socket

    from autod.alerts.channels import ChannelFailed
    from autod.alerts.message import trial
    from autod.assembly.archive import utc_now
    from autod.assembly.logging import start_logging
    from autod.config import get_config
    from autod.monitoring.alert_settings import open_channels

    settings = get_config()
    start_logging(settings)
    message = trial(socket.gethostname(), utc_now())
    troubles = []
    for channel in open_channels(settings):
        try:
            channel.send(message)
        except ChannelFailed as trouble:
            troubles.append(trouble)
            print(f"❌ {channel.name}: {trouble.message}")
        else:
            print(f"✅ {channel.name}: sent")
    if troubles:
        raise ChannelFailed("a channel does not work", next_step=troubles[0].next_step)
