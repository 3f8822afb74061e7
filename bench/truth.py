"""The truth beside a set of documents, as its README says it is to be read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autod.domain.field_columns import Scored
from autod.domain.fields import names_where

# Names that sets use for what the schema calls otherwise.
RENAMED = {"counterparty": "recipient", "issuer_address": "addresses"}

# Keys of ``truth_checked_in_text`` by the field whose value they checked.
CHECKED = {
    "id": "reference_number",
    "number": "reference_number",
    "num_ok": "reference_number",
    "total": "total_amount",
    "amt_ok": "total_amount",
    "amount_due": "amount_due",
    "date": "primary_date",
    "seller": "issuer",
    "issuer": "issuer",
    "adv_ok": "recipient",
    "from_ok": "period_start",
    "to_ok": "period_end",
    "iban": "iban",
}

# Kinds in the sets' own words; several of ours may be right.
KINDS = {
    "corrected_invoice": {"invoice", "credit_note"},
    "self_billed_invoice": {"invoice", "credit_note"},
    "invoice_for_accounting": {"invoice"},
    "partial_construction_invoice": {"invoice"},
    "final_construction_invoice": {"invoice"},
    "purchase_order_change": {"purchase_order"},
    "purchase_order_response": {"order_confirmation"},
    "order": {"purchase_order", "order_confirmation"},
}

SCORED = frozenset({"parties", *names_where(lambda field: field.about.scored is not Scored.NO)})


@dataclass(frozen=True)
class Truth:
    """What is known of one document: values by schema field, fields it has not, and what proves little."""

    path: Path
    values: dict[str, Any]
    nulls: frozenset[str] = frozenset()
    set_level: frozenset[str] = frozenset()
    not_on_page: frozenset[str] = frozenset()
    not_in_schema: frozenset[str] = field(default=frozenset())


def load_set(folder: Path) -> list[Truth]:
    """The documents of a set that have truth; empty when the folder has no ``truth.jsonl``."""
    file = folder / "truth.jsonl"
    if not file.is_file():
        return []
    rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip())
    return [read_row(row, folder) for row in rows if "fields" in row]


def read_row(row: dict[str, Any], folder: Path) -> Truth:
    """One line of ``truth.jsonl`` with its fields under the schema's names."""
    values = {RENAMED.get(name, name): value for name, value in row["fields"].items()}
    nulls = {RENAMED.get(name, name) for name in row.get("null_fields") or ()}
    checked = row.get("truth_checked_in_text") or {}
    return Truth(
        path=folder / row["file"],
        values={name: value for name, value in values.items() if name in SCORED},
        nulls=frozenset(nulls & SCORED),
        set_level=frozenset(RENAMED.get(n, n) for n in row.get("dataset_level_fields") or ()),
        not_on_page=frozenset(CHECKED[key] for key, ok in checked.items() if ok is False and key in CHECKED),
        not_in_schema=frozenset((set(values) | nulls) - SCORED),
    )
