"""``autod correct``: a person's word, which wins from then on."""

from __future__ import annotations

from typing import Annotated

import typer

from autod.codes import Code


def correct(
    document_id: Annotated[int, typer.Argument(metavar="ID", help="The number that list shows.", min=1)],
    changes: Annotated[list[str], typer.Argument(metavar="FIELD=VALUE…", help="An empty value means: none.")],
) -> None:
    """Set fields by hand. They are locked: no later run changes them.

    Examples:

        autod correct 12 issuer="Stadtwerke Beispiel" total_amount=84.20

        autod correct 12 due_date=
    """
    from autod.assembly.archive import open_ready_manager, utc_now
    from autod.cli.output import clean, console
    from autod.config import get_config
    from autod.db import documents
    from autod.errors import UsageError

    pairs = [change.partition("=") for change in changes]
    for field, equals, _ in pairs:
        if not equals:
            raise UsageError(f"{field!r} has no '='", code=Code.BAD_CHANGE, next_step="Write field=value.")
    with open_ready_manager(get_config()) as manager, manager.get_session() as session:
        documents.require(session, document_id)
        for field, _, value in pairs:
            documents.correct(session, document_id, field.strip(), value.strip(), utc_now())
    console().print(
        f"Document {document_id}: " + clean(", ".join(f for f, _, _ in pairs)) + " corrected and locked."
    )
