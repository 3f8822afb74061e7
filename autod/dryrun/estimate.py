"""What reading files with OpenAI would cost: nothing is sent, recorded, moved or paid for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from autod.assembly.archive import open_manager
from autod.assembly.reader import open_sandbox, read_limits
from autod.assembly.service import answer_size_of, caps_of, prices_of
from autod.child.calls import classify_reading, read_pdf, size_up_reading
from autod.child.sandbox import Sandbox
from autod.config import Settings
from autod.db import costs, disclosures, documents, ledger
from autod.db.manager import DatabaseManager
from autod.domain.asked import SizedQuestion
from autod.domain.estimated import Estimate, FileJson, TotalOfFiles
from autod.domain.status import DocumentStatus
from autod.errors import AutodError, ReasonJson, UsageError, reason_of
from autod.files import custody
from autod.read.limits import ReadLimits

if TYPE_CHECKING:
    from autod.extract.openai.answer_size import AnswerSize
    from autod.extract.openai.estimate import Forecast, QuestionSize
    from autod.extract.openai.sizing import QuestionTokens

NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Sized:
    """One file as it would be sent, or why it would not.

    ``kinds`` is what it may be; ``states_all`` says that it leaves nothing to ask. Known only by looking at
    the others and at the archive: ``duplicate_of`` is the document that has its bytes, ``twin`` says that an
    earlier file has them, ``withheld_for`` is the class because of which it must stay on this machine.
    """

    file: str
    sha256: str = ""
    pages: int = 0
    form: str = ""
    questions: tuple[QuestionTokens, ...] = ()
    kinds: tuple[str, ...] = ()
    states_all: bool = False
    duplicate_of: int | None = None
    twin: bool = False
    withheld_for: str | None = None
    error: ReasonJson | None = None

    @property
    def asked(self) -> bool:
        """Whether the service would be asked about it."""
        spared = self.states_all or self.withheld_for or self.twin or self.duplicate_of is not None
        return bool(self.questions) and not spared


@dataclass(frozen=True, slots=True)
class Past:
    """What the database knows: spent today and this month, and how long answers are; all of it optional.

    ``answers`` are the latest ones: tokens of input, output and reasoning.
    """

    known: bool = False
    day_usd: Decimal = NOTHING
    month_usd: Decimal = NOTHING
    output_tokens: int | None = None
    answers: tuple[tuple[int, int, int], ...] = ()


def size_files(settings: Settings, paths: Sequence[Path]) -> Iterator[Sized]:
    """How large the question about each file would be, in order."""
    limits = reading_limits(settings, classify=True)
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
                return Sized(custody.path_text(path), error=reason_of(error))
            finally:
                reading.unlink(missing_ok=True)

        yield from pool.map(one, enumerate(paths))


def reading_limits(settings: Settings, *, classify: bool) -> ReadLimits:
    """OCR takes most of the time, and is left out where it changes nothing.

    A scan is sent as a file of so many pages. Its words matter when they are what is sent, and when they tell
    whether it may be sent.
    """
    limits = read_limits(settings)
    words_matter = settings.openai_form == "text" or (classify and settings.privacy_policy.restricts)
    return limits if words_matter else replace(limits, ocr_engine="off")


def _size(settings: Settings, sandbox: Sandbox, limits: ReadLimits, path: Path, reading: Path) -> Sized:
    with custody.explained("cannot read the file"):
        sha256 = custody.sha256_of(path)
    read_pdf(sandbox, limits, path.absolute(), str(reading))
    seen = classify_reading(sandbox, str(reading), path.absolute())
    size = size_up_reading(sandbox, reading, model=settings.openai_model, form=settings.openai_form)
    return Sized(
        custody.path_text(path),
        sha256,
        size["pages"],
        size["form"],
        tuple(size["questions"]),
        tuple(seen["kinds"]),
        seen["states_all"],
    )


def require_a_price(settings: Settings) -> None:
    """Refuse what makes sense only when somebody is paid.

    Raises:
        UsageError: a server of our own is free.
    """
    if settings.own_server:
        raise UsageError("a server of your own costs nothing", next_step="Process the files as they are.")


def estimate(
    settings: Settings, sized: Sequence[Sized], *, tier: str, counted_by: str, now: datetime
) -> Estimate:
    """What the files cost in each lane, and in ``tier`` each for itself, JSON-ready.

    What is not asked about costs nothing: bytes that are in the archive or twice among the files, what must
    stay on this machine, and what states everything itself.

    Raises:
        ConfigurationError: the model or its price is unknown.
        UsageError: a server of our own is free.
    """
    from autod.extract.openai.estimate import TYPICAL_OUTPUT_TOKENS, Estimator, SizedDocument

    require_a_price(settings)
    past, sized, paid = look_back(settings, sized, now)
    estimator = Estimator(
        prices_of(settings),
        settings.openai_model,
        output_tokens=past.output_tokens or TYPICAL_OUTPUT_TOKENS,
        max_output_tokens=settings.openai_max_output_tokens,
        at=now,
    )
    sizes = answer_size_of(settings, lambda: past.answers, lambda sha256: False)
    priced = [
        SizedDocument(_question_sizes(one, sizes), paid.get(one.sha256, NOTHING))
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
        "total": _total(rows),
        "lanes": [
            {"tier": lane.tier, "plain_usd": lane.plain_usd, "cached_usd": lane.cached_usd}
            for lane in estimator.lanes(priced)
        ],
        "caps": {
            "document": caps.document,
            "day": caps.day,
            "month": caps.month,
            "at_cap": settings.at_cap.value,
        },
        "spent": {"known": past.known, "day_usd": past.day_usd, "month_usd": past.month_usd},
        "output_tokens": {
            "each": past.output_tokens or TYPICAL_OUTPUT_TOKENS,
            "measured": past.output_tokens is not None,
        },
        "counted_by": counted_by,
    }


def _total(rows: Sequence[FileJson]) -> TotalOfFiles:
    return {
        "documents": len(rows),
        "input_tokens": sum(row["input_tokens"] for row in rows),
        "expected_usd": sum((row["expected_usd"] for row in rows), NOTHING),
        "most_usd": sum((row["most_usd"] for row in rows), NOTHING),
        "stopped": sum(row["stopped_by"] is not None for row in rows),
        "kept_here": sum(row["withheld_for"] is not None for row in rows),
        "states_all": sum(row["states_all"] for row in rows),
    }


def _question_sizes(one: Sized, sizes: AnswerSize) -> tuple[QuestionSize, ...]:
    """The file's questions with the limits that their answers would have."""
    from autod.extract.openai.estimate import QuestionSize

    asked: list[SizedQuestion] = [
        {
            "sha256": one.sha256,
            "form": one.form,
            "pages": question["pages"],
            "input_tokens": question["most"],
            "static_tokens": question["static_most"],
        }
        for question in one.questions
    ]
    return tuple(
        QuestionSize(question["most"], question["likely"], question["static_likely"], limit)
        for question, limit in zip(one.questions, sizes.limits(asked), strict=True)
    )


