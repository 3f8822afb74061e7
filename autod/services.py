"""Building the parts that settings describe: database, sandbox, folders, and a paid reader with its store.

What only work needs is imported by who builds it: a command that looks something up is to start quickly.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from autod import __version__
from autod.backup import RESTORING
from autod.codes import Code
from autod.config import PREFIX, AtCap, Settings, VectorStoreChoice
from autod.db.engine import unreadable
from autod.db.manager import DatabaseManager
from autod.db.schema import SchemaState
from autod.domain.money import Caps, TokenUse
from autod.errors import AutodError, BackupError, ConfigurationError, DatabaseError, FileTrouble, Retry
from autod.log_later import LogLater
from autod.masking import hide

if TYPE_CHECKING:
    from autod.domain.asked import Questions
    from autod.domain.privacy import Door
    from autod.extract.openai.answer_size import AnswerSize
    from autod.extract.openai.asking import Way
    from autod.extract.openai.client import ResponsesAPIClient
    from autod.extract.openai.prices import Prices
    from autod.pipeline.asking import Asking
    from autod.pipeline.batch_clerk import BatchClerk
    from autod.pipeline.batching import BatchLane
    from autod.pipeline.door import WatchedDoor
    from autod.pipeline.folders import Folders
    from autod.pipeline.shelf import Shelf
    from autod.read.limits import ReadLimits
    from autod.read.sandbox import Sandbox, SandboxLimits
    from autod.tracing import Tracing
    from autod.vectors.base import Filter, Hit, VectorStore
    from autod.vectors.uploading import Uploads


log = LogLater("autod.services")

LITTLE_MEMORY = 4e9
"""Bytes: with less, one document is read at a time, for OCR may want a whole process's limit."""
MEMORY_SHARE = 0.75
"""Of all memory for one reading process; the daemon and the system need the rest."""

OTHER_STEP_SECONDS = 900.0
"""Enough for a database that waits for a lock or a large file that is copied between disks."""

LOGS_KEPT = 5
"""Rotated ones, of the size that is a setting: it alone says how much disk the log may take."""

READER_IDLE_SECONDS = 30.0
"""A scanner's next sheet comes sooner, and starting a process anew costs a second; later its memory is better
used by others: with OCR's models it is 0.7 GB."""

MOST_PICTURES = 10
"""Pages of a document that a server of our own is shown: what letters and invoices have, and
a model's context holds. Further pages go as text alone."""

STORE_NAME = "paper-autopilot"
"""Of the vector store that is ours: the account's owner sees it in a list. Another one is named by its id."""

NOTHING_SEEN: Mapping[str, Sequence[str]] = MappingProxyType({})
NO_KEY = "none"
"""What a server of our own is sent when no key is set: the API's clients must send one."""


def start_logging(settings: Settings, loggers: Sequence[str] | None = None) -> None:
    """Log as the settings say; ``loggers`` as in ``configure_logging``, None is the whole process.

    A process of our own also makes its files with the rights of the settings from here on.

    Raises:
        FileTrouble: the log's folder or file cannot be made.
    """
    from autod.logs import WHOLE_PROCESS, configure_logging

    if loggers is None:
        os.umask(int(settings.umask, 8))
    try:
        configure_logging(
            settings.log_file,
            settings.log_level,
            settings.log_max_mb,
            LOGS_KEPT,
            loggers=WHOLE_PROCESS if loggers is None else loggers,
            code_of=_known_code,
        )
    except OSError as error:
        raise FileTrouble(
            f"cannot write the log: {error.strerror}",
            code=Code.LOG_UNWRITABLE,
            next_step="Give the service's user access to the folder of PAPER_AUTOPILOT_LOG_FILE.",
        ) from error


def _known_code(trouble: BaseException) -> str | None:
    """The code of an exception that is the database's or the disk's trouble, as libraries raise it."""
    from sqlalchemy.exc import SQLAlchemyError

    from autod.db.engine import translate
    from autod.pipeline import custody

    if isinstance(trouble, AutodError):
        return trouble.code
    if isinstance(trouble, SQLAlchemyError):
        found = translate(trouble)
        return found.code if found.retry is Retry.LATER else None
    if isinstance(trouble, OSError) and trouble.errno is not None:
        found_file = custody.file_trouble(trouble, "")
        return found_file.code if found_file.outside else None
    return None


