"""Which archive this is, for the marks in its folders; and which files a person wants forgotten."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    archive = op.create_table(
        "archive",
        sa.Column("mark", sa.String(32), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("mark", name="pk_archive"),
    )
    op.bulk_insert(archive, [{"mark": secrets.token_hex(16), "made_at": datetime.now(UTC)}])
    op.create_table(
        "forgotten",
        sa.Column("sha256_hex", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256_hex", name="pk_forgotten"),
    )


def downgrade() -> None:
    op.drop_table("forgotten")
    op.drop_table("archive")
