"""How close the client comes to the service's limit: 1,000 documents, 2 s latency, 500 requests a minute.

    python -m tests.openai.throughput [DOCUMENTS] [THREADS]

Prints one JSON object: the rate reached as a share of the limit, refusals, both cache ratios, and the cost
of 1,000 documents in each lane.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from autod.domain.money import TokenUse
from autod.extract.openai.answer import Answer
from autod.extract.openai.asking import Asking, Way
from autod.extract.openai.catalogue import find_model
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.document_text import PageText
from autod.extract.openai.prices import BATCH, Prices
from autod.extract.openai.question import Manner, question, text_content
from tests.openai import description
from tests.openai.conftest import INVOICE_SHARE, OpenDoor
from tests.openai.stub import KEY, Stub, serving

LIMIT, LATENCY = 500, 2.0
ANSWER = {"title": {"value": "INVOICE", "page": 1, "quote": "INVOICE"}, "rows": ["x" * 40] * 40}


def prepare(stub: Stub) -> None:
    stub.latency, stub.requests_per_minute = LATENCY, LIMIT
    stub.desk.answer = lambda body: ANSWER


def measure(documents: int, threads: int) -> dict[str, Any]:
    """One run in the background way."""
    description.present = lambda: False  # type: ignore[assignment]  # checked by the tests; here it takes time
    model = find_model("gpt-6-luna")
    manner = Manner(model, model.effort, 4000)
    with serving(prepare) as (stub, url), tempfile.TemporaryDirectory() as folder:
        with (
            ResponsesAPIClient(KEY, base_url=url, door=OpenDoor()) as client,
            ThreadPoolExecutor(threads) as pool,
        ):
            ask = Asking(client, Way.BACKGROUND, poll_seconds=1.0)

            def one(number: int) -> Answer:
                page = PageText(1, json.dumps({"page": 1, "text": f"Invoice {number} " + "word " * 1500}))
                body = question(manner, text_content([page]), sha256=f"{number:064x}", part="1/1")
                path = Path(folder) / f"{number}.json"
                path.write_text(json.dumps(body))
                handle = ask.submit(path, ask.claim(), INVOICE_SHARE)
                submitted.append(time.monotonic())
                answer = ask.collect(handle)
                ask.forget(handle)
                return answer

            submitted: list[float] = []
            one(documents)
            begun = time.monotonic()
            answers = list(pool.map(one, range(documents)))
            seconds = time.monotonic() - begun
        asked = len(stub.asked("POST", "/responses"))
    asking = max(submitted) - begun
    uses = [answer.use for answer in answers if answer.use is not None]
    return {
        "documents": documents,
        "seconds": round(seconds, 1),
        "documents_per_minute": round(documents / seconds * 60, 1),
        "seconds_until_the_last_was_submitted": round(asking, 1),
        "share_of_limit": round(min(1.0, documents / (asking / 60) / LIMIT), 3),
        "refused": asked - documents - 1,
        "prefix_hit_rate": round(sum(use.cached or 0 for use in uses) / (len(uses) * _static(uses)), 4),
        "token_hit_rate": round(sum(use.cached or 0 for use in uses) / sum(use.input for use in uses), 4),
        "usd_per_1000_documents": _lanes(uses),
    }


def _static(uses: list[TokenUse]) -> int:
    return max(use.cached or 0 for use in uses) or 1


def _lanes(uses: list[TokenUse]) -> dict[str, str]:
    now = datetime.now(UTC)
    lanes = {}
    for tier in ("default", "flex", BATCH):
        spent = sum((Prices().cost(use, "gpt-6-luna", tier, now).usd for use in uses), Decimal(0))
        lanes[tier] = f"{spent / len(uses) * 1000:.4f}"
    return lanes


if __name__ == "__main__":
    print(
        json.dumps(measure(int((sys.argv[1:2] or ["1000"])[0]), int((sys.argv[2:3] or ["96"])[0])), indent=2)
    )
