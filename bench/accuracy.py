"""How much of what real documents say is found, by set and field.

    python -m bench.accuracy DATA [--set NAME]... [--json] [--misses] [--limit N]

DATA is a folder of sets, each with its PDFs and a ``truth.jsonl``. Documents that carry their answer as an
attachment are scored twice: as they are, and with the attachments removed ("page only").
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.scoring import Outcome, Score, score_document
from bench.truth import Truth, load_set

PROCESSES = 2
REVIEW_BELOW = 0.6
PAGE_ONLY = " (page only)"


@dataclass(frozen=True)
class Job:
    """One reading of one document: as it is, or without its attachments."""

    label: str
    truth: Truth
    file: Path
    page_only: bool


@dataclass(frozen=True)
class Result:
    """What came of a job; ``error`` is a code when the document could not be read."""

    job: Job
    scores: list[Score]
    seconds: float
    needs_review: frozenset[str] = frozenset()
    checks: tuple[str, ...] = ()
    error: str | None = None


def main() -> int:
    """Measure, print, return the exit code."""
    arguments = _arguments()
    data: Path = arguments.data
    if not data.is_dir():
        print(f"skipped: {data} does not exist")
        return 0
    with tempfile.TemporaryDirectory(prefix="autod-bench-") as scratch:
        jobs = list(_jobs(data, arguments.set, Path(scratch), arguments.limit))
        if not jobs:
            print(f"skipped: no set with a truth.jsonl in {data}")
            return 0
        results = list(_run(jobs))
    if arguments.json:
        print(json.dumps(report(results), indent=2, ensure_ascii=False))
    else:
        _print(results, misses=arguments.misses)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of sets")
    parser.add_argument("--set", action="append", default=[], help="only this set (repeatable)")
    parser.add_argument("--limit", type=int, default=None, help="only the first N documents of each set")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--misses", action="store_true", help="print each value that is wrong or missing")
    return parser.parse_args()


def _jobs(data: Path, only: list[str], scratch: Path, limit: int | None) -> Iterator[Job]:
    for folder in sorted(path for path in data.iterdir() if path.is_dir()):
        if only and folder.name not in only:
            continue
        for truth in load_set(folder)[:limit]:
            if not truth.path.is_file():
                continue
            bare = _without_attachments(truth.path, scratch)
            yield Job(folder.name, truth, truth.path, page_only=bare is None)
            if bare is not None:
                yield Job(folder.name + PAGE_ONLY, truth, bare, page_only=True)


def _without_attachments(file: Path, scratch: Path) -> Path | None:
    """A copy of ``file`` without attachments, or None when it has none."""
    import pikepdf

    try:
        with pikepdf.open(file) as pdf:
            if not len(pdf.attachments):
                return None
            for name in list(pdf.attachments):
                del pdf.attachments[name]
            for key in ("/AF", "/Metadata"):
                if key in pdf.Root:
                    del pdf.Root[key]
            bare = scratch / file.name
            pdf.save(bare)
            return bare
    except pikepdf.PdfError:
        return None


def _run(jobs: list[Job]) -> Iterator[Result]:
    context = multiprocessing.get_context("spawn")
    done = 0
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        for future in as_completed([pool.submit(measure, job) for job in jobs]):
            done += 1
            if sys.stderr.isatty():
                print(f"\r{done}/{len(jobs)}", end="", file=sys.stderr, flush=True)
            yield future.result()
    print(file=sys.stderr)


def measure(job: Job) -> Result:
    """Read and understand one document the way the product does, and score it."""
    from autod.child.understand import understand
    from autod.errors import DocumentError
    from autod.read.limits import ReadLimits
    from autod.read.reader import read_document

    started = time.perf_counter()
    try:
        with job.file.open("rb") as document:
            reading = read_document(document.fileno(), ReadLimits())
    except DocumentError as error:
        scores = score_document(job.truth, {}, {}, page_only=job.page_only)
        return Result(job, scores, time.perf_counter() - started, error=error.code)
    extraction = understand(reading, review_below=REVIEW_BELOW, today=date.today())  # noqa: DTZ011 - a bench
    seconds = time.perf_counter() - started
    body = extraction.to_dict()
    scores = score_document(job.truth, body["metadata"], body["evidence"], page_only=job.page_only)
    return Result(job, scores, seconds, frozenset(extraction.needs_review), extraction.checks)


def report(results: list[Result]) -> dict[str, Any]:
    """All figures, JSON-ready."""
    sets = {}
    for label in sorted({result.job.label for result in results}):
        mine = [result for result in results if result.job.label == label]
        scores = [score for result in mine for score in result.scores]
        sets[label] = {
            "documents": len(mine),
            "seconds": round(sum(result.seconds for result in mine), 2),
            "errors": Counter(result.error for result in mine if result.error),
            "checks": Counter(check for result in mine for check in result.checks),
            "fields": tally([score for score in scores if not score.set_level]),
            "set_level_fields": tally([score for score in scores if score.set_level]),
            "not_in_schema": sorted(frozenset().union(*(r.job.truth.not_in_schema for r in mine))),
        }
    return {"sets": sets, "calibration": calibration(results)}


def tally(scores: list[Score]) -> dict[str, dict[str, Any]]:
    """Outcomes by field, with the share of wrong values among those answered."""
    table: dict[str, dict[str, Any]] = {}
    for name in sorted({score.field for score in scores}):
        counts = Counter(score.outcome for score in scores if score.field == name)
        answered = sum(counts.values()) - counts[Outcome.MISSING]
        wrong = counts[Outcome.WRONG] / answered if answered else 0.0
        table[name] = {**{o.value: counts[o] for o in Outcome}, "wrong_of_answered": round(wrong, 3)}
    return table


def calibration(results: list[Result]) -> list[dict[str, Any]]:
    """For each tenth of confidence: how many values, and which share of them is right."""
    bins: dict[int, list[bool]] = {}
    for result in results:
        for score in result.scores:
            if score.confidence is not None and not score.set_level:
                right = score.outcome in (Outcome.CORRECT, Outcome.CLOSE)
                bins.setdefault(min(9, int(score.confidence * 10)), []).append(right)
    return [
        {"from": n / 10, "values": len(bins[n]), "right": round(sum(bins[n]) / len(bins[n]), 3)}
        for n in sorted(bins)
    ]


def _print(results: list[Result], *, misses: bool) -> None:
    figures = report(results)
    for label, block in figures["sets"].items():
        print(f"\n{label}: {block['documents']} documents, {block['seconds']} s")
        for code, count in block["errors"].items():
            print(f"  could not be read: {code} × {count}")
        _print_table(block["fields"], "")
        _print_table(block["set_level_fields"], " (set level: proves little)")
        if block["not_in_schema"]:
            print("  not in schema: " + ", ".join(block["not_in_schema"]))
        shown = Counter(block["checks"]).most_common(8)
        print("  checks: " + (", ".join(f"{code} × {count}" for code, count in shown) or "none"))
    print("\nconfidence: share right")
    for row in figures["calibration"]:
        print(f"  {row['from']:.1f}  {row['right']:.3f}  of {row['values']}")
    if misses:
        _print_misses(results)


def _print_table(table: dict[str, dict[str, Any]], note: str) -> None:
    for name, row in table.items():
        counts = "  ".join(f"{outcome.value} {row[outcome.value]:3d}" for outcome in Outcome)
        print(f"  {name:18s} {counts}  wrong/answered {row['wrong_of_answered']:.3f}{note}")


def _print_misses(results: list[Result]) -> None:
    print()
    for result in sorted(results, key=lambda r: (r.job.label, r.job.file.name)):
        for score in result.scores:
            if score.outcome in (Outcome.WRONG, Outcome.MISSING) and not score.set_level:
                review = " (in review)" if score.field in result.needs_review else ""
                print(
                    f"{result.job.label}/{result.job.file.name} {score.field} {score.outcome.value}"
                    f"{review}: {score.truth!r} got {score.value!r}"
                )


if __name__ == "__main__":
    raise SystemExit(main())