def utc_now() -> datetime:
    return datetime.now(UTC)


def open_manager(settings: Settings) -> DatabaseManager:
    """The database of these settings, not yet connected."""

    def met_damage() -> None:
        from autod.pipeline import soundness

        soundness.met_damage(settings.work_dir.absolute(), utc_now())

    return DatabaseManager(
        settings.paper_autopilot_db_url,
        pool_size=settings.db_pool_size,
        on_damage=met_damage,
    )


@contextlib.contextmanager
def open_ready_manager(settings: Settings) -> Iterator[DatabaseManager]:
    """The database, checked to be up to date, for commands that only look or correct."""
    manager = open_manager(settings)
    try:
        require_schema(manager, settings)
        yield manager
    finally:
        manager.close()


def read_limits(settings: Settings) -> ReadLimits:
    from autod.read.limits import ReadLimits

    return ReadLimits(
        max_file_mb=settings.max_file_mb,
        max_pages=settings.max_pages,
        ocr_engine=settings.ocr_engine.value,
        ocr_languages=settings.ocr_languages,
    )


def step_limits(settings: Settings) -> dict[str, float]:
    """Seconds that no step of a document's life can take, by its name; ``""`` is for all that are not named.

    Twice what the step's own limits add up to: whoever is beyond it hangs.
    """
    from autod.extract.openai.pacing import PATIENCE_SECONDS
    from autod.pipeline.reading import SECONDS_PER_PAGE

    to_read = settings.read_timeout_seconds + settings.max_pages * SECONDS_PER_PAGE
    asking = settings.openai_timeout_seconds + PATIENCE_SECONDS
    limits = {
        "read": to_read,
        "may_leave": to_read + settings.read_timeout_seconds,
        "understand": to_read + settings.read_timeout_seconds,
        "prepare": settings.read_timeout_seconds,
        "submit": asking,
        "collect": asking,
        "upload": settings.openai_timeout_seconds * 4,
    }
    return {name: 2 * seconds for name, seconds in {"": OTHER_STEP_SECONDS, **limits}.items()}


def open_sandbox(settings: Settings) -> Sandbox:
    from autod.read.sandbox import Sandbox

    limits, readers = reading_room(settings)
    return Sandbox(limits, size=readers)


def reading_room(settings: Settings) -> tuple[SandboxLimits, int]:
    """What a reading process may use, and how many there may be: never more together than there is memory."""
    from autod.memory import usable_bytes
    from autod.read.sandbox import SandboxLimits

    memory = usable_bytes()
    limits = SandboxLimits(
        timeout_seconds=settings.read_timeout_seconds,
        memory_mb=min(settings.read_memory_mb, int(memory * MEMORY_SHARE) >> 20),
        idle_seconds=READER_IDLE_SECONDS,
    )
    return limits, 1 if memory < LITTLE_MEMORY else settings.workers


def tell_of_missing_walls() -> None:
    """Say in the log, once for each start, that this system cannot wall reading processes in."""
    from autod.read.confinement import lacking

    missing = {wall: why for wall, why in lacking().items() if why}
    if missing:
        log.warning(
            "Reading processes are not walled in",
            reason=Code.READER_UNCONFINED,
            missing=missing,
            next_step="`autod doctor` says what this means.",
        )


def require_known_schema(manager: DatabaseManager, settings: Settings) -> None:
    """As ``require_schema``, but one that is to be upgraded will do: it is backed up before."""
    trouble = schema_trouble(manager, settings)
    if trouble is not None and trouble.code != Code.SCHEMA_OUTDATED:
        raise trouble


def require_schema(manager: DatabaseManager, settings: Settings) -> None:
    """Refuse to work on a database that is not up to date; changes nothing.

    Raises:
        DatabaseError: with what to run.
    """
    if trouble := schema_trouble(manager, settings):
        raise trouble


def schema_trouble(manager: DatabaseManager, settings: Settings) -> DatabaseError | None:
    """Why nothing can be done with this database, and what to do; None when it is up to date."""
    state, trouble = manager.look()
    if state is SchemaState.CURRENT:
        return None
    if trouble is not None:
        return unreadable(trouble)
    if state is SchemaState.NEWER:
        return DatabaseError(
            "the database belongs to a newer version of this program",
            code=Code.SCHEMA_NEWER,
            next_step="Install the newer version, or restore the backup made before the upgrade.",
        )
    if state is SchemaState.EMPTY:
        return _empty_schema(plan_folders(settings))
    return DatabaseError(
        "the database schema is outdated",
        code=Code.SCHEMA_OUTDATED,
        next_step="Run `alembic upgrade head` (or `autod db upgrade`).",
    )


