"""The service's own count of what files would be asked with: this sends them there, to be counted alone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from autod.assembly.archive import open_ready_manager
from autod.assembly.paid_reader import prepare_questions
from autod.assembly.reader import open_sandbox
from autod.assembly.service import open_client, open_egress
from autod.child.calls import read_pdf
from autod.child.sandbox import Sandbox
from autod.config import Settings
from autod.dryrun.estimate import Sized, look_back, reading_limits, require_a_price
from autod.errors import DocumentError, FileTrouble, PrivacyError, reason_of
from autod.files import custody

if TYPE_CHECKING:
    from autod.extract.openai.client import ResponsesAPIClient

COUNTED_AT_A_TIME = 8


def count_files(settings: Settings, sized: Sequence[Sized], now: datetime) -> Iterator[Sized]:
    """The files with the tokens that the service counts, in order.

    Sent is what would be asked about, and no more. Every sending is on record, as any other.

    Raises:
        ConfigurationError: no key.
        DatabaseError: there is no database to keep the record in.
        OpenAIError: the service does not count.
    """
    require_a_price(settings)
    _, marked, _ = look_back(settings, sized, now)
    with (
        open_ready_manager(settings) as manager,
        open_client(
            settings, open_egress(settings, manager, {one.sha256: one.kinds for one in marked})
        ) as client,
        open_sandbox(settings) as sandbox,
        tempfile.TemporaryDirectory(prefix="autod-") as scratch,
        ThreadPoolExecutor(max_workers=COUNTED_AT_A_TIME) as pool,
    ):

        def one(job: tuple[int, Sized]) -> Sized:
            number, file = job
            if not file.asked:
                return file
            folder = Path(scratch) / str(number)
            folder.mkdir()
            try:
                return _count(settings, client, sandbox, file, folder)
            except (DocumentError, PrivacyError) as error:
                return replace(file, questions=(), error=reason_of(error))
            finally:
                for path in folder.iterdir():
                    path.unlink()

        yield from pool.map(one, enumerate(marked))


def _count(
    settings: Settings, client: ResponsesAPIClient, sandbox: Sandbox, file: Sized, folder: Path
) -> Sized:
    from autod.extract.openai.sizing import with_likely
    from autod.extract.openai.token_count import count_tokens

    path, reading = custody.path_from(file.file).absolute(), folder / "reading.json"
    if not custody.holds(path, file.sha256):
        raise FileTrouble("the file changed meanwhile", next_step="Run `autod process --estimate` again.")
    limits = reading_limits(settings, classify=False)
    read_pdf(sandbox, limits, path, str(reading))
    prepared = prepare_questions(
        settings, sandbox, file.sha256, reading=reading, pdf=path, questions=folder / "question"
    )
    counted = tuple(
        with_likely(size, count_tokens(client, question))
        for size, question in zip(file.questions, prepared["questions"], strict=True)
    )
    return replace(file, questions=counted)
