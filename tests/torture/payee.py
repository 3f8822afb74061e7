"""Who is paid: the stub of the service in a process of its own, which outlives every daemon and keeps books.

    python -m tests.torture.payee FOLDER '{"work_seconds": 0.2, "troubles": [{"drop": "after"}]}'

It prints its address and serves until stdin ends. ``FOLDER/books.json`` holds what was billed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.openai.stub import KEY, Stub, Trouble, serving

ROOT = Path(__file__).resolve().parents[2]
BOOKS = "books.json"


class Payee:
    """The running process, seen from the torture.

    Args:
        way: what protects a call from being paid twice, as in ``PAPER_AUTOPILOT_OPENAI_PAYING_ONCE``.
        work_seconds: how long the service takes to write an answer; it is billed when it begins.
        troubles: what the first matching requests meet, as ``Trouble``'s fields.
    """

    def __init__(
        self,
        folder: Path,
        *,
        way: str,
        work_seconds: float = 0.2,
        troubles: list[dict[str, Any]] | None = None,
    ) -> None:
        self._way = way
        self._books = folder / BOOKS
        plan = json.dumps({"work_seconds": work_seconds, "troubles": troubles or []})
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.torture.payee", str(folder), plan],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self._url = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a daemon that reads with this service."""
        return {
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": self._url,
            "PAPER_AUTOPILOT_OPENAI_PAYING_ONCE": self._way,
            "PAPER_AUTOPILOT_CAP_DAY_USD": "",
            "PAPER_AUTOPILOT_CAP_MONTH_USD": "",
        }

    def payments(self) -> dict[str, int]:
        """How many answers were billed for each hash."""
        return dict(self._read()["billed"])

    def complaints(self) -> list[str]:
        """What was wrong with requests, by the service's description; and what it was left with."""
        books = self._read()
        found = [f"against the description: {text}" for text in books["violations"]]
        if books["kept"]:
            found.append(f"the service was left with {books['kept']} answers or conversations")
        return found

    def _read(self) -> dict[str, Any]:
        books: dict[str, Any] = json.loads(self._books.read_text(encoding="utf-8"))
        return books


def serve(folder: Path, plan: dict[str, Any]) -> None:
    """Be the service until stdin ends."""

    def prepare(stub: Stub) -> None:
        stub.work_seconds = plan["work_seconds"]
        stub.meet(*(Trouble(**trouble) for trouble in plan["troubles"]))
        route = stub.route

        def kept_in_the_books(*arguments: Any) -> Any:
            try:
                return route(*arguments)
            finally:
                write_books(folder, stub)

        setattr(stub, "route", kept_in_the_books)  # noqa: B010 - mypy forbids assigning to a method
        write_books(folder, stub)

    with serving(prepare) as (_, url):
        print(url, flush=True)
        sys.stdin.read()


def write_books(folder: Path, stub: Stub) -> None:
    """Renamed into place, so that a reader never sees half of it."""
    books = {
        "requests": len(stub.requests),
        "billed": Counter(call["metadata"]["sha256"] for call in stub.billed),
        "kept": len(stub.desk.responses) + len(stub.desk.conversations),
        "violations": stub.violations,
    }
    part = folder / f"{BOOKS}.part"
    part.write_text(json.dumps(books), encoding="utf-8")
    part.rename(folder / BOOKS)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), json.loads(sys.argv[2]))
