"""``autod sent``: what left this machine, where it went, and whether it is still kept there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from autod.cli.filters import JsonOption, LimitOption, beginning_of
from autod.domain.fates import UNREACHABLE

if TYPE_CHECKING:
    from autod.db.models import Disclosure


def sent(
    since: Annotated[
        str | None, typer.Option("--since", help="Only what left on or after YYYY-MM-DD (UTC).")
    ] = None,
    kept: Annotated[
        bool, typer.Option("--kept", help="Only what a service still keeps, as far as we know.")
    ] = False,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List what left this machine, the newest first: which document, where to, what for, how much of it.

    Each entry was written before anything left. `autod show ID --history` tells it of one document.
    What libraries would report of themselves is switched off and kept in: docs/PRIVACY.md.

    Examples:

        autod sent

        autod sent --kept

        autod sent --since 2026-11-01 --json
    """
    from autod.assembly.archive import open_ready_manager
    from autod.cli.output import clean, print_json, table
    from autod.config import get_config
    from autod.db import disclosures

    start = beginning_of(since)
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        rows = disclosures.list_all(session, since=start, still_kept=kept, limit=limit)
    if as_json:
        for row in rows:
            print_json(as_data(row))
        return
    if not rows:
        print("Nothing is kept by a service." if kept else "Nothing left this machine.")
        return
    cells = [
        [
            f"{row.at.astimezone():%Y-%m-%d %H:%M:%S}",
            str(row.document_id or "-"),
            clean(row.host),
            row.purpose.value,
            row.form.value,
            str(row.pages or ""),
            f"{row.size_bytes:,}",
            clean(_fate(row)),
        ]
        for row in rows
    ]
    columns = ("Time", "ID", "Host", "To", "As", "Pages", "Bytes", "Then")
    table(columns, cells, right=("ID", "Pages", "Bytes"), flexible=("Host", "Then"))


class SentJson(TypedDict):
    """A departure for programs; times are ISO 8601 with their offset from UTC."""

    at: str
    document_id: int | None
    sha256: str | None
    host: str
    purpose: str
    form: str
    pages: int | None
    bytes: int
    outcome: str | None
    kept: bool
    kept_at: str | None
    deleted_at: str | None


def as_data(row: Disclosure) -> SentJson:
    """An entry for programs; times have their offset from UTC."""
    return {
        "at": row.at.isoformat(),
        "document_id": row.document_id,
        "sha256": row.sha256_hex,
        "host": row.host,
        "purpose": row.purpose.value,
        "form": row.form.value,
        "pages": row.pages,
        "bytes": row.size_bytes,
        "outcome": row.outcome,
        "kept": row.kept,
        "kept_at": row.kept_at,
        "deleted_at": row.deleted_at.isoformat() if row.deleted_at else None,
    }


def as_sentence(row: Disclosure) -> str:
    """An entry in words; not yet safe for a terminal."""
    pages = f"{row.pages} page(s) " if row.pages else ""
    return f"{pages}as {row.form} to {row.host}, to {row.purpose}; {_fate(row)}"


def _fate(row: Disclosure) -> str:
    if row.outcome == UNREACHABLE:
        return "nobody answered"
    told = "" if row.outcome in (None, "answered") else f"{row.outcome}; "
    if not row.kept:
        return told + "not kept there"
    if row.deleted_at is not None:
        return f"{told}deleted there {row.deleted_at.astimezone():%Y-%m-%d %H:%M:%S}"
    if row.kept_at is not None:
        return f"{told}kept there as {row.kept_at.lstrip('/')}"
    return told + "kept there if it arrived"
