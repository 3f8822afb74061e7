"""``autod search``: find documents by their words."""

from __future__ import annotations

from typing import Annotated

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

OPEN, CLOSE = "\x02", "\x03"


def search(
    query: Annotated[str, typer.Argument(help='Words; "a phrase"; begin*; -not.', show_default=False)],
    doc_type: TypeOption = None,
    issuer: IssuerOption = None,
    date_from: FromOption = None,
    date_to: ToOption = None,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Find documents by their words, best first, with the place highlighted.

    Examples:

        autod search "heat pump" --type invoice

        autod search 'telefon* -mobil' --from 2026-01-01 --json
    """
    from autod.cli.output import clean, console, print_json, summary_of
    from autod.config import get_config
    from autod.db import documents
    from autod.search import fulltext
    from autod.services import open_ready_manager

    filters = fulltext.SearchFilter(kind(doc_type), issuer, day(date_from), day(date_to))
    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        hits = fulltext.search(session, query, filters, limit=limit, markers=(OPEN, CLOSE))
        screen = console()
        for hit in hits:
            document = documents.by_id(session, hit.document_id)
            if document is None:
                continue
            if as_json:
                plain = hit.snippet.replace(OPEN, "").replace(CLOSE, "")
                print_json({**summary_of(document), "score": hit.score, "snippet": plain})
                continue
            head = (document.primary_date, document.doc_type, document.issuer, document.original_filename)
            screen.print(f"[bold]{document.id}[/bold]  " + " · ".join(clean(part) for part in head if part))
            screen.print("    " + _highlight(hit.snippet), soft_wrap=False)
        if not hits and not as_json:
            screen.print("Nothing found.")


def _highlight(snippet: str) -> str:
    """The snippet with its markers as bold, everything else harmless."""
    from autod.cli.output import clean

    parts = snippet.replace(CLOSE, OPEN).split(OPEN)
    return "".join(
        f"[bold yellow]{clean(p)}[/bold yellow]" if i % 2 else clean(p) for i, p in enumerate(parts) if p
    )
