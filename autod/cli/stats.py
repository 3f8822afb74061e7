"""``autod stats``: how the archive is doing, in numbers and small curves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from autod.cli.filters import beginning_of

if TYPE_CHECKING:
    from autod.db.figures import ArchiveFigures, Window
    from autod.db.history import Slice

HOURS, DAYS = 24, 30
BARS = "▁▂▃▄▅▆▇█"
NAME_WIDTH, COLUMN_WIDTH, MOST_WIDTH = 20, 12, 5


def stats(
    since: Annotated[str | None, typer.Option("--since", help="One more column: since YYYY-MM-DD.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show what was processed, how long it took, what it cost, and what waits. Hours and days are UTC.

    Examples:

        autod stats

        autod stats --since 2026-11-01

        autod stats --json | jq .windows.day.completed
    """
    from autod.assembly.archive import open_ready_manager, utc_now
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.db.figures import snapshot, window
    from autod.db.history import Bucket, history

    now, first = utc_now(), beginning_of(since)
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        found = snapshot(session, now)
        windows = dict(found.windows)
        if first:
            windows[f"{first:%Y-%m-%d}…"] = window(session, first)
        hours = history(session, Bucket.HOUR, HOURS, now)
        days = history(session, Bucket.DAY, DAYS, now)
    if as_json:
        print_json(_as_json(found, windows, hours, days))
    else:
        _print_standing(found)
        _print_windows(windows)
        _print_curves(hours, days)


def _print_standing(found: ArchiveFigures) -> None:
    now = found.standing
    print(f"{found.at:%Y-%m-%d %H:%M} UTC   {now.completed} completed, {now.failed} failed")
    print(
        f"Now: {now.waiting} waiting, {now.processing} in work, {now.postponed} postponed, "
        f"{now.needs_review} to review"
    )


Row = tuple[str, Callable[["Window"], str]]
ROWS: tuple[Row, ...] = (
    ("completed", lambda w: f"{w.completed:,}"),
    ("failed", lambda w: f"{w.failed:,}"),
    ("seconds each, mean", lambda w: _number(w.processing_seconds, ".1f")),
    ("duplicates", lambda w: _number(w.duplicate_ratio, ".0%")),
    ("errors", lambda w: _number(w.error_ratio, ".1%")),
    ("to review", lambda w: _number(w.review_ratio, ".0%")),
)
PAID_ROWS: tuple[Row, ...] = (
    ("cost, USD", lambda w: f"{w.usd:,.2f}"),
    ("open, USD", lambda w: f"{w.open_usd:,.2f}"),
    ("each, USD", lambda w: _number(w.usd_per_document, ".4f")),
    ("tokens in", lambda w: compact(w.input_tokens)),
    ("tokens out", lambda w: compact(w.output_tokens)),
    ("cached, static part", lambda w: _number(w.cache.prefix, ".0%")),
    ("cached, all tokens", lambda w: _number(w.cache.tokens, ".0%")),
    ("service errors", lambda w: _number(w.api_error_ratio, ".0%")),
    ("answers that fit", lambda w: _number(w.schema_valid_ratio, ".0%")),
)
STORE_ROWS: tuple[Row, ...] = (("uploads that worked", lambda w: _number(w.upload_success_ratio, ".0%")),)


def _print_windows(windows: dict[str, Window]) -> None:
    """What was never used has no rows."""
    paid = any(w.api_answers or w.api_failures or w.usd or w.open_usd for w in windows.values())
    stored = any(w.uploaded or w.uploads_failed for w in windows.values())
    print("\n" + "".ljust(NAME_WIDTH) + "".join(name.rjust(COLUMN_WIDTH) for name in windows))
    for name, shown in (*ROWS, *(PAID_ROWS if paid else ()), *(STORE_ROWS if stored else ())):
        cells = (shown(window).rjust(COLUMN_WIDTH) for window in windows.values())
        print(name.ljust(NAME_WIDTH) + "".join(cells))


CURVES: tuple[tuple[str, Callable[[Slice], float]], ...] = (
    ("completed", lambda s: s.completed),
    ("failed", lambda s: s.failed),
    ("duplicates", lambda s: s.duplicates),
    ("seconds", lambda s: s.processing_seconds),
    ("USD", lambda s: float(s.usd)),
    ("tokens in", lambda s: s.input_tokens),
    ("cached", lambda s: s.cached_tokens),
)


def _print_curves(hours: Sequence[Slice], days: Sequence[Slice]) -> None:
    """Each curve ends with its highest value; what is zero throughout is left out."""
    print(f"\n{'':<11}{'24 hours':<{HOURS + MOST_WIDTH + 3}}30 days")
    for name, value in CURVES:
        short, long = [value(one) for one in hours], [value(one) for one in days]
        if any(long) or any(short) or name == "completed":
            print(f"{name:<11}{_curve(short)}  {_curve(long)}".rstrip())


def _curve(values: Sequence[float]) -> str:
    return f"{sparkline(values)} {compact(max(values)):<{MOST_WIDTH}}"


def sparkline(values: Sequence[float]) -> str:
    """One bar for each value, the highest full; a blank for zero."""
    top = max(values, default=0)
    return "".join(BARS[max(0, round(v / top * len(BARS)) - 1)] if v > 0 else " " for v in values)


def compact(value: float) -> str:
    """At most five characters: ``0.03``, ``7``, ``12.5``, ``1.2k``, ``340M``."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size * 0.9995:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}" if value == int(value) else f"{value:.2g}" if value < 1 else f"{value:.3g}"


def _number(value: Any, form: str) -> str:
    return "–" if value is None else format(value, form)


def _as_json(
    found: ArchiveFigures, windows: dict[str, Window], hours: Sequence[Slice], days: Sequence[Slice]
) -> dict[str, object]:
    derived = (
        "duplicate_ratio", "error_ratio", "review_ratio", "api_error_ratio", "schema_valid_ratio",
        "upload_success_ratio", "usd_per_document",
    )  # fmt: skip
    return {
        "at": found.at,
        "standing": asdict(found.standing),
        "spent_today_usd": found.spent_today,
        "windows": {
            name.removesuffix("…"): {**asdict(window), **{key: getattr(window, key) for key in derived}}
            for name, window in windows.items()
        },
        "hours": [asdict(one) for one in hours],
        "days": [asdict(one) for one in days],
    }
