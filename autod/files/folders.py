"""Where an archive's files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Folders:
    """Where files are: the inbox, our claimed copies, and the two places where they end.

    ``own`` is this process's own folder, None when it is the one that the claimed store lies in.
    """

    inbox: Path
    claimed: Path
    processed: Path
    failed: Path
    own: Path | None = None

    @property
    def work(self) -> Path:
        """The folder that one process at a time works in."""
        return self.own or self.claimed.parent

    @property
    def shared(self) -> bool:
        """Whether other processes, too, keep their claimed copies in this store."""
        return self.claimed.parent != self.work

    def claim_of(self, sha256: str) -> Path:
        return self.claimed / f"{sha256}.pdf"

    def reading_of(self, sha256: str) -> Path:
        return self.claimed / f"{sha256}.reading.json"

    def summary_of(self, sha256: str) -> Path:
        """What reading told in short, and of which reading."""
        return self.claimed / f"{sha256}.summary.json"

    def questions_of(self, sha256: str) -> Path:
        """The beginning of the names of the questions' files."""
        return self.claimed / f"{sha256}.question"