def _empty_schema(folders: Folders) -> DatabaseError:
    """A new installation, or an archive whose database is another one or gone: the folders know."""
    from autod.pipeline import marks

    place = marks.where_archive_lies(folders)
    if place is None:
        return DatabaseError(
            "the database schema is empty",
            code=Code.SCHEMA_EMPTY,
            next_step="Run `alembic upgrade head` (or `autod db upgrade`).",
        )
    return DatabaseError(
        f"the database is missing or empty, though an archive's documents lie here: {place}",
        code=Code.SCHEMA_EMPTY,
        next_step="Point PAPER_AUTOPILOT_DB_URL at the archive's database, or restore a backup "
        "(docs/BACKUP.md). Only if a new database is to take the documents back: `alembic upgrade head` "
        "(or `autod db upgrade`), then `autod check --repair`.",
    )


def folders_of(settings: Settings) -> Folders:
    """The folders as absolute paths; the inbox and our own are made where missing.

    The others are made, and marked, by who works in them: see ``autod.pipeline.footing``.

    Raises:
        ConfigurationError: one lies inside the inbox, where filing would feed itself.
        FileTrouble: one cannot be made.
    """
    from autod.flushing import make_folder
    from autod.pipeline import custody

    folders = plan_folders(settings)
    for folder in (folders.claimed, folders.processed, folders.failed):
        if folder.resolve().is_relative_to(folders.inbox.resolve()):
            raise ConfigurationError(f"{folder.name} must not lie inside the inbox")
    with custody.explained("cannot make the folders"):
        for folder in (folders.work, folders.inbox):
            make_folder(folder)
    return folders


def plan_folders(settings: Settings) -> Folders:
    """The folders as absolute paths, whether they are there or not."""
    from autod.pipeline.folders import Folders

    return Folders(
        inbox=settings.inbox_dir.absolute(),
        claimed=(settings.claimed_dir or settings.work_dir / "claimed").absolute(),
        processed=settings.processed_dir.absolute(),
        failed=settings.failed_dir.absolute(),
        own=settings.work_dir.absolute(),
    )


def require_restored(folders: Folders) -> None:
    """Refuse to work where a restore was cut off: half of the documents may be missing.

    Raises:
        BackupError: code ``restore_unfinished``.
    """
    if (folders.work / RESTORING).exists():
        raise BackupError(
            "a restore into these folders was cut off",
            code=Code.RESTORE_UNFINISHED,
            next_step="Run the same `autod restore` again; it goes on where it stopped.",
        )


def _find_words(manager: DatabaseManager, query: str, wanted: Filter, limit: int) -> list[Hit]:
    """The embedded index, as a vector store is asked."""
    from autod.db import documents
    from autod.search import fulltext
    from autod.vectors.base import Hit

    filters = fulltext.SearchFilter(wanted.doc_type, wanted.issuer, wanted.since, wanted.until)
    with manager.get_session(read_only=True) as session:
        return [
            Hit(documents.require(session, hit.document_id).sha256_hex, hit.score, hit.snippet)
            for hit in fulltext.search(session, query, filters, limit=limit)
        ]


def api_key_of(settings: Settings) -> str:
    """The key from the environment or its file; empty when there is none.

    Raises:
        ConfigurationError: the file cannot be read, or others may read it.
    """
    from autod.extract.openai.key_file import read_key_file

    if settings.openai_api_key is not None:
        return settings.openai_api_key.get_secret_value()
    key = read_key_file(settings.openai_api_key_file) if settings.openai_api_key_file else ""
    hide(key)
    return key


def client_options(settings: Settings) -> dict[str, Any]:
    """What the client of the OpenAI API is made with.

    Raises:
        ConfigurationError: the key's file is of no use, or our own server has no address.
    """
    from autod.extract.openai.client import DEFAULT_BASE_URL

    if settings.own_server and settings.openai_base_url.rstrip("/") == DEFAULT_BASE_URL:
        raise ConfigurationError(
            f"OPENAI_BASE_URL must be the address of the {settings.openai_server} server",
            next_step="Set it, for example http://127.0.0.1:11434/v1 for Ollama.",
        )
    return {
        "api_key": api_key_of(settings) or (NO_KEY if settings.own_server else ""),
        "base_url": settings.openai_base_url,
        "timeout_seconds": settings.openai_timeout_seconds,
        "renew_key": partial(api_key_of, settings) if settings.openai_api_key_file else None,
    }


