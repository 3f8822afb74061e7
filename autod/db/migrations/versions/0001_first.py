"""Documents, their pages, values, events, the ledger, and what search looks in."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
MONEY = sa.Numeric(18, 4)
COST = sa.Numeric(18, 9)

TEXT_FIELDS = ("subtype", "title", "summary", "language", "issuer", "recipient")
DATE_FIELDS = ("primary_date", "due_date", "period_start", "period_end", "deadline")
MONEY_FIELDS = ("total_amount", "amount_due", "tax_amount")
MORE_TEXT_FIELDS = (
    "currency",
    "reference_number",
    "account_number",
    "customer_number",
    "iban",
    "tax_id",
    "policy_number",
    "claim_number",
    "loan_number",
    "email",
    "phone",
    "category",
    "subcategory",
    "suggested_file_name",
)
LIST_FIELDS = ("addresses", "meter_readings", "tags", "key_points", "action_items", "line_items")

SEARCH_COLUMNS = ("title", "issuer", "numbers", "names", "body")


def identity() -> sa.Column[Any]:
    # An identity column needs no GRANT on a sequence.
    return sa.Column("id", BIG, sa.Identity(), nullable=False)


def json_list(name: str) -> sa.Column[Any]:
    return sa.Column(name, JSON, nullable=False, server_default=sa.text("'[]'"))


def counter(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False, server_default=sa.text("0"))


def document_key(table: str, *, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["document_id"], ["documents.id"], name=f"fk_{table}_document_id", ondelete=on_delete
    )


def upgrade() -> None:
    create_documents()
    create_pages()
    create_field_values()
    create_api_calls()
    create_events()
    create_search_texts()
    if op.get_context().dialect.name == "sqlite":
        create_sqlite_index()
    else:
        op.create_index("ix_search_texts_vector", "search_texts", ["vector"], postgresql_using="gin")


def create_documents() -> None:
    op.create_table(
        "documents",
        identity(),
        sa.Column("sha256_hex", sa.String(64), nullable=False),
        sa.Column("original_filename", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("processed_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("retry_at", MOMENT),
        sa.Column("source_path", sa.Text(), nullable=False),
        sa.Column("filed_path", sa.Text()),
        sa.Column("file_size", BIG, nullable=False),
        sa.Column("page_count", sa.Integer()),
        sa.Column("ocr_pages", sa.Integer()),
        counter("attempts"),
        sa.Column("error_code", sa.String(64)),
        sa.Column("error_message", sa.Text()),
        sa.Column("next_step", sa.Text()),
        json_list("needs_review"),
        json_list("checks"),
        sa.Column("confidence", sa.Double()),
        sa.Column("engine", sa.String(64)),
        sa.Column("pipeline_version", sa.String(64)),
        sa.Column("model", sa.String(128)),
        sa.Column("processing_seconds", sa.Double()),
        counter("prompt_tokens"),
        counter("output_tokens"),
        sa.Column("cached_tokens", sa.Integer()),
        sa.Column("total_cost_usd", COST, nullable=False, server_default=sa.text("0")),
        sa.Column("vector_store_file_id", sa.String(128)),
        sa.Column("doc_type", sa.String(64)),
        *(sa.Column(name, sa.Text()) for name in TEXT_FIELDS),
        *(sa.Column(name, sa.Date()) for name in DATE_FIELDS),
        *(sa.Column(name, MONEY) for name in MONEY_FIELDS),
        *(sa.Column(name, sa.Text()) for name in MORE_TEXT_FIELDS),
        sa.Column("urgency", sa.String(16)),
        *(json_list(name) for name in LIST_FIELDS),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
    )
    op.create_index("ix_documents_sha256_hex", "documents", ["sha256_hex"], unique=True)
    op.create_index("idx_doc_type_processed", "documents", ["doc_type", "processed_at"])
    op.create_index("ix_documents_status", "documents", ["status", "retry_at"])
    op.create_index("ix_documents_processed_at", "documents", ["processed_at"])
    op.create_index("ix_documents_primary_date", "documents", ["primary_date"])
    op.create_index("ix_documents_issuer", "documents", ["issuer"])


def create_pages() -> None:
    op.create_table(
        "pages",
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        document_key("pages", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", "number", name="pk_pages"),
    )


def create_field_values() -> None:
    op.create_table(
        "field_values",
        identity(),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("value", JSON),
        sa.Column("evidence", JSON),
        sa.Column("confidence", sa.Double()),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("pipeline_version", sa.String(64)),
        sa.Column("model", sa.String(128)),
        sa.Column("prompt_version", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        document_key("field_values", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_field_values"),
    )
    op.create_index("ix_field_values_document_id", "field_values", ["document_id", "field"])


def create_api_calls() -> None:
    op.create_table(
        "api_calls",
        identity(),
        sa.Column("document_id", BIG),
        sa.Column("sha256_hex", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("tier", sa.String(32)),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("handle", sa.String(128)),
        sa.Column("request_id", sa.String(128)),
        sa.Column("reserved_usd", COST, nullable=False),
        sa.Column("cost_usd", COST),
        sa.Column("input_tokens", sa.Integer()),
        sa.Column("output_tokens", sa.Integer()),
        sa.Column("cached_tokens", sa.Integer()),
        sa.Column("cache_write_tokens", sa.Integer()),
        sa.Column("reasoning_tokens", sa.Integer()),
        sa.Column("price_version", sa.String(64)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.Column("error_code", sa.String(64)),
        document_key("api_calls", on_delete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_api_calls"),
    )
    op.create_index("ix_api_calls_document_id", "api_calls", ["document_id"])
    op.create_index("ix_api_calls_sha256_hex", "api_calls", ["sha256_hex"])
    op.create_index("ix_api_calls_state", "api_calls", ["state", "created_at"])
    op.create_index("ix_api_calls_created_at", "api_calls", ["created_at"])


def create_events() -> None:
    op.create_table(
        "events",
        identity(),
        sa.Column("document_id", BIG),
        sa.Column("sha256_hex", sa.String(64)),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        document_key("events", on_delete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_document_id", "events", ["document_id"])
    op.create_index("ix_events_kind", "events", ["kind", "at"])


def create_search_texts() -> None:
    op.create_table(
        "search_texts",
        sa.Column("document_id", BIG, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in SEARCH_COLUMNS),
        sa.Column("vector", sa.Text().with_variant(TSVECTOR(), "postgresql")),
        document_key("search_texts", on_delete="CASCADE"),
        sa.PrimaryKeyConstraint("document_id", name="pk_search_texts"),
    )


def create_sqlite_index() -> None:
    """The FTS5 index over ``search_texts``, kept in step by triggers.

    The texts come folded and split already: the ``ascii`` tokenizer only cuts at the spaces.
    """
    columns = ", ".join(SEARCH_COLUMNS)
    new = ", ".join(f"new.{name}" for name in SEARCH_COLUMNS)
    old = ", ".join(f"old.{name}" for name in SEARCH_COLUMNS)
    put = f"INSERT INTO search_fts(rowid, {columns}) VALUES (new.document_id, {new});"  # noqa: S608 - constants
    take = f"INSERT INTO search_fts(search_fts, rowid, {columns}) VALUES ('delete', old.document_id, {old});"  # noqa: S608 - constants
    op.execute(
        f"CREATE VIRTUAL TABLE search_fts USING fts5({columns}, content='search_texts', "
        "content_rowid='document_id', tokenize='ascii')"
    )
    for name, moment, actions in (
        ("inserted", "INSERT", put),
        ("deleted", "DELETE", take),
        ("updated", "UPDATE", f"{take} {put}"),
    ):
        op.execute(f"CREATE TRIGGER search_texts_{name} AFTER {moment} ON search_texts BEGIN {actions} END")


def downgrade() -> None:
    if op.get_context().dialect.name == "sqlite":
        op.drop_table("search_fts")
    for table in ("search_texts", "events", "api_calls", "field_values", "pages", "documents"):
        op.drop_table(table)
