"""``autod list``: the documents, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from autod.cli.filters import (
    FromOption,
    IssuerOption,
    JsonOption,
    LimitOption,
    ToOption,
    TypeOption,
    day,
    kind,
)
from autod.codes import Code

if TYPE_CHECKING:
    from autod.db.models import Document

COLUMNS = ("ID", "Date", "Type", "Issuer", "Amount", "Conf.", "Status", "File")
LAYOUT: dict[str, Sequence[str]] = {
    "right": ("ID", "Amount", "Conf."),
    "flexible": ("File",),
    "folding": ("Issuer", "Status"),
    "dropped": ("Conf.", "File"),
}


def list_documents(
    doc_type: TypeOption = None,
    issuer: IssuerOption = None,
    date_from: FromOption = None,
    date_to: ToOption = None,
    status: Annotated[
        str | None, typer.Option(help="waiting, processing, completed, failed or superseded.")
    ] = None,
    review: Annotated[bool, typer.Option("--review", help="Only those that wait for review.")] = False,
    limit: LimitOption = 50,
    as_json: JsonOption = False,
) -> None:
    """List documents, newest first.

    Examples:

        autod list --type invoice --from 2026-01-01

        autod list --status failed --json
    """
    from autod.assembly.archive import open_ready_manager
    from autod.cli.output import clean, console, money, percent, print_json, summary_of, table
    from autod.config import get_config
    from autod.db import documents
    from autod.domain.status import DocumentStatus
    from autod.errors import UsageError

    if status is not None and status not in set(DocumentStatus):
        raise UsageError(
            f"{status!r} is not a status",
            code=Code.UNKNOWN_STATUS,
            next_step=f"Known are: {', '.join(DocumentStatus)}.",
        )
    filters = documents.DocumentFilter(
        doc_type=kind(doc_type),
        issuer=issuer,
        date_from=day(date_from),
        date_to=day(date_to),
        status=DocumentStatus(status) if status else None,
        needs_review=True if review else None,
    )
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        found = documents.list_documents(session, filters, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        if as_json:
            for document in found:
                print_json(summary_of(document))
        rows = [
            [
                str(d.id),
                str(d.primary_date or ""),
                clean(d.doc_type or ""),
                clean(d.issuer or ""),
                money(d.total_amount, d.currency),
                percent(d.confidence),
                _standing(d),
                clean(d.original_filename),
            ]
            for d in found
        ]
    if not as_json:
        if rows:
            table(COLUMNS, rows, **LAYOUT)
        else:
            console().print("No documents.")
    if more:
        console(stderr=True).print(f"There are more than these {limit}: see --limit.")


def _standing(document: Document) -> str:
    """The status in a word or two: what waits for review, and why."""
    from autod.cli.output import standing_of
    from autod.domain.left_out import NEXT_STEPS
    from autod.domain.reasons import review_reasons

    if not document.to_review:
        return standing_of(document)
    codes = [code for code in document.to_review if code in NEXT_STEPS]
    reasons = review_reasons(document.to_review, document.checks or [])
    codes += [reason for of_field in reasons.values() for reason in of_field]
    return ", ".join(["review", *dict.fromkeys(codes)])
