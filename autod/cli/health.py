"""``autod health``: is everything up, for people, cron and machines."""

from __future__ import annotations

from typing import Annotated

import typer

SIGNS = {"ok": "✅", "warning": "⚠️ ", "failed": "❌", "off": "➖"}


def health(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check database, engine, disk and log. Exit code 3 when something is down.

    Examples:

        autod health

        autod health --json | jq .healthy
    """
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.health import examine
    from autod.services import utc_now

    report = examine(get_config(), utc_now())
    if as_json:
        print_json(report.to_dict())
    else:
        print("=== autoD Health Check ===")
        print(f"Timestamp: {report.at:%Y-%m-%dT%H:%M:%SZ}")
        for check in report.checks:
            print(f"{check.name}: {SIGNS[check.state]} {check.detail}")
            if check.next_step:
                print(f"  → {check.next_step}")
        print(f"Docs (24h): {report.completed_today} processed")
        print("=== Health Check Complete ===")
    if not report.healthy:
        raise typer.Exit(3)
