"""Where alerts stand, for all workers together: rows that one transaction at a time moves on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autod.db.models import Alert


def locked(session: Session, name: str, phase: str, now: datetime) -> Alert:
    """The alert's row, held until the transaction ends; made with ``phase`` if there is none."""
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        build(Alert)
        .values(name=name, phase=phase, since=now, summary="")
        .on_conflict_do_nothing(index_elements=["name"])
    )
    return session.scalars(
        sa.select(Alert).where(Alert.name == name).with_for_update().execution_options(populate_existing=True)
    ).one()


def all_of(session: Session) -> Sequence[Alert]:
    """Every alert that was ever looked at, by name."""
    return session.scalars(sa.select(Alert).order_by(Alert.name)).all()
