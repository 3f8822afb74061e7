"""Files that change after they were taken: which document is a version of which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("documents", sa.Column("earlier_version", BIG))
    op.add_column("documents", sa.Column("later_version", BIG))
    op.add_column("documents", sa.Column("source_key", sa.String(16)))
    op.add_column("documents", sa.Column("came_at", sa.DateTime(timezone=True)))
    op.add_column("documents", sa.Column("source_sha256", sa.String(64)))
    op.create_index("ix_documents_source_key", "documents", ["source_key"])
    op.create_index(
        "ix_documents_source_sha256",
        "documents",
        ["source_sha256"],
        sqlite_where=sa.text("source_sha256 IS NOT NULL"),
        postgresql_where=sa.text("source_sha256 IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_documents_source_sha256", "documents")
    op.drop_index("ix_documents_source_key", "documents")
    op.drop_column("documents", "source_sha256")
    op.drop_column("documents", "came_at")
    op.drop_column("documents", "source_key")
    op.drop_column("documents", "later_version")
    op.drop_column("documents", "earlier_version")
