"""A paid reader, put together: its questions, its way of paying, its batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from autod.assembly.archive import utc_now
from autod.assembly.reader import read_limits
from autod.assembly.service import caps_of, effort_of, known_sizes, prices_of, require_reader, way_of_paying
from autod.config import AtCap, Settings
from autod.db.manager import DatabaseManager

if TYPE_CHECKING:
    from autod.child.sandbox import Sandbox
    from autod.domain.asked import Questions
    from autod.extract.openai.client import ResponsesAPIClient
    from autod.files.folders import Folders
    from autod.paying.asking import Asking
    from autod.paying.batch_clerk import BatchClerk
    from autod.paying.batch_lane import BatchLane

MOST_PICTURES = 10
"""Pages of a document that a server of our own is shown: what letters and invoices have, and
a model's context holds. Further pages go as text alone."""


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
    from autod.child.calls import write_questions
    from autod.child.handing import cut
    from autod.domain.asked import question_in
    from autod.files import custody
    from autod.flushing import flush_files

    way = way_of_paying(settings)
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
        effort=effort_of(settings),
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
            question_in(path, digest, one)
            for path, digest, one in zip(paths, digests, written["questions"], strict=True)
        ],
    }


def open_asking(
    settings: Settings,
    client: ResponsesAPIClient,
    manager: DatabaseManager,
    sandbox: Sandbox,
    folders: Folders,
) -> Asking:
    """OpenAI as a paid reader, with its bills and caps.

    Raises:
        ConfigurationError: see ``require_reader``, or the price file is of no use.
    """
    from autod.extract.openai.batches import OpenAIBatches
    from autod.extract.openai.paying_once import PayingOnce
    from autod.extract.openai.remote import OpenAIRemote
    from autod.paying.asking import Asking
    from autod.paying.batch_lane import BatchLane

    free = settings.own_server
    require_reader(settings)  # what is wrong with it is told at the start, not by each document
    caps = caps_of(settings)
    prices = prices_of(settings, caps)
    remote = OpenAIRemote(
        PayingOnce(client, way_of_paying(settings), free=free),
        prices,
        lambda sha256: _questions_of(settings, sandbox, folders, sha256),
        provider=settings.openai_server.value,
        model=settings.openai_model,
        tier="flex" if settings.openai_flex and not free else "default",
        max_output_tokens=settings.openai_max_output_tokens,
        questions=folders.claimed,
        now=utc_now,
        sizes=None if free else known_sizes(settings, manager),
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


def _questions_of(settings: Settings, sandbox: Sandbox, folders: Folders, sha256: str) -> Questions:
    """Write the questions about a claimed document, which is read before if it has not been."""
    from autod.pipeline.readings import Readings

    Readings(folders, sandbox, read_limits(settings)).have(sha256)
    return prepare_questions(
        settings,
        sandbox,
        sha256,
        reading=folders.reading_of(sha256),
        pdf=folders.claim_of(sha256),
        questions=folders.questions_of(sha256),
        pictures=_pictures_of(settings, sandbox, folders, sha256),
    )


def _pictures_of(settings: Settings, sandbox: Sandbox, folders: Folders, sha256: str) -> Pictures | None:
    """Pictures of the pages, for a server of our own whose model sees."""
    from autod.child.calls import picture_pages
    from autod.extract.openai.profiles import find_profile

    if not settings.own_server or settings.openai_form != "images":
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


def open_clerk(lane: BatchLane, manager: DatabaseManager, folders: Folders) -> BatchClerk:
    """Who hands in and collects what the lane asks."""
    from autod.paying.batch_clerk import BatchClerk

    folder = folders.claimed.parent / "batches"
    return BatchClerk(lane.remote, manager, lane.caps, folder, utc_now, lane.prepare)
