"""What operating it over years needs: where documents went, what waits for a batch, and alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("possible_kinds", JSON, nullable=False, server_default=sa.text("'[]'"))
    )
    op.add_column("documents", sa.Column("lane", sa.String(16)))
    op.add_column("documents", sa.Column("store_retry_at", MOMENT))
    op.add_column("documents", sa.Column("waits", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.create_index("ix_documents_failed_at", "documents", ["failed_at"])
    create_disclosures()
    create_batches()
    create_batch_parts()
    create_alerts()
    create_workers()


def create_disclosures() -> None:
    op.create_table(
        "disclosures",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("document_id", BIG),
        sa.Column("sha256_hex", sa.String(64)),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("form", sa.String(32), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(64)),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("kept_at", sa.Text()),
        sa.Column("deleted_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_disclosures_document_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_disclosures"),
    )
    op.create_index("ix_disclosures_document_id", "disclosures", ["document_id"])
    op.create_index("ix_disclosures_at", "disclosures", ["at"])
    op.create_index("ix_disclosures_kept_at", "disclosures", ["kept_at"])


def create_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("input_file_id", sa.String(128)),
        sa.Column("remote_id", sa.String(128)),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("attempted_at", MOMENT),
        sa.Column("ended_at", MOMENT),
        sa.Column("error_code", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_key", "batches", ["key"], unique=True)
    op.create_index("ix_batches_state", "batches", ["state"])


def create_batch_parts() -> None:
    op.create_table(
        "batch_parts",
        sa.Column("id", BIG, sa.Identity(), nullable=False),
        sa.Column("document_id", BIG, nullable=False),
        sa.Column("sha256_hex", sa.String(64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("question", JSON, nullable=False),
        sa.Column("size_bytes", BIG, nullable=False),
        sa.Column("state", sa.String(32), nullable=False),
        sa.Column("call_id", BIG),
        sa.Column("batch_id", BIG),
        sa.Column("rounds", sa.Integer(), nullable=False),
        sa.Column("not_before", MOMENT),
        sa.Column("answer", JSON),
        sa.Column("error_code", sa.String(64)),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name="fk_batch_parts_document_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name="fk_batch_parts_batch_id", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_batch_parts"),
    )
    op.create_index("ix_batch_parts_sha256_hex", "batch_parts", ["sha256_hex", "part"], unique=True)
    op.create_index("ix_batch_parts_document_id", "batch_parts", ["document_id"])
    op.create_index("ix_batch_parts_batch_id", "batch_parts", ["batch_id"])
    op.create_index("ix_batch_parts_state", "batch_parts", ["state"])


def create_alerts() -> None:
    op.create_table(
        "alerts",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("phase", sa.String(16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("raised_at", MOMENT),
        sa.Column("told_at", MOMENT),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("pending", sa.String(16)),
        sa.Column("claimed_until", MOMENT),
        sa.PrimaryKeyConstraint("name", name="pk_alerts"),
    )


def create_workers() -> None:
    op.create_table(
        "workers",
        sa.Column("executor_id", sa.String(128), nullable=False),
        sa.Column("incarnation", sa.String(32), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("pipeline_version", sa.String(64), nullable=False),
        sa.Column("queue", sa.String(192), nullable=False),
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("heartbeat_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("executor_id", name="pk_workers"),
    )


def downgrade() -> None:
    op.drop_table("workers")
    op.drop_table("alerts")
    op.drop_table("batch_parts")
    op.drop_table("batches")
    op.drop_table("disclosures")
    op.drop_index("ix_documents_failed_at", "documents")
    op.drop_column("documents", "lane")
    op.drop_column("documents", "waits")
    op.drop_column("documents", "store_retry_at")
    op.drop_column("documents", "possible_kinds")
