"""How close the pipeline comes to a paid service's limit: 2 s latency, 500 requests a minute.

    python -m bench.openai [--documents 1000] [--concurrency 100]

The service is the tests' stub in a process of its own; the documents are real PDFs that go through the whole
pipeline, from the inbox to their place in the archive. A prefix is found in the stub's cache only after the
question that wrote it has been answered.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

LIMIT, LATENCY = 500, 2.0
ROWS = 3
"""Rows of goods of an ordinary invoice."""

ANSWER_CHARACTERS_A_TOKEN = 3
"""Measured with the vocabulary o200k_base on full answers: 2.99 to 3.15; the static part has 4.1."""

LANES = (
    ("standard", "default", False),
    ("standard, cached", "default", True),
    ("flex, cached", "flex", True),
    ("batch, cached", "batch", True),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=100, help="documents asked about at a time")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.serve:
        serve()
        return
    with tempfile.TemporaryDirectory(prefix="autod-bench-") as place, service() as url:
        report(measure(Path(place), url, chosen.documents, chosen.concurrency, chosen.workers))


def serve() -> None:
    """Be the service until standard input ends: say the address first, and what was asked at the end."""
    from tests.openai import description
    from tests.openai.stub import Stub, serving

    description.present = lambda: False  # the tests check; here it takes time

    def prepare(stub: Stub) -> None:
        stub.latency, stub.requests_per_minute = LATENCY, LIMIT
        stub.desk.polls_until_done = 1
        stub.desk.cache.delay = LATENCY
        stub.desk.answer = _said
        stub.desk.tokens_of_answer = lambda text: -(-len(text) // ANSWER_CHARACTERS_A_TOKEN)

    with serving(prepare) as (stub, url):
        begun = time.time()

        def tick() -> None:
            while True:
                stub.now = time.time()
                time.sleep(0.05)

        stub.now = begun
        threading.Thread(target=tick, daemon=True).start()
        print(url, flush=True)
        sys.stdin.read()


def _said(body: dict[str, Any]) -> dict[str, Any]:
    """A full answer about one of our invoices: all that it states with its words, its rows, all else null."""
    from autod.extract.openai.schema import asked_fields

    page = str(body["input"][-1]["content"])
    number = re.search(r"NF-[0-9]+", page)
    told = number.group() if number else "NF-0"
    rows = re.findall(r"Copper pipe [0-9]+-[0-9]+ of 15 mm, cut to length and deburred", page)
    facts = {
        "doc_type": ("invoice", "INVOICE"),
        "title": (f"INVOICE {told}", "INVOICE"),
        "language": ("en", "Invoice number"),
        "issuer": ("Northfield Supplies Ltd", "Northfield Supplies Ltd"),
        "recipient": ("Harlow & Finch Partners", "Bill to: Harlow & Finch Partners"),
        "primary_date": ("2026-03-03", "Invoice date: 3 March 2026"),
        "due_date": ("2026-04-02", "Due date: 2 April 2026"),
        "total_amount": (240.0, "Total GBP        240.00"),
        "amount_due": (240.0, "Total GBP        240.00"),
        "tax_amount": (40.0, "VAT 20%        40.00"),
        "currency": ("GBP", "Total GBP"),
        "reference_number": (told, f"Invoice number: {told}"),
    }
    lists = {"addresses": ["14 Harbour Lane, Bristol BS1 4QA"]}
    said: dict[str, Any] = dict.fromkeys(asked_fields())
    said |= {name: _fact(value, quote) for name, (value, quote) in facts.items()}
    said |= {name: [_fact(value, value) for value in values] for name, values in lists.items()}
    said["meter_readings"] = []
    said["line_items"] = [
        {"description": row, "quantity": 1.0, "unit_price": 10.0, "amount": 10.0, "page": 1, "quote": row}
        for row in rows
    ]
    return said


def _fact(value: Any, quote: str) -> dict[str, Any]:
    return {"value": value, "page": 1, "quote": quote}


@contextmanager
def service() -> Iterator[str]:
    """The stub in a process of its own; yields its address."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.openai", "--serve"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child.stdout.readline().strip()
    finally:
        child.communicate(timeout=30)


