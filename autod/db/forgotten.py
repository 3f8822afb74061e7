"""Files that a person does not want in the archive: known by their bytes, whatever they are called."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from autod.db.models import Forgotten
from autod.domain.storable import storable


def forget(session: Session, sha256: str, *, name: str, by: str, now: datetime) -> None:
    """Note that a person wants these bytes left out; saying it again changes nothing."""
    if session.get(Forgotten, sha256) is None:
        session.add(Forgotten(sha256_hex=sha256, name=storable(name), by=storable(by, 255), at=now))


def welcome(session: Session, sha256: str) -> None:
    """A person has put these bytes into the inbox: they are wanted again."""
    session.execute(delete(Forgotten).where(Forgotten.sha256_hex == sha256))


def is_forgotten(session: Session, sha256: str) -> bool:
    """Whether these bytes are to be left out."""
    return session.scalar(select(Forgotten.at).where(Forgotten.sha256_hex == sha256)) is not None