def _row(one: Sized, forecast: Forecast | None) -> FileJson:
    return {
        "file": one.file,
        "pages": one.pages,
        "form": one.form if forecast else "",
        "questions": len(one.questions) if forecast else 0,
        "input_tokens": sum(question["likely"] for question in one.questions) if forecast else 0,
        "expected_usd": forecast.expected_usd if forecast else NOTHING,
        "most_usd": forecast.most_usd if forecast else NOTHING,
        "stopped_by": forecast.stopped_by if forecast else None,
        "duplicate_of": one.duplicate_of,
        "twin": one.twin,
        "states_all": one.states_all,
        "withheld_for": one.withheld_for,
        "error": one.error,
    }


def look_back(
    settings: Settings, sized: Sequence[Sized], now: datetime
) -> tuple[Past, list[Sized], dict[str, Decimal]]:
    """What is known of the past, the files with all that spares them marked, and what each was paid before.

    A database that is not there yet, or not up to date, knows nothing; none is made.
    """
    past, known, paid = Past(), dict[str, int](), dict[str, Decimal]()
    classes = {one.sha256: list(one.kinds) for one in sized if one.sha256}
    manager = open_manager(settings)
    try:
        if manager.schema_state() == "current":
            past, known, paid = _ask(manager, settings, classes, now)
    finally:
        manager.close()
    seen: set[str] = set()
    marked = []
    for one in sized:
        twin = bool(one.sha256) and one.sha256 in seen
        because = settings.privacy_policy.withheld_for(classes.get(one.sha256, ()))
        marked.append(replace(one, duplicate_of=known.get(one.sha256), twin=twin, withheld_for=because))
        seen.add(one.sha256)
    return past, marked, paid


def _ask(
    manager: DatabaseManager, settings: Settings, classes: dict[str, list[str]], now: datetime
) -> tuple[Past, dict[str, int], dict[str, Decimal]]:
    """See ``look_back``; a person's word for a document's kind is put in the place of its ``classes``."""
    today = ledger.start_of_day(now)
    with manager.get_session(read_only=True) as session:
        past = Past(
            True,
            ledger.spent(session, since=today),
            ledger.spent(session, since=today.replace(day=1)),
            costs.usual_output_tokens(session, settings.openai_model),
            tuple(costs.latest_answers(session, settings.openai_model)),
        )
        rows = [document for sha in sorted(classes) if (document := documents.by_sha(session, sha))]
        for row in rows:
            classes[row.sha256_hex] = disclosures.classes_of(session, row.sha256_hex, classes[row.sha256_hex])
        known = {row.sha256_hex: row.id for row in rows if row.status is not DocumentStatus.FAILED}
        paid = {row.sha256_hex: ledger.spent(session, sha256=row.sha256_hex) for row in rows}
    return past, known, paid
