"""Counts what is missing or doubled after a daemon was tortured; knows nothing of how it works inside.

It sees what an operator sees: folders, the database's tables and the log. It shares no code with the
product, so that a mistake there is not repeated here. It expects an idle system.

    lost          damage in the database's file;
                  bytes that were dropped and are nowhere (no row, or the file the row names is missing or
                  different); a dropped name that no custody event mentions; a completed document that search
                  does not find by its own word, or that the log does not announce
    stored twice  more than one row for the same bytes; the same bytes twice in processed/ outside
                  duplicates/, or in processed/ and failed/ at once; a name twice in duplicates/; more than
                  one "received" or "filed" event (one more for each retry); a value written down twice
    paid twice    more than one settled call for the same bytes, or one that the payee billed and the ledger
                  does not show, as settled or as of unknown outcome
    given up      a good document that failed
    orphans       what nobody is responsible for any more: a row or workflow that is not final, an inbox file
                  that nobody takes, a claimed copy, a temporary file, a reason without its file or the
                  reverse, a file with bytes that nobody dropped, a search entry of no completed document;
                  what a file was before its writer had finished it, beside what it became
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.torture.tables import Row, Tables, read_tables

PROCESSING_COMPLETE = "Processing complete"
FINAL = ("completed", "failed")
SUPERSEDED = "superseded"
ENDED = "SUCCESS"
REASON = ".reason.json"
MARK = ".autod-archive"
"""Every folder of an archive bears it."""


@dataclass(frozen=True, slots=True)
class Drop:
    """One file that was put into the inbox; ``word`` is on no other page, empty when nothing can be read.

    ``passing``: these bytes lay there until their writer went on; they need not have been taken.
    ``becomes`` is the hash of what he made of them by adding: then nothing of them may be left beside.
    """

    name: str
    sha256: str
    word: str
    passing: bool = False
    becomes: str = ""


@dataclass(frozen=True, slots=True)
class Slots:
    """Where the audited system keeps its things."""

    inbox: Path
    processed: Path
    failed: Path
    claimed: Path
    log: Path
    database: str


@dataclass(slots=True)
class Findings:
    """Each list names its offenders; ``notes`` are worth reading and break no promise."""

    documents: int = 0
    lost: list[str] = field(default_factory=list)
    stored_twice: list[str] = field(default_factory=list)
    paid_twice: list[str] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    paid_unknown: list[str] = field(default_factory=list)
    """Billed twice, and the ledger shows the other call as of unknown outcome: a person can see it."""
    notes: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.stored_twice or self.paid_twice or self.given_up or self.orphans)


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Everything that is looked at, read once."""

    drops: Mapping[str, list[Drop]]
    tables: Tables
    inbox: Mapping[Path, str]
    processed: Mapping[Path, str]
    duplicates: Mapping[Path, str]
    failed: Mapping[Path, str]
    announced: Counter[str]

    def label(self, sha256: str) -> str:
        """The dropped names of these bytes, for a person to recognise."""
        names = sorted({drop.name for drop in self.drops.get(sha256, [])})
        shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        return f"{shown or 'unknown'} ({sha256[:8]})"


def audit(
    places: Slots,
    drops: Iterable[Drop],
    *,
    payments: Mapping[str, int] | None = None,
    log_complete: bool = True,
) -> Findings:
    """Compare what was dropped with what is there.

    Args:
        payments: how often the payee was asked to process each hash, by its own count.
        log_complete: False when the log's own disk was full, so that announcements may be missing.
    """
    by_hash: dict[str, list[Drop]] = defaultdict(list)
    for drop in drops:
        by_hash[drop.sha256].append(drop)
    duplicates = places.processed / "duplicates"
    everything = _hashes(places.processed)
    evidence = _Evidence(
        drops=by_hash,
        tables=read_tables(places.database, [d.word for same in by_hash.values() for d in same if d.word]),
        inbox=_hashes(places.inbox),
        processed={path: sha for path, sha in everything.items() if duplicates not in path.parents},
        duplicates={path: sha for path, sha in everything.items() if duplicates in path.parents},
        failed={p: sha for p, sha in _hashes(places.failed).items() if not p.name.endswith(REASON)},
        announced=_announcements(places.log),
    )
    findings = Findings(documents=len(by_hash))
    findings.lost += [f"the database is damaged: {line}" for line in evidence.tables.damage]
    for sha256, same in by_hash.items():
        if all(drop.passing for drop in same) and _has_passed(evidence, sha256, findings):
            continue
        _audit_document(evidence, sha256, findings, log_complete)
    _audit_copies(evidence, findings)
    _audit_payments(evidence, payments or {}, findings)
    _audit_leftovers(evidence, places, findings)
    return findings


