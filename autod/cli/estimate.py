"""``autod process --estimate``: what files would cost, before anything is paid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from autod.config import Settings
    from autod.domain.estimated import Estimate, FileJson
    from autod.dryrun.estimate import Sized

MOST_SHOWN = 40
PRINTED_AS = {"withheld_for": "keeps_here"}
LANE_NAMES = {"default": "standard", "flex": "flex", "batch": "batch"}


def print_estimate(settings: Settings, files: list[Path], *, count: bool, batch: bool, as_json: bool) -> None:
    """Size the files up, price them, and say which of them the caps would stop; ``count`` sends them."""
    from autod.assembly.archive import utc_now
    from autod.cli.output import print_json
    from autod.dryrun.estimate import estimate, require_a_price, size_files

    require_a_price(settings)
    sized = _watched(size_files(settings, files), len(files), "Sized up")
    if count:
        from autod.dryrun.count import count_files

        sized = _watched(count_files(settings, sized, utc_now()), len(files), "Counted")
    tier = "batch" if batch else "flex" if settings.openai_flex else "default"
    counted_by = "service" if count else "us"
    made = estimate(settings, sized, tier=tier, counted_by=counted_by, now=utc_now())
    if as_json:
        print_json({**made, "documents": [_as_data(row) for row in made["documents"]]})
        return
    _print_documents(made)
    _print_lanes(made)
    _print_caps(made)
    _print_method(made)


def _watched(files: Iterator[Sized], total: int, done: str) -> list[Sized]:
    """All of them, with the progress shown meanwhile."""
    from autod.cli.output import console

    made = []
    with console(stderr=True).status(f"{done} 0 of {total}…") as status:
        for one in files:
            made.append(one)
            status.update(f"{done} {len(made)} of {total}…")
    return made


def _print_documents(made: Estimate) -> None:
    from autod.cli.output import clean, table

    columns = ("File", "Pages", "Sent as", "Tokens", "Expected $", "At most $", "Remark")
    rows = made["documents"]
    shown = sorted(rows, key=lambda row: -row["most_usd"])[:MOST_SHOWN]
    cells = [
        [
            clean(Path(row["file"]).name),
            str(row["pages"]),
            row["form"],
            f"{row['input_tokens']:,}",
            _dollars(row["expected_usd"]),
            _dollars(row["most_usd"]),
            _remark(row),
        ]
        for row in (rows if len(rows) <= MOST_SHOWN else shown)
    ]
    if len(rows) > MOST_SHOWN:
        cells.append([f"… and {len(rows) - MOST_SHOWN:,} cheaper ones", "", "", "", "", "", ""])
    total = made["total"]
    cells.append(
        [
            f"{total['documents']:,} file(s)",
            "",
            "",
            f"{total['input_tokens']:,}",
            _dollars(total["expected_usd"]),
            _dollars(total["most_usd"]),
            "",
        ]
    )
    table(columns, cells, right=("Pages", "Tokens", "Expected $", "At most $"), flexible=("File", "Remark"))


def _as_data(row: FileJson) -> dict[str, object]:
    """The row under the keys that scripts read."""
    return {PRINTED_AS.get(key, key): value for key, value in row.items()}


def _remark(row: FileJson) -> str:
    if row["error"]:
        return str(row["error"]["code"])
    if row["duplicate_of"]:
        return f"is document {row['duplicate_of']}"
    if row["twin"]:
        return "same bytes as another"
    if row["withheld_for"]:
        return f"stays here: {row['withheld_for']}"
    if row["states_all"]:
        return "states everything itself"
    if row["stopped_by"]:
        return f"over the {row['stopped_by']} cap"
    return f"{row['questions']} parts" if row["questions"] > 1 else ""


def _print_lanes(made: Estimate) -> None:
    from autod.cli.output import table

    print(f"All of them with {made['model']}, US dollars")
    cells = [
        [
            LANE_NAMES[lane["tier"]] + (" (set)" if lane["tier"] == made["tier"] else ""),
            _dollars(lane["cached_usd"]),
            _dollars(lane["plain_usd"]),
        ]
        for lane in made["lanes"]
    ]
    columns = ("Lane", "Cache works", "No cache")
    table(columns, cells, right=columns[1:], flexible=("Lane",))


def _print_caps(made: Estimate) -> None:
    caps, spent, total = made["caps"], made["spent"], made["total"]
    named = (("a document", caps["document"]), ("a day", caps["day"]), ("a month", caps["month"]))
    limits = ", ".join(f"${limit:.2f} {name}" for name, limit in named if limit is not None)
    if limits:
        used = (
            f"spent so far: ${spent['day_usd']:.4f} today, ${spent['month_usd']:.4f} this month"
            if spent["known"]
            else "nothing is known of what was spent: there is no database yet"
        )
        print(f"Caps: {limits}; {used}.")
        if total["stopped"]:
            fate = (
                "are read by the embedded engine"
                if caps["at_cap"] == "local"
                else "wait until the cap allows"
            )
            print(f"{total['stopped']:,} of {total['documents']:,} would not be sent: they {fate}.")


def _print_method(made: Estimate) -> None:
    """Who counted how, and what is left out."""
    total, output = made["total"], made["output_tokens"]
    if total["kept_here"]:
        print(f"{total['kept_here']:,} of {total['documents']:,} must stay on this machine by your policy.")
    if total["states_all"]:
        print(
            f"{total['states_all']:,} of {total['documents']:,} state everything themselves: nobody is asked."
        )
    source = "the average of your earlier calls" if output["measured"] else "a usual one"
    how = (
        "The documents were sent to be counted, not to be read (`autod sent` lists them). Tokens are the\n"
        "service's count, and "
        if made["counted_by"] == "service"
        else "Nothing was sent. Tokens are our own count: four characters each, half of the\n"
        "catalogue's upper figure for a page sent as a picture, and "
    )
    print(
        f"{how}{output['each']:,} for an answer\n"
        f"({source}). 'At most' is what is set aside while a call is open."
    )
    if not any(row["pages"] for row in made["documents"]):
        print("No file could be sized up.")


def _dollars(amount: Decimal) -> str:
    return f"{amount:,.4f}"
