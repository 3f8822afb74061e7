"""``autod show``: one document, every value with its evidence, or what happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

if TYPE_CHECKING:
    from autod.db.models import Disclosure, Document, Event, FieldValue, PageRow


def show(
    document_id: Annotated[int, typer.Argument(metavar="ID", help="The number that list shows.", min=1)],
    text: Annotated[bool, typer.Option("--text", help="The text of its pages instead.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="What happened to it instead, the oldest first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show one document: what it says, on which words that rests, and where it lies.

    Examples:

        autod show 12

        autod show 12 --history

        autod show 12 --json | jq .fields.total_amount
    """
    from autod.assembly.archive import open_ready_manager
    from autod.cli.output import print_json
    from autod.config import get_config
    from autod.db import disclosures, documents

    with open_ready_manager(get_config()) as manager, manager.get_session(read_only=True) as session:
        shown = _Shown(
            documents.require(session, document_id),
            documents.current_fields(session, document_id),
            documents.page_texts(session, document_id) if text else (),
            documents.history(session, document_id) if history else (),
            disclosures.of_document(session, document_id),
        )
        if as_json:
            print_json(_as_data(shown, text=text, history=history))
        elif text:
            _print_pages(shown)
        elif history:
            _print_history(shown)
        else:
            _print_standing(shown)
            _print_fields(shown)


class _Shown(NamedTuple):
    """What is known of a document; pages and events only where they are asked for."""

    document: Document
    fields: Sequence[FieldValue]
    pages: Sequence[PageRow]
    events: Sequence[Event]
    disclosures: Sequence[Disclosure]
    """Where it went."""


def _as_data(shown: _Shown, *, text: bool, history: bool) -> dict[str, object]:
    from autod.cli import sent
    from autod.cli.history import as_data
    from autod.cli.output import summary_of

    document = shown.document
    data: dict[str, object] = {**summary_of(document), "sha256": document.sha256_hex}
    data["fields"] = {
        f.field: {"value": f.value, "evidence": f.evidence, "said_by": f.source, "locked": f.locked}
        for f in shown.fields
    }
    data["versions"] = {"earlier": document.earlier_version, "later": document.later_version}
    if text:
        data["pages"] = [{"number": p.number, "source": p.source, "text": p.text} for p in shown.pages]
    data["sent"] = [sent.as_data(row) for row in shown.disclosures]
    if history:
        data["history"] = as_data(shown.events)
    return data


def _print_pages(shown: _Shown) -> None:
    from rich.text import Text

    from autod.cli.output import console, harmless

    screen = console()
    for page in shown.pages:
        screen.print(f"[bold]— page {page.number} ({page.source}) —[/bold]")
        screen.print(Text("\n".join(map(harmless, page.text.splitlines()))), soft_wrap=True)


def _print_history(shown: _Shown) -> None:
    from autod.cli.history import as_lines
    from autod.cli.output import clean, console

    screen = console()
    for line in as_lines(shown.events, shown.disclosures):
        screen.print(clean(line), soft_wrap=True)


def _print_standing(shown: _Shown) -> None:
    """Where the document lies and stands, and what is wrong with it."""
    from autod.cli.output import clean, console, standing_of
    from autod.domain.left_out import left_out_of

    document, screen = shown.document, console()
    name, status = clean(document.original_filename), standing_of(document)
    screen.print(f"[bold]Document {document.id}[/bold]  {name}  ({status})")
    if document.filed_path:
        screen.print(f"lies in {clean(document.filed_path)}", soft_wrap=True)
    for line in _versions(document):
        screen.print(line)
    if shown.disclosures:
        hosts = clean(", ".join(dict.fromkeys(row.host for row in shown.disclosures)))
        screen.print(f"was sent to {hosts}: see --history", soft_wrap=True)
    if document.error_code:
        code, message = clean(document.error_code), clean(document.error_message)
        screen.print(f"[red]{code}[/red]: {message}", soft_wrap=True)
        screen.print(f"  → {clean(document.next_step)}", soft_wrap=True)
    if document.checks:
        screen.print("[yellow]checks:[/yellow] " + clean(", ".join(document.checks)), soft_wrap=True)
    for item in filter(None, map(left_out_of, document.checks)):
        screen.print(f"[yellow]left out:[/yellow] {item.sentence()}", soft_wrap=True)
        if item.code in document.to_review:
            screen.print(f"  → seen to it? `autod correct {document.id} {item.code}=`", soft_wrap=True)


def _print_fields(shown: _Shown) -> None:
    """Each value with its evidence, and why it waits for a person."""
    from autod.cli.output import clean, console, percent, table

    waiting = shown.document.to_review
    rows = [
        [
            clean(f.field) + (" *" if f.field in waiting else ""),
            clean(_value(f.value)),
            percent(f.confidence),
            str((f.evidence or {}).get("page") or ""),
            clean((f.evidence or {}).get("quote") or f.source),
        ]
        for f in shown.fields
    ]
    if not rows:
        return
    table(
        ("Field", "Value", "Conf.", "Page", "Evidence"),
        rows,
        right=("Conf.", "Page"),
        flexible=("Value", "Evidence"),
    )
    screen = console()
    if any(f.field in waiting for f in shown.fields):
        screen.print("* waits for review: confirm or mend with `autod correct`")
    for line in _reasons(shown.document, {f.field: f.evidence or {} for f in shown.fields}):
        screen.print(line, soft_wrap=True)


def _reasons(document: Document, evidence: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Why each field waits, in words, with what the other reader says."""
    from autod.cli.output import clean
    from autod.domain.extraction import STATED
    from autod.domain.reasons import review_reasons

    for name, codes in review_reasons(document.to_review, document.checks or []).items():
        why = "; ".join(f"{code.sentence} ({code})" for code in codes)
        own = evidence.get(name, {})
        who = "the page says" if own.get("source") in STATED else "the other reads"
        beside = f"; {who} {own['other']['value']}" if own.get("other") else ""
        yield f"  {clean(name)}: {clean(why + beside)}"


def _versions(document: Document) -> Iterator[str]:
    """Which documents its file was before it changed, and became after."""
    if document.earlier_version is not None:
        yield f"before it, the file was document {document.earlier_version}"
    if document.later_version is not None and document.status.value == "superseded":
        yield f"superseded by document {document.later_version}"
    elif document.later_version is not None:
        yield f"after it, the file was document {document.later_version}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(_value(item) for item in value)
    if isinstance(value, dict):
        return " ".join(str(v) for v in value.values() if v is not None)
    return str(value)
