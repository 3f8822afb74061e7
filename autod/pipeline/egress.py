"""The one way out of this machine: whatever is sent passes here, is allowed or refused, and is written down.

Clients refuse to send content without an ``Egress``, so that no reader, store or lane can go round it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from autod.codes import Code
from autod.db import disclosures
from autod.db.manager import DatabaseManager
from autod.domain.privacy import PrivacyPolicy, Purpose, Sending, Share
from autod.errors import DatabaseError, PrivacyError

log = structlog.get_logger("autod.privacy")


@dataclass(frozen=True, slots=True)
class WatchedEgress:
    """See ``Egress``.

    ``service_is_local``: the service runs on this machine, so the policy allows it everything.
    ``seen`` is what files that need not be in the archive may be, by their SHA-256.
    """

    manager: DatabaseManager
    policy: PrivacyPolicy
    service_is_local: bool
    now: Callable[[], datetime]
    seen: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def before(self, sending: Sending) -> list[int]:
        unnamed = [s for s in sending.shares if s.sha256 is None and s.purpose is not Purpose.SEARCH]
        if unnamed or not sending.shares:
            raise PrivacyError(
                "a request does not say whose content it carries",
                code=Code.PRIVACY_UNNAMED,
                next_step="This is an error in the program: report it. Nothing was sent.",
            )
        with self.manager.get_session() as session:
            if self.selects:
                for share in sending.shares:
                    self._check(session, share)
            return disclosures.note(session, sending, self.now())

    def after(self, notes: list[int], outcome: str, kept_at: str | None, *, arrived: bool = True) -> None:
        """Lost only when the database is away at this moment: the sending itself is on record."""
        try:
            with self.manager.get_session() as session:
                disclosures.note_outcome(session, notes, outcome, kept_at, arrived=arrived)
        except DatabaseError as error:
            log.warning("Cannot note how a sending went", reason=error.code)

    def deleted(self, host: str, path: str) -> None:
        try:
            with self.manager.get_session() as session:
                disclosures.note_deleted(session, host, path, self.now())
        except DatabaseError as error:
            log.warning("Cannot note a deletion at the service", reason=error.code)

    @property
    def selects(self) -> bool:
        """Whether some documents may pass and others may not."""
        return self.policy.restricts and not self.service_is_local

    def learn(self, sha256: str, kinds: list[str]) -> str | None:
        """Note what a document may be; the class because of which it must stay, None when it may leave."""
        with self.manager.get_session() as session:
            disclosures.note_kinds(session, sha256, kinds)
            if not self.selects:
                return None
            because = self.policy.withheld_for(disclosures.classes_of(session, sha256))
            if because is not None:
                disclosures.note_withheld(session, sha256, self.now())
            return because

    def _check(self, session: Session, share: Share) -> None:
        if share.sha256 is None:
            return
        kinds = self.seen.get(share.sha256, ())
        because = self.policy.withheld_for(disclosures.classes_of(session, share.sha256, kinds))
        if because is not None:
            raise PrivacyError(f"a document of the class {because} must stay on this machine")