def _has_passed(evidence: _Evidence, sha256: str, findings: Findings) -> bool:
    """Whether nothing is left of bytes that were there for a while; what is left is a document like others.

    Unless they are a part of others: those are superseded, and the archive says by which document.
    """
    rows = [row for row in evidence.tables.rows if row.sha256 == sha256]
    becomes = next((drop.becomes for drop in evidence.drops[sha256] if drop.becomes), "")
    if not rows or not becomes:
        return not rows
    label, whole = evidence.label(sha256), [r.id for r in evidence.tables.rows if r.sha256 == becomes]
    for row in rows:
        if row.status != SUPERSEDED or [row.later] != whole:
            findings.orphans.append(f"{label}: row {row.id} is {row.status}, and not superseded by {whole}")
    places = (*evidence.processed.items(), *evidence.failed.items(), *evidence.duplicates.items())
    for path in [path for path, found in places if found == sha256]:
        findings.orphans.append(f"{label}: still at {path}, beside what it became")
    kinds = {event.kind for event in evidence.tables.events if event.sha256 == sha256}
    if SUPERSEDED not in kinds:
        findings.lost.append(f"{label}: no event says that it is superseded")
    return True


def _audit_document(evidence: _Evidence, sha256: str, findings: Findings, log_complete: bool) -> None:
    label = evidence.label(sha256)
    rows = [row for row in evidence.tables.rows if row.sha256 == sha256]
    waiting = sha256 in evidence.inbox.values()
    if not rows:
        (findings.notes if waiting else findings.lost).append(f"{label}: no row")
        return
    if len(rows) > 1:
        findings.stored_twice.append(f"{label}: {len(rows)} rows")
    row = rows[0]
    if row.status not in FINAL:
        where = [p for p, sha in (*evidence.processed.items(), *evidence.failed.items()) if sha == sha256]
        findings.orphans.append(f"{label}: row {row.id} is {row.status}, {row.error}; files {where}")
        return
    filed = Path(row.filed_path or "")
    folder = evidence.processed if row.status == "completed" else evidence.failed
    if folder.get(filed) != sha256 and not (waiting and row.status == "failed"):
        findings.lost.append(f"{label}: {row.status} ({row.error}), but its bytes are not at {filed}")
    _audit_names(evidence, row, findings)
    _audit_events(evidence, row, findings)
    if row.status == "completed":
        _audit_findability(evidence, row, findings, log_complete)
    elif any(drop.word for drop in evidence.drops[sha256]):
        findings.given_up.append(f"{label}: {row.error}")


def _audit_names(evidence: _Evidence, row: Row, findings: Findings) -> None:
    told = {event.name for event in evidence.tables.events if event.sha256 == row.sha256}
    for name in sorted({drop.name for drop in evidence.drops[row.sha256]} - told):
        if evidence.inbox.get(next((p for p in evidence.inbox if p.name == name), Path())) != row.sha256:
            findings.lost.append(f"{name} ({row.sha256[:8]}): no event mentions this name")


def _audit_events(evidence: _Evidence, row: Row, findings: Findings) -> None:
    kinds = Counter(event.kind for event in evidence.tables.events if event.sha256 == row.sha256)
    label = evidence.label(row.sha256)
    if kinds["received"] != 1:
        findings.stored_twice.append(f"{label}: {kinds['received']} received events")
    for kind in ("filed", "recorded"):
        if kinds[kind] > 1 + kinds["retried"] + (kind == "recorded") * kinds["postponed"]:
            findings.stored_twice.append(f"{label}: {kinds[kind]} {kind} events, {dict(kinds)}")
    if row.status == "completed" and not kinds["filed"]:
        findings.lost.append(f"{label}: completed without a filed event")
    if row.status == "failed" and not kinds["failed"]:
        findings.lost.append(f"{label}: failed without an event")


def _audit_findability(evidence: _Evidence, row: Row, findings: Findings, log_complete: bool) -> None:
    label = evidence.label(row.sha256)
    for word in {drop.word for drop in evidence.drops[row.sha256] if drop.word}:
        found = evidence.tables.found[word]
        if found != [row.id]:
            findings.lost.append(f"{label}: searching its word finds {found}, not [{row.id}]")
    times = evidence.announced[row.sha256]
    if not times and log_complete:
        findings.lost.append(f"{label}: the log does not announce it")
    if times > 1:
        findings.notes.append(f"{label}: announced {times} times in the log")


