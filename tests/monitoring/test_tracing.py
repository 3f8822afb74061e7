"""A document's life is one trace at the collector, and nothing of the document is in it."""

from __future__ import annotations

import hashlib
import json
import sys
import threading
import time
from pathlib import Path

import pytest

from autod import tracing as module
from autod.app import App
from autod.errors import FileTrouble
from autod.logs import configure_logging
from autod.tracing import Tracing
from tests.monitoring.collector import Collector, Seen, collector
from tests.paper import encrypted_pdf, pdf_of
from tests.settings import settings_in


def by_name(got: Collector) -> dict[str, Seen]:
    return {span.name: span for span in got.spans}


def test_a_life_is_a_span_with_its_steps_below(tmp_path: Path, database_url: str) -> None:
    with collector() as got:
        settings = settings_in(tmp_path, database_url, otel_exporter_otlp_endpoint=got.address)
        with App(settings) as app:
            for name, content in (("secret-name.pdf", pdf_of()), ("locked.pdf", encrypted_pdf())):
                (app.folders.inbox / name).write_bytes(content)
                app.process(app.folders.inbox / name)
    whole = hashlib.sha256(pdf_of()).hexdigest()
    mine = [span for span in got.spans if span.trace == whole[:32]]
    (root,) = [span for span in mine if not span.parent]
    assert (root.name, root.attributes) == ("document", {"autod.document.sha256": whole})
    assert {span.parent for span in mine if span is not root} == {root.span}
    steps = [span.name for span in mine if span is not root]
    assert {"begin", "read", "understand", "record", "file", "complete"} <= set(steps)
    assert len(steps) == len(set(steps))
    failed = [span for span in got.spans if span.failed]
    assert [(span.name, span.attributes) for span in failed] == [
        ("read", {"autod.step": "read", "autod.error.code": "pdf_encrypted"})
    ]
    assert len({span.trace for span in got.spans}) == 2
    sent = b"".join(got.bodies)
    for word in (b"secret-name", b"Northfield", b"locked", b"password", str(tmp_path).encode()):
        assert word not in sent
    assert not any(span.events for span in got.spans)


def test_asking_in_another_thread_is_below_the_document(tmp_path: Path) -> None:
    sha256 = "ab" * 32
    with collector() as got:
        tracing = Tracing(got.address, "1")

        def ask() -> None:
            with tracing.life("ask", sha256), tracing.step("submit"):
                pass

        with tracing.life("document", sha256):
            other = threading.Thread(target=ask)
            other.start()
            other.join(10)
        ask()  # its document lives on another machine
        tracing.stop()
    assert {span.trace for span in got.spans} == {sha256[:32]}
    document = by_name(got)["document"]
    asks = [span for span in got.spans if span.name == "ask"]
    assert sorted(span.parent for span in asks) == ["", document.span]
    assert {span.parent for span in got.spans if span.name == "submit"} == {span.span for span in asks}


def test_an_error_is_its_code_and_none_of_its_words(tmp_path: Path) -> None:
    with collector() as got:
        tracing = Tracing(got.address, "1")
        for error in (FileTrouble("/secret/path", code="disk_full"), RuntimeError("hidden words")):
            with pytest.raises(type(error)), tracing.step("file"):
                raise error
        tracing.stop()
    assert [span.attributes["autod.error.code"] for span in got.spans] == ["disk_full", "internal_error"]
    assert b"secret" not in got.bodies[0]
    assert b"hidden" not in got.bodies[0]


def test_headers_of_the_environment_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=abc")
    with collector() as got:
        tracing = Tracing(got.address + "/", "1")
        with tracing.step("file"):
            pass
        tracing.stop()
    assert got.headers[0]["x-api-key"] == "abc"


def test_a_collector_that_is_away_is_told_once_and_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging(tmp_path / "log", "INFO", 1, 1)
    monkeypatch.setattr(module, "EXPORT_SECONDS", 0.2)
    exporter = module._exporter("http://127.0.0.1:9/v1/traces")
    exporter.export([])
    exporter.export([])
    records = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [record["message"] for record in records] == ["Traces do not arrive"]
    tracing = Tracing("http://127.0.0.1:9", "1")
    with tracing.step("file"):
        pass
    begun = time.monotonic()
    tracing.stop()
    assert time.monotonic() - begun < 60


def test_without_the_extra_work_goes_on_and_says_so(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure_logging(tmp_path / "log", "INFO", 1, 1)
    for name in [name for name in sys.modules if name.startswith("opentelemetry.sdk")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    settings = settings_in(tmp_path, sqlite_url, otel_exporter_otlp_endpoint="http://127.0.0.1:9")
    with App(settings) as app:
        (app.folders.inbox / "a.pdf").write_bytes(pdf_of())
        assert app.process(app.folders.inbox / "a.pdf").success
    errors = [json.loads(line).get("error") for line in (tmp_path / "log").read_text().splitlines()]
    assert "tracing_not_installed" in errors