def open_door(
    settings: Settings, manager: DatabaseManager, seen: Mapping[str, Sequence[str]] = NOTHING_SEEN
) -> WatchedDoor:
    """The one way out: what the policy allows, noted in the database; ``seen`` as in ``WatchedDoor``."""
    from autod.pipeline.door import WatchedDoor

    return WatchedDoor(manager, settings.privacy_policy, _answers_on_this_machine(settings), utc_now, seen)


def _answers_on_this_machine(settings: Settings) -> bool:
    """A server of our own on loopback, with a model that runs there.

    OpenAI behind a proxy on loopback is no such server, nor is one of Ollama's ``-cloud`` models.
    """
    from autod.extract.openai.addresses import is_loopback

    cloud = settings.openai_model.endswith(("-cloud", ":cloud"))
    return settings.own_server and is_loopback(settings.openai_base_url) and not cloud


def open_client(settings: Settings, door: Door | None = None) -> ResponsesAPIClient:
    """The client of the OpenAI API; makes no request, and without a door never one that carries content.

    Raises:
        ConfigurationError: no key, or an address that is of no use.
    """
    from autod.extract.openai.client import ResponsesAPIClient

    return ResponsesAPIClient(**client_options(settings), door=door)


def model_news(settings: Settings, today: date) -> list[str]:
    """What a person should know of the model in use: its announced end, and what nobody knows of it."""
    from autod.extract.openai.catalogue import ending_of, find_model

    if settings.own_server:
        return []
    model = find_model(settings.openai_model)
    ending = ending_of(model, today)
    news = [ending.message] if ending is not None else []
    if not model.known:
        news.append(
            f"{model.id} is not in the catalogue: it is asked with careful defaults, and its end is not known"
        )
    needed = caps_of(settings) != Caps()  # then it is refused without a price, see ``require_reader``
    if not needed and not prices_of(settings).knows(model.id, utc_now()):
        news.append(
            f"no price is known for {model.id}: its calls are counted as $0; "
            "PAPER_AUTOPILOT_OPENAI_PRICE_FILE can name one"
        )
    return news


def require_reader(settings: Settings) -> None:
    """Refuse a model that cannot be asked as the settings want it.

    Raises:
        ConfigurationError: its effort is not one of its own, or a cap needs a price that nobody knows.
    """
    _effort(settings)
    prices_of(settings, caps_of(settings)).cost(TokenUse(1, 1), settings.openai_model, "default", utc_now())


def prices_of(settings: Settings, caps: Caps | None = None) -> Prices:
    """The operator's own prices before the built-in ones; a server of our own is free.

    Args:
        caps: what the prices are for: without any cap a model may do without one. None always needs one.

    Raises:
        ConfigurationError: the price file is of no use.
    """
    from autod.extract.openai.prices import Prices, read_override

    own = settings.openai_price_file
    limits = asdict(caps) if caps is not None else {}
    needed_by = [f"{PREFIX}CAP_{name.upper()}_USD" for name, limit in limits.items() if limit is not None]
    return Prices(
        read_override(own) if own else None,
        free=settings.own_server,
        needed_by=needed_by if caps is not None else None,
    )


def caps_of(settings: Settings) -> Caps:
    """The caps on what is paid; a server of our own is under none."""
    if settings.own_server:
        return Caps()
    return Caps(settings.cap_document_usd, settings.cap_day_usd, settings.cap_month_usd)


def open_clerk(lane: BatchLane, manager: DatabaseManager, folders: Folders) -> BatchClerk:
    """Who hands in and collects what the lane asks."""
    from autod.pipeline.batch_clerk import BatchClerk

    folder = folders.claimed.parent / "batches"
    return BatchClerk(lane.remote, manager, lane.caps, folder, utc_now, lane.prepare)


def _way_of_paying(settings: Settings) -> Way:
    """What protects a call from being paid twice; there is nothing to protect at a server of our own."""
    from autod.extract.openai.asking import Way

    return Way.DIRECT if settings.own_server else Way(settings.openai_paying_once)


