"""What operating it over years needs: where documents went."""

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
    create_disclosures()


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


def downgrade() -> None:
    op.drop_table("disclosures")
    op.drop_column("documents", "possible_kinds")
