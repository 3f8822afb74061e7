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
    from autod.domain.status import DocumentStatus

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
    from autod.cli.output import console, print_json, summary_of, table
    from autod.config import get_config
    from autod.db import documents

    filters = documents.DocumentFilter(
        doc_type=kind(doc_type),
        issuer=issuer,
        date_from=day(date_from),
        date_to=day(date_to),
        status=_status(status),
        needs_review=True if review else None,
    )
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        found = documents.list_documents(session, filters, limit=limit + 1)
        more, found = len(found) > limit, found[:limit]
        if as_json:
            for document in found:
                print_json(summary_of(document))
        rows = [_cells(document) for document in found]
    if not as_json:
        if rows:
            table(COLUMNS, rows, **LAYOUT)
        else:
            console().print("No documents.")
    if more:
        console(stderr=True).print(f"There are more than these {limit}: see --limit.")


def _status(text: str | None) -> DocumentStatus | None:
    from autod.domain.status import DocumentStatus
    from autod.errors import UsageError

    if text is not None and text not in set(DocumentStatus):
        raise UsageError(
            f"{text!r} is not a status",
            code=Code.UNKNOWN_STATUS,
            next_step=f"Known are: {', '.join(DocumentStatus)}.",
        )
    return DocumentStatus(text) if text else None


def _cells(document: Document) -> list[str]:
    from autod.cli.output import clean, money, percent

    return [
        str(document.id),
        str(document.primary_date or ""),
        clean(document.doc_type or ""),
        clean(document.issuer or ""),
        money(document.total_amount, document.currency),
        percent(document.confidence),
        _standing(document),
        clean(document.original_filename),
    ]


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
