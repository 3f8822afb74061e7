"""Traces of documents' lives, sent to an OpenTelemetry collector over HTTP.

All spans of a document share one trace, on whatever machine they were made: its number comes from the
document's SHA-256. Attributes are that hash, the step's name and the code of an error; nothing that a
document says, not even its name.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

from autod.codes import Code
from autod.errors import AutodError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.export import SpanExportResult
    from opentelemetry.trace import Span, SpanContext, Tracer

log = structlog.get_logger("autod.tracing")

EXPORT_SECONDS = 5.0
STOP_MILLISECONDS = 3000
TRACES_PATH = "/v1/traces"


class Tracing:
    """An observer of the pipeline that makes a span of everything it sees.

    Args:
        endpoint: the collector's address, without the path of the signal, such as ``http://127.0.0.1:4318``.

    Raises:
        ImportError: the extra ``tracing`` is not installed.
    """

    def __init__(self, endpoint: str, version: str) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._ids = _ids()
        provider = TracerProvider(
            resource=Resource.create({"service.name": "paper-autopilot", "service.version": version}),
            id_generator=self._ids,
            shutdown_on_exit=False,
        )
        self._processor = BatchSpanProcessor(_exporter(endpoint.rstrip("/") + TRACES_PATH))
        provider.add_span_processor(self._processor)
        self._tracer: Tracer = provider.get_tracer("autod")
        self._roots: dict[str, SpanContext] = {}

    @contextmanager
    def life(self, kind: str, sha256: str) -> Iterator[None]:
        """The document's own span, or one below it while that is made in this process."""
        from opentelemetry import context, trace

        parent = self._roots.get(sha256)
        around = (
            context.Context()
            if parent is None
            else trace.set_span_in_context(trace.NonRecordingSpan(parent), context.Context())
        )
        with self._ids.of_document(sha256):
            span = self._tracer.start_span(kind, around, attributes={"autod.document.sha256": sha256})
        if parent is None:
            self._roots[sha256] = span.get_span_context()
        try:
            with _current(span):
                yield
        finally:
            if parent is None:
                self._roots.pop(sha256, None)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        with _current(self._tracer.start_span(name, attributes={"autod.step": name})):
            yield

    def stop(self) -> None:
        """Send what is left, for a few seconds at most."""
        thread = threading.Thread(target=self._processor.shutdown, daemon=True)
        thread.start()
        thread.join(STOP_MILLISECONDS / 1000)


@contextmanager
def _current(span: Span) -> Iterator[None]:
    """End the span with the block; of an error it keeps the code and nothing of its words."""
    from opentelemetry.trace import Status, StatusCode, use_span

    with use_span(span, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield
        except Exception as error:
            code = error.code if isinstance(error, AutodError) else Code.INTERNAL_ERROR
            span.set_attribute("autod.error.code", code)
            span.set_status(Status(StatusCode.ERROR))
            raise


def _ids() -> Any:
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

    class DocumentIds(RandomIdGenerator):
        """Random numbers, but a document's trace has the document's."""

        def __init__(self) -> None:
            self._wanted = threading.local()

        @contextmanager
        def of_document(self, sha256: str) -> Iterator[None]:
            self._wanted.trace = int(sha256[:32], 16)
            try:
                yield
            finally:
                self._wanted.trace = 0

        def generate_trace_id(self) -> int:
            return getattr(self._wanted, "trace", 0) or super().generate_trace_id()

    return DocumentIds()


def _exporter(address: str) -> Any:
    import logging

    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import SpanExportResult as Result

    # What the library says for every batch that fails is said once, below.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)

    class Exporter(OTLPSpanExporter):
        """Says once that the collector is not there, and once that it is back."""

        away = False

        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            result = super().export(spans)
            if result is not Result.SUCCESS and not self.away:
                step = "Start the collector, or empty OTEL_EXPORTER_OTLP_ENDPOINT; work goes on without it."
                log.warning("Traces do not arrive", reason=Code.TRACES_UNDELIVERED, next_step=step)
            elif result is Result.SUCCESS and self.away:
                log.info("Traces arrive again")
            self.away = result is not Result.SUCCESS
            return result

    return Exporter(endpoint=address, timeout=EXPORT_SECONDS)