def measure(place: Path, url: str, documents: int, concurrency: int, workers: int) -> dict[str, Any]:
    """One run from the inbox to the archive."""
    from pydantic import SecretStr

    from autod.app import App
    from autod.assembly.logging import start_logging
    from autod.db import costs
    from autod.db.models import ApiCall, CallState
    from autod.db.schema import upgrade
    from tests.openai.stub import KEY
    from tests.settings import settings_in

    database = f"sqlite:///{place / 'archive.db'}"
    upgrade(database)
    settings = settings_in(
        place, database, openai_api_key=SecretStr(KEY), openai_base_url=url, workers=workers,
        openai_concurrency=concurrency, cap_day_usd=None, cap_month_usd=None,
    )  # fmt: skip
    start_logging(settings)
    paths = list(papers(place / "paper", documents))
    with App(settings) as app:
        begun = time.monotonic()
        results = [result for _, result in app.process_many(paths)]
        seconds = time.monotonic() - begun
        with app.manager.get_session(read_only=True) as session:
            calls = list(session.scalars(sa.select(ApiCall).order_by(ApiCall.id)))
            ratios = costs.cache_ratios(session)
    settled = [call for call in calls if call.state is CallState.SETTLED]
    # A call is reserved just before it takes its turn; the last one settled marks the end of asking.
    asking = (max(c.settled_at for c in settled if c.settled_at) - calls[0].created_at).total_seconds()
    return {
        "documents": documents,
        "failed": sum(not result.success for result in results),
        "calls": len(calls),
        "seconds": seconds,
        "asking_seconds": asking,
        "share": documents / (asking / 60) / LIMIT,
        "prefix": ratios.prefix,
        "tokens": ratios.tokens,
        "ceiling": ratios.ceiling,
        "output_tokens": sum(call.output_tokens or 0 for call in settled) // len(settled),
        "reserved_to_paid": _reserved_to_paid(settled),
        "paid": sum((call.cost_usd or Decimal(0) for call in settled), Decimal(0)),
        "lanes": {name: _price(settled, tier, cached) for name, tier, cached in LANES},
    }


def _reserved_to_paid(calls: list[Any]) -> dict[str, float]:
    """How many times its cost a call reserves: the first hundred, and the last."""
    return {
        name: float(sum(c.reserved_usd for c in part) / sum(c.cost_usd for c in part))
        for name, part in (("first", calls[:100]), ("last", calls[-100:]))
    }


def papers(folder: Path, count: int) -> Iterator[Path]:
    """Invoices of one page, no two alike."""
    from tests.paper import INVOICE, pdf_of

    folder.mkdir()
    for number in range(count):
        rows = [f"Copper pipe {number}-{row} of 15 mm, cut to length and deburred" for row in range(ROWS)]
        path = folder / f"{number:05}.pdf"
        name = f"Invoice number: NF-{number:05}"
        path.write_bytes(pdf_of((*INVOICE[:3], name, *INVOICE[4:7], *rows, INVOICE[-1])))
        yield path


def _price(calls: list[Any], tier: str, cached: bool) -> Decimal:
    """What 1,000 documents of this kind cost in a lane."""
    from autod.domain.money import TokenUse
    from autod.extract.openai.prices import Prices

    prices, now, spent = Prices(), datetime.now(UTC), Decimal(0)
    for call in calls:
        found, written = (call.cached_tokens, call.cache_write_tokens) if cached else (0, 0)
        use = TokenUse(call.input_tokens, call.output_tokens, found, written)
        spent += prices.cost(use, call.model, tier, now).usd
    return spent / len(calls) * 1000


def report(found: dict[str, Any]) -> None:
    """Print it for people, and as one line of JSON."""
    print(f"{found['documents']:,} documents, {found['failed']} failed, {found['calls']:,} calls paid for")
    print(f"from the inbox to the archive   {found['seconds']:8.1f} s")
    print(f"asking                          {found['asking_seconds']:8.1f} s")
    print(f"share of {LIMIT} requests a minute   {found['share']:8.1%}")
    print(f"prefix hit rate                 {found['prefix']:8.1%}")
    print(f"token hit rate                  {found['tokens']:8.1%}   (at most {found['ceiling']:.1%})")
    print(f"tokens of an answer             {found['output_tokens']:8,}")
    ratio = found["reserved_to_paid"]
    print(f"reserved to paid                {ratio['first']:8.1f}   (the last hundred: {ratio['last']:.1f})")
    for name, usd in found["lanes"].items():
        print(f"1,000 documents, {name:<16} $ {usd:.4f}")
    print(json.dumps(found, default=str))


if __name__ == "__main__":
    main()
