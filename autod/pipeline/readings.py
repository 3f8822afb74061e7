"""What documents hold, in files beside their claimed copies: read once, and again when one is damaged."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from autod import flushing
from autod.child.calls import read_pdf
from autod.child.sandbox import Sandbox
from autod.codes import Code
from autod.domain.checkpoints import Read, read
from autod.durable.protocol import PIPELINE_VERSION
from autod.errors import FileTrouble
from autod.files import custody
from autod.read.limits import ReadLimits

if TYPE_CHECKING:
    from autod.files.folders import Folders


def claim_lost(claimed: Path) -> FileTrouble:
    """Why a document cannot be read whose claimed copy does not hold its bytes."""
    damaged = claimed.exists()
    return FileTrouble(
        f"the claimed copy is {'damaged' if damaged else 'missing'}",
        code=Code.CLAIM_DAMAGED if damaged else Code.CLAIM_MISSING,
        next_step="Drop the file into the inbox again.",
    )


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings by the SHA-256 of their document; each is known by its own, ``is``."""

    folders: Folders
    sandbox: Sandbox
    limits: ReadLimits

    def have(self, sha256: str, *, relied_on: bool = True) -> Read:
        """What a whole reading gave: the one that is there, as the note beside it tells, else a new one.

        Args:
            relied_on: a new one has to survive a power cut; what OCR found always does.

        Raises:
            DocumentError: the file cannot be read, by code.
            FileTrouble: the reading cannot be written.
        """
        return self._known(sha256) or self._read(sha256, relied_on)

    def see_to(self, sha256: str, expected: str | None) -> None:
        """Have a whole reading: the one whose ``is`` is expected, or one that is as good.

        Raises: as ``have``.
        """
        if not (expected and flushing.is_whole(self.folders.reading_of(sha256), expected)):
            self.have(sha256)

    def _read(self, sha256: str, relied_on: bool) -> Read:
        claimed, path = self.folders.claim_of(sha256), self.folders.reading_of(sha256)
        if not custody.holds(claimed, sha256):
            raise claim_lost(claimed)
        counts = read_pdf(self.sandbox, self.limits, claimed, str(path))
        with custody.explained("cannot write down the reading"):
            costly = relied_on or counts["ocr_pages"] > 0
            digest = flushing.flush_files(path)[0] if costly else custody.sha256_of(path)
            reading = read(counts, digest)
            note = {"of": self._way(), "is": digest, "reading": reading}
            # Nobody relies on the note: without it the document is read again.
            self.folders.summary_of(sha256).write_text(json.dumps(note), encoding="utf-8")
        return reading

    def _known(self, sha256: str) -> Read | None:
        """What reading the document gave before it had to wait: pages are not put through OCR twice."""
        try:
            note = json.loads(self.folders.summary_of(sha256).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        if note["of"] != self._way() or not flushing.is_whole(self.folders.reading_of(sha256), note["is"]):
            return None
        return read(note["reading"], note["is"])

    def _way(self) -> dict[str, object]:
        return {"pipeline": PIPELINE_VERSION, **asdict(self.limits)}