def _effort(settings: Settings) -> str:
    """How hard the model thinks; a server of our own decides for itself.

    Raises:
        ConfigurationError: the model does not know this effort.
    """
    from autod.extract.openai.catalogue import find_model

    if settings.own_server:
        return ""
    return find_model(settings.openai_model).effort_or_default(settings.openai_effort)


class Pictures(NamedTuple):
    """Pictures of pages, one after another in a file; ``sizes`` are their bytes by the page's number."""

    path: Path
    sizes: dict[str, int]


def prepare_questions(
    settings: Settings,
    sandbox: Sandbox,
    sha256: str,
    *,
    reading: Path,
    pdf: Path,
    questions: Path,
    pictures: Pictures | None = None,
) -> Questions:
    """Write the questions about a document that was read to ``{questions}.{number}.json``.

    Each is flushed, and its ``is`` is the SHA-256 of its file.

    Raises:
        ConfigurationError: the model does not know its effort.
        DocumentError: it cannot be asked about, by code.
    """
    from autod.domain.asked import kept_at
    from autod.flushing import flush_files
    from autod.pipeline import custody
    from autod.pipeline.handing import cut
    from autod.pipeline.reading import write_questions

    way = _way_of_paying(settings)
    together = questions.with_name(f"{questions.name}.all")
    written = write_questions(
        sandbox,
        sha256,
        reading=reading,
        pdf=pdf,
        questions=together,
        pictures=pictures.path if pictures else None,
        picture_sizes=pictures.sizes if pictures else {},
        model=settings.openai_model,
        effort=_effort(settings),
        form=settings.openai_form,
        max_output_tokens=settings.openai_max_output_tokens,
        flex=settings.openai_flex and not settings.own_server,
        stored=way.stored,
        background=way.background,
        profile=settings.openai_server.value,
    )
    paths = [Path(f"{questions}.{number}.json") for number in range(1, len(written["questions"]) + 1)]
    cut(together, {path: one["bytes"] for path, one in zip(paths, written["questions"], strict=True)})
    with custody.explained("cannot write down the questions"):
        digests = flush_files(*paths)
    return {
        "form": written["form"],
        "questions": [
            kept_at(path, digest, one)
            for path, digest, one in zip(paths, digests, written["questions"], strict=True)
        ],
    }


def answer_size_of(
    settings: Settings, past: Callable[[], Sequence[tuple[int, int, int]]], was_cut: Callable[[str], bool]
) -> AnswerSize:
    """How long answers may get; ``past`` and ``was_cut`` as in ``AnswerSize``.

    Raises:
        ConfigurationError: the model or its effort is unknown.
    """
    from autod.extract.openai.answer_size import AnswerSize, Past

    return AnswerSize(
        settings.openai_max_output_tokens,
        _effort(settings),
        lambda: [Past(*tokens) for tokens in past()],
        was_cut,
    )


def _known_sizes(settings: Settings, manager: DatabaseManager) -> AnswerSize:
    """How long answers may get, by what the ledger knows of earlier ones."""
    from autod.db import costs, ledger

    def past() -> list[tuple[int, int, int]]:
        with manager.get_session(read_only=True) as session:
            return costs.latest_answers(session, settings.openai_model)

    def was_cut(sha256: str) -> bool:
        with manager.get_session(read_only=True) as session:
            return ledger.was_cut(session, sha256)

    return answer_size_of(settings, past, was_cut)


