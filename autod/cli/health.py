"""``autod health``: is everything up, for people, cron and machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from autod.health import Report

SIGNS = {"ok": "✅", "warning": "⚠️ ", "failed": "❌", "off": "➖"}


def health(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check everything that work needs, and what the running daemon says of itself; makes no paid call.

    Exit code 0 when all is well or a warning at most, 3 when something is down.

    Examples:

        autod health

        autod health --json | jq .healthy
    """
    from autod.assembly.archive import utc_now
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.health import examine

    report = examine(get_config(), utc_now())
    if as_json:
        print_json(report.to_dict())
    else:
        _print(report)
    if not report.healthy:
        raise typer.Exit(3)


def _print(report: Report) -> None:
    """The lines have the runbook's order; what came later follows."""
    from autod.cli.calling import as_typed

    print("=== autoD Health Check ===")
    print(f"Timestamp: {report.at:%Y-%m-%dT%H:%M:%SZ}")
    for check in report.checks:
        print(f"{check.name}: {SIGNS[check.state.value]} {check.detail}")
        if check.next_step:
            print(f"  → {as_typed(check.next_step)}")
    done = report.completed_today
    print("Docs (24h): " + (f"{done} processed" if done is not None else "unknown without the database"))
    print("=== Health Check Complete ===")
