"""``autod search``: find documents by their words."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from autod.search.fulltext import SearchFilter

SNIPPET = 240
OPEN, CLOSE = "\x02", "\x03"


def search(
    query: Annotated[str, typer.Argument(help='Words; "a phrase"; begin*; -not.', show_default=False)],
    doc_type: TypeOption = None,
    issuer: IssuerOption = None,
    date_from: FromOption = None,
    date_to: ToOption = None,
    meaning: Annotated[
        bool,
        typer.Option("--meaning", help="By meaning, in the vector store; the query is sent there."),
    ] = False,
    limit: LimitOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Find documents by their words, best first, with the place highlighted; or by meaning.

    Examples:

        autod search "heat pump" --type invoice

        autod search 'telefon* -mobil' --from 2026-01-01 --json

        autod search --meaning "what did the heating cost" --type invoice
    """
    from autod.assembly.archive import open_ready_manager
    from autod.cli.output import clean, console, print_json, summary_of
    from autod.config import get_config
    from autod.db import documents
    from autod.search import fulltext

    filters = fulltext.SearchFilter(kind(doc_type), issuer, day(date_from), day(date_to))
    if meaning:
        by_meaning(query, filters, limit, as_json=as_json)
        return
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


def by_meaning(query: str, filters: SearchFilter, limit: int, *, as_json: bool) -> None:
    """Print what the vector store finds; only documents that the archive knows."""
    from autod.assembly.archive import open_ready_manager
    from autod.assembly.vector_store import require_vector_store
    from autod.cli.output import clean, console, headline, print_json, summary_of
    from autod.config import get_config
    from autod.db import documents
    from autod.vectors.base import Filter

    # The store compares issuers as wholes, so that part of a name is looked for here.
    wanted = Filter(filters.doc_type, None, filters.date_from, filters.date_to)
    with open_ready_manager(get_config()) as manager:
        hits = require_vector_store(get_config(), manager).search(query, wanted, limit)
        found = 0
        screen = console()
        with manager.get_session(read_only=True) as session:
            for hit in hits:
                document = documents.by_sha(session, hit.sha256)
                if document is None or not _names(filters.issuer, document.issuer):
                    continue
                found += 1
                if as_json:
                    print_json({**summary_of(document), "score": hit.score, "snippet": hit.text})
                    continue
                screen.print(f"[bold]{document.id}[/bold]  {headline(document)}")
                screen.print("    " + clean(" ".join(hit.text.split())[:SNIPPET]), soft_wrap=False)
    if not found and not as_json:
        screen.print("Nothing found.")


def _names(wanted: str | None, issuer: str | None) -> bool:
    return wanted is None or wanted.casefold() in (issuer or "").casefold()


def _highlight(snippet: str) -> str:
    """The snippet with its markers as bold, everything else harmless."""
    from autod.cli.output import clean

    parts = snippet.replace(CLOSE, OPEN).split(OPEN)
    return "".join(
        f"[bold yellow]{clean(p)}[/bold yellow]" if i % 2 else clean(p) for i, p in enumerate(parts) if p
    )