def _audit_copies(evidence: _Evidence, findings: Findings) -> None:
    for sha256, count in Counter(evidence.processed.values()).items():
        if count > 1:
            paths = [str(p) for p, sha in evidence.processed.items() if sha == sha256]
            findings.stored_twice.append(f"{evidence.label(sha256)}: in processed/ as {paths}")
    for sha256 in set(evidence.processed.values()) & set(evidence.failed.values()):
        findings.stored_twice.append(f"{evidence.label(sha256)}: in processed/ and in failed/")
    for sha256, count in Counter(evidence.failed.values()).items():
        if count > len({drop.name for drop in evidence.drops.get(sha256, [])}):
            findings.stored_twice.append(f"{evidence.label(sha256)}: {count} times in failed/")
    names = {sha: {drop.name for drop in same} for sha, same in evidence.drops.items()}
    for sha256, count in Counter(evidence.duplicates.values()).items():
        if count > len(names.get(sha256, ())) - 1:
            findings.stored_twice.append(f"{evidence.label(sha256)}: {count} files in duplicates/")
    for document, column, times in evidence.tables.repeated_values:
        findings.stored_twice.append(f"document {document}: value of {column} written {times} times")


def _audit_payments(evidence: _Evidence, payments: Mapping[str, int], findings: Findings) -> None:
    states: dict[str, Counter[str]] = defaultdict(Counter)
    for sha256, state in evidence.tables.calls:
        states[sha256][state] += 1
    for sha256 in sorted({*states, *payments}):
        settled, unknown, open_calls = (states[sha256][s] for s in ("settled", "unknown", "reserved"))
        asked = payments.get(sha256, 0)
        told = f"{evidence.label(sha256)}: asked {asked}, settled {settled}, unknown {unknown}"
        if settled > 1 or (payments and not settled <= asked <= settled + unknown):
            findings.paid_twice.append(told)
        elif asked > 1:
            findings.paid_unknown.append(told)
        elif unknown:
            findings.notes.append(told)
        if open_calls:
            findings.orphans.append(f"{evidence.label(sha256)}: {open_calls} calls are still reserved")


def _audit_leftovers(evidence: _Evidence, places: Slots, findings: Findings) -> None:
    orphans = findings.orphans
    for path in _files(places.inbox):
        if path.name.startswith("."):
            orphans.append(f"hidden in the inbox: {path.name}")
    for path, sha256 in evidence.inbox.items():
        orphans.append(f"{path.name} ({sha256[:8]}): nobody takes it from the inbox")
    for path in _files(places.claimed):
        orphans.append(f"claimed store: {path.name} {evidence.label(path.name.split('.')[0])}")
    for folder in (places.processed, places.failed):
        for path in _files(folder):
            if path.suffix != ".pdf" and not path.name.endswith(REASON):
                orphans.append(f"leftover: {path}")
    for path in _files(places.failed):
        other = path.with_name(path.name.removesuffix(REASON))
        if path.name.endswith(REASON) and not other.exists():
            orphans.append(f"a reason without its file: {path.name}")
        elif not path.name.endswith(REASON) and not path.with_name(path.name + REASON).exists():
            orphans.append(f"a failed file without its reason: {path.name}")
    for path, sha256 in (*evidence.processed.items(), *evidence.duplicates.items(), *evidence.failed.items()):
        if sha256 not in evidence.drops:
            orphans.append(f"bytes that nobody dropped: {path}")
    for row in evidence.tables.rows:
        if row.sha256 not in evidence.drops:
            orphans.append(f"row {row.id} ({row.status}, {row.error}) of bytes that nobody dropped")
    known = {row.id: row.status for row in evidence.tables.rows}
    for number in evidence.tables.searchable:
        if number not in known:
            orphans.append(f"search entry of no document: {number}")
    for number in [n for n, status in known.items() if status == "completed"]:
        if number not in evidence.tables.searchable:
            orphans.append(f"document {number} has no search entry")
        if number not in evidence.tables.paged:
            orphans.append(f"document {number} has no pages")
    for workflow, status in evidence.tables.workflows.items():
        if status != ENDED:
            orphans.append(f"workflow {workflow[:12]} {evidence.label(workflow.split(':')[-1])} is {status}")


def _files(folder: Path) -> list[Path]:
    return sorted(Path(root) / name for root, _, names in os.walk(folder) for name in names if name != MARK)


def _hashes(folder: Path) -> dict[Path, str]:
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in _files(folder)
        if path.suffix in (".pdf", ".json")
    }


def _announcements(log: Path) -> Counter[str]:
    """How often the log, rotated files included, announces each hash; a torn last line is skipped."""
    found: Counter[str] = Counter()
    for path in log.parent.glob(log.name + "*"):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                record: dict[str, Any] = json.loads(line)
            except ValueError:
                continue
            if record.get("message") == PROCESSING_COMPLETE:
                found[record["sha256"]] += 1
    return found