def open_asking(
    settings: Settings,
    client: ResponsesAPIClient,
    manager: DatabaseManager,
    sandbox: Sandbox,
    folders: Folders,
) -> Asking:
    """OpenAI as a paid reader, with its purse.

    Raises:
        ConfigurationError: see ``require_reader``, or the price file is of no use.
    """
    from autod.extract.openai import asking as protocol
    from autod.extract.openai.batches import OpenAIBatches
    from autod.extract.openai.profiles import find_profile
    from autod.extract.openai.remote import OpenAIRemote
    from autod.pipeline.asking import Asking
    from autod.pipeline.batching import BatchLane
    from autod.pipeline.reading import picture_pages
    from autod.pipeline.readings import Readings

    free = settings.own_server
    require_reader(settings)  # what is wrong with it is told at the start, not by each document
    way = _way_of_paying(settings)

    def pictures_of(sha256: str) -> Pictures | None:
        """Pictures of the pages, for a server of our own whose model sees."""
        if not free or settings.openai_form != "images":
            return None
        questions = folders.questions_of(sha256)
        pictures = questions.with_name(f"{questions.name}.pictures")
        sizes = picture_pages(
            sandbox,
            pdf=folders.claim_of(sha256),
            reading=folders.reading_of(sha256),
            pictures=pictures,
            most_pages=MOST_PICTURES,
            max_side=find_profile(settings.openai_server).picture_side,
        )
        return Pictures(pictures, sizes)

    def prepare(sha256: str) -> Questions:
        Readings(folders, sandbox, read_limits(settings)).have(sha256)
        return prepare_questions(
            settings,
            sandbox,
            sha256,
            reading=folders.reading_of(sha256),
            pdf=folders.claim_of(sha256),
            questions=folders.questions_of(sha256),
            pictures=pictures_of(sha256),
        )

    caps = caps_of(settings)
    prices = prices_of(settings, caps)
    remote = OpenAIRemote(
        protocol.Asking(
            client,
            way,
            free=free,
        ),
        prices,
        prepare,
        provider=settings.openai_server.value,
        model=settings.openai_model,
        tier="flex" if settings.openai_flex and not free else "default",
        max_output_tokens=settings.openai_max_output_tokens,
        questions=folders.claimed,
        now=utc_now,
        sizes=None if free else _known_sizes(settings, manager),
    )
    batch = None
    if not free:
        batches = OpenAIBatches(
            client, prices, max_output_tokens=settings.openai_max_output_tokens, now=utc_now
        )
        batch = BatchLane(
            batches, remote.prepare, settings.openai_model, remote.prompt_version, caps, utc_now
        )
    return Asking(remote, manager, caps, settings.at_cap is AtCap.LOCAL, utc_now, batch)


def open_shelf(settings: Settings, manager: DatabaseManager, uploads: Uploads | None = None) -> Shelf:
    """The vector store as the archive's shelf.

    Raises:
        ConfigurationError: the store is off, has no key, or the server is one that has no stores.
    """
    from autod.pipeline.shelf import Shelf
    from autod.vectors.uploading import Uploads

    if uploads is None:
        require_vector_store(settings)
        uploads = Uploads(open_vector_store(settings, manager), settings.vector_store_max_mb)
    return Shelf(manager, uploads, settings.privacy_policy, utc_now)


def require_vector_store(settings: Settings) -> None:
    """Refuse what makes sense only with a store at a service.

    Raises:
        ConfigurationError: code ``vector_store_off``.
    """
    if settings.vector_store is VectorStoreChoice.OFF:
        raise ConfigurationError(
            "no vector store is in use",
            code=Code.VECTOR_STORE_OFF,
            next_step="Set PAPER_AUTOPILOT_VECTOR_STORE=openai if documents may be kept at OpenAI; "
            "`autod search` finds words without it.",
        )


def open_tracing(settings: Settings) -> Tracing | None:
    """A tracer for the collector of the settings; None without one, or when it is not installed."""
    if not settings.otel_exporter_otlp_endpoint:
        return None
    from autod.tracing import Tracing

    try:
        return Tracing(settings.otel_exporter_otlp_endpoint, __version__)
    except ImportError as error:
        log.error(
            "Traces are not sent",
            error=Code.TRACING_NOT_INSTALLED,
            detail=f"the module {error.name} is missing",
            next_step="pip install 'paper-autopilot[tracing]', or empty OTEL_EXPORTER_OTLP_ENDPOINT.",
        )
        return None


def open_vector_store(
    settings: Settings, manager: DatabaseManager, client: ResponsesAPIClient | None = None
) -> VectorStore:
    """The store that the settings name; the embedded index stands in when it is off.

    Raises:
        ConfigurationError: no key, or the server is one that has no stores.
    """
    if settings.vector_store is VectorStoreChoice.OFF:
        from autod.vectors.local import LocalVectorStore

        return LocalVectorStore(partial(_find_words, manager))
    from autod.vectors.openai import OpenAIVectorStore

    if settings.own_server:
        raise ConfigurationError(
            f"there is no vector store on a server of the kind {settings.openai_server}",
            next_step="Set PAPER_AUTOPILOT_VECTOR_STORE=off.",
        )
    return OpenAIVectorStore(
        client or open_client(settings, open_door(settings, manager)),
        name=STORE_NAME,
        store_id=settings.vector_store_id,
    )
