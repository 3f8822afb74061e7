"""What reading files with OpenAI would cost: nothing is sent, recorded, moved or paid for.

Files are read here with OCR switched off: whether a page has words of its own decides how it would be
sent, and that is all an estimate needs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from autod.config import Settings
from autod.db import costs, documents, ledger
from autod.db.manager import DatabaseManager
from autod.domain.status import DocumentStatus
from autod.errors import AutodError, UsageError
from autod.pipeline import custody
from autod.pipeline.reading import read_pdf
from autod.read.limits import ReadLimits
from autod.read.sandbox import Sandbox
from autod.services import caps_of, open_manager, open_sandbox, prices_of, read_limits

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sized:
    """One file as it would be sent, or why it would not.

    ``duplicate_of`` is the document that has its bytes, ``twin`` says that an earlier file has them.
    """

    file: str
    sha256: str = ""
    pages: int = 0
    form: str = ""
    questions: tuple[dict[str, int], ...] = ()
    duplicate_of: int | None = None
    twin: bool = False
    error: dict[str, str] | None = None

    @property
    def asked(self) -> bool:
        """Whether the service would be asked about it."""
        return bool(self.questions) and self.duplicate_of is None and not self.twin


@dataclass(frozen=True, slots=True)
class Past:
    """What the database knows: spent today and this month, and how long answers are; all of it optional."""

    known: bool = False
    day_usd: Decimal = NOTHING
    month_usd: Decimal = NOTHING
    output_tokens: int | None = None


def size_files(settings: Settings, paths: Sequence[Path]) -> Iterator[Sized]:
    """How large the question about each file would be, in order."""
    limits = replace(read_limits(settings), ocr_engine="off")
    with (
        open_sandbox(settings) as sandbox,
        tempfile.TemporaryDirectory(prefix="autod-") as scratch,
        ThreadPoolExecutor(max_workers=settings.workers) as pool,
    ):

        def one(job: tuple[int, Path]) -> Sized:
            number, path = job
            reading = Path(scratch) / f"{number}.reading.json"
            try:
                return _size(settings, sandbox, limits, path, reading)
            except AutodError as error:
                reason = {"code": error.code, "message": error.message, "next_step": error.next_step}
                return Sized(custody.path_text(path), error=reason)
            finally:
                reading.unlink(missing_ok=True)

        yield from pool.map(one, enumerate(paths))


def _size(settings: Settings, sandbox: Sandbox, limits: ReadLimits, path: Path, reading: Path) -> Sized:
    with custody.explained("cannot read the file"):
        sha256 = custody.sha256_of(path)
    read_pdf(sandbox, limits, settings.read_seconds_per_page, path.absolute(), str(reading))
    size = sandbox.call(
        "autod.extract.openai.sizing:size_up",
        reading_path=str(reading),
        model=settings.openai_model,
        form=settings.openai_form,
        detail=settings.openai_detail,
    )
    return Sized(custody.path_text(path), sha256, size["pages"], size["form"], tuple(size["questions"]))


def estimate(settings: Settings, sized: Sequence[Sized], *, tier: str, now: datetime) -> dict[str, Any]:
    """What the files cost in each lane, and in ``tier`` each for itself, JSON-ready.

    Bytes that are in the archive, or twice among the files, cost nothing.

    Raises:
        ConfigurationError: the model or its price is unknown.
        UsageError: a server of our own is free.
    """
    from autod.extract.openai.estimate import TYPICAL_OUTPUT_TOKENS, Document, Estimator, QuestionSize

    if settings.own_server:
        raise UsageError("a server of your own costs nothing", next_step="Process the files as they are.")
    past, sized, paid = _look_back(settings, sized, now)
    estimator = Estimator(
        prices_of(settings),
        settings.openai_model,
        output_tokens=past.output_tokens or TYPICAL_OUTPUT_TOKENS,
        max_output_tokens=settings.openai_max_output_tokens,
        at=now,
    )
    priced = [
        Document(tuple(QuestionSize(**question) for question in one.questions), paid.get(one.sha256, NOTHING))
        for one in sized
        if one.asked
    ]
    caps = caps_of(settings)
    forecasts = iter(estimator.forecast(priced, tier, caps, day_usd=past.day_usd, month_usd=past.month_usd))
    rows = [_row(one, next(forecasts) if one.asked else None) for one in sized]
    return {
        "model": settings.openai_model,
        "tier": tier,
        "documents": rows,
        "total": {
            "documents": len(rows),
            "input_tokens": sum(row["input_tokens"] for row in rows),
            "expected_usd": sum((row["expected_usd"] for row in rows), NOTHING),
            "most_usd": sum((row["most_usd"] for row in rows), NOTHING),
            "stopped": sum(row["stopped_by"] is not None for row in rows),
        },
        "lanes": [asdict(lane) for lane in estimator.lanes(priced)],
        "caps": {**asdict(caps), "at_cap": settings.at_cap.value},
        "spent": {"known": past.known, "day_usd": past.day_usd, "month_usd": past.month_usd},
        "output_tokens": {
            "each": past.output_tokens or TYPICAL_OUTPUT_TOKENS,
            "measured": past.output_tokens is not None,
        },
    }


def _row(one: Sized, forecast: Any) -> dict[str, Any]:
    return {
        "file": one.file,
        "pages": one.pages,
        "form": one.form,
        "questions": len(one.questions) if forecast else 0,
        "input_tokens": sum(question["likely"] for question in one.questions) if forecast else 0,
        "expected_usd": forecast.expected_usd if forecast else NOTHING,
        "most_usd": forecast.most_usd if forecast else NOTHING,
        "stopped_by": forecast.stopped_by if forecast else None,
        "duplicate_of": one.duplicate_of,
        "twin": one.twin,
        "error": one.error,
    }


def _look_back(
    settings: Settings, sized: Sequence[Sized], now: datetime
) -> tuple[Past, list[Sized], dict[str, Decimal]]:
    """What is known of the past, the files with their duplicates marked, and what each was paid before.

    A database that is not there yet, or not up to date, knows nothing; none is made.
    """
    past, known, paid = Past(), dict[str, int](), dict[str, Decimal]()
    manager = open_manager(settings)
    try:
        if manager.schema_state() == "current":
            past, known, paid = _ask(manager, settings, {one.sha256 for one in sized}, now)
    finally:
        manager.close()
    seen: set[str] = set()
    marked = []
    for one in sized:
        twin = bool(one.sha256) and one.sha256 in seen
        marked.append(replace(one, duplicate_of=known.get(one.sha256), twin=twin))
        seen.add(one.sha256)
    return past, marked, paid


def _ask(
    manager: DatabaseManager, settings: Settings, hashes: set[str], now: datetime
) -> tuple[Past, dict[str, int], dict[str, Decimal]]:
    today = ledger.start_of_day(now)
    with manager.get_session(read_only=True) as session:
        past = Past(
            True,
            ledger.spent(session, since=today),
            ledger.spent(session, since=today.replace(day=1)),
            costs.usual_output_tokens(session, settings.openai_model),
        )
        rows = [document for sha in sorted(hashes) if (document := documents.by_sha(session, sha))]
        known = {row.sha256_hex: row.id for row in rows if row.status is not DocumentStatus.FAILED}
        paid = {row.sha256_hex: ledger.spent(session, sha256=row.sha256_hex) for row in rows}
    return past, known, paid
