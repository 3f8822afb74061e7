"""Trouble on the way to the service is nothing a document did: it waits, and health says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from autod.app import App
from autod.config import Settings
from autod.db import documents
from autod.db.figures import snapshot
from autod.db.manager import DatabaseManager
from autod.db.models import Document
from autod.domain.status import DocumentStatus
from autod.extract.openai.client import ResponsesAPIClient
from autod.extract.openai.retrying import RetryPolicy
from autod.health import checks
from autod.health.report import State
from tests.listing import files_in
from tests.openai.stub import KEY, PAGE, Stub, Trouble
from tests.paid import paid_service, paid_settings
from tests.paper import INVOICE, pdf_of

UNVERIFIED = b"""{"error": {"message": "Your organization must be verified to use the model `gpt-6-luna`.",
 "type": "invalid_request_error", "param": null, "code": null}}"""
ELSEWHERE = b'{"detail": "Not Found"}'
DEPLOYMENT = b"""{"error": {"code": "DeploymentNotFound", "message":
 "The API deployment for this resource does not exist."}}"""
NO_PATH = b"""{"error": {"message": "Invalid URL (POST /responses)", "type": "invalid_request_error",
 "param": null, "code": null}}"""
AZURE_PATH = b'{"error": {"code": "404", "message": "Resource not found"}}'


def answered(status: int, raw: bytes, media_type: str = "application/json", **options: Any) -> Trouble:
    return Trouble(path="/", status=status, raw=raw, media_type=media_type, **options)


AWAY = {
    "404 page": (answered(404, PAGE, "text/html"), "openai_base_url_wrong"),
    "404 of another service": (answered(404, ELSEWHERE), "openai_base_url_wrong"),
    "404 without a code": (answered(404, NO_PATH), "openai_base_url_wrong"),
    "404 without anything": (answered(404, b"", "text/plain"), "openai_base_url_wrong"),
    "404 of Azure": (answered(404, AZURE_PATH), "openai_base_url_wrong"),
    "405": (answered(405, b"", "text/plain"), "openai_base_url_wrong"),
    "redirect": (answered(302, b"", headers={"location": "http://127.0.0.1:9/"}), "openai_base_url_wrong"),
    "wrong deployment": (answered(404, DEPLOYMENT), "openai_model_unavailable"),
    "not verified": (answered(403, UNVERIFIED), "openai_organization_unverified"),
    "page of a firewall": (answered(403, PAGE, "text/html"), "openai_answer_not_json"),
    "proxy's password": (answered(407, PAGE, "text/html"), "openai_answer_not_json"),
    "sign-in": (answered(511, PAGE, "text/html"), "openai_answer_not_json"),
    "400 page": (answered(400, PAGE, "text/html"), "openai_answer_not_json"),
}


@pytest.fixture
def stub() -> Iterator[Stub]:
    with paid_service() as stub:
        yield stub


def row(app: App, number: int) -> Document:
    with app.manager.get_session(read_only=True) as session:
        return documents.require(session, number)


def client_of(settings: Settings, url: str) -> ResponsesAPIClient:
    return ResponsesAPIClient(KEY, base_url=url, retry=RetryPolicy(attempts=1), circuit_threshold=1000)


def seen(settings: Settings, manager: DatabaseManager) -> Any:
    now = datetime.now(UTC)
    with manager.get_session(read_only=True) as session:
        known = snapshot(session, now)
    return checks.openai(checks.Subject(settings, manager, now, snapshot=known))


@pytest.mark.parametrize("way", ["conversation", "background"])
def test_documents_wait_for_as_long_as_something_else_answers(
    tmp_path: Path, sqlite_url: str, stub: Stub, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = DatabaseManager(sqlite_url)
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 1)
    settings = paid_settings(tmp_path, manager, stub, openai_paying_once=way)
    with client_of(settings, stub.url) as client, App(settings, manager, client=client) as app:
        for number, (what, (trouble, code)) in enumerate(AWAY.items(), 1):
            stub.script[:] = [trouble] * 20
            path = app.folders.inbox / f"{number}.pdf"
            path.write_bytes(pdf_of((*INVOICE, what)))
            result = app.process(path)
            document = row(app, number)
            assert (document.status, document.error_code) == (DocumentStatus.WAITING, code), what
            assert (document.attempts, document.waits) == (0, 1), what
            check = seen(settings, manager)
            assert check.state is State.FAILED and check.next_step, what
            assert not result.success
        assert files_in(app.folders.failed) == []
        assert stub.billed == []
        stub.script.clear()
        app.engine.again(document.sha256_hex)
        assert app.engine.result(document.sha256_hex)["outcome"] == "completed"
        assert seen(settings, manager).state is State.OK


@pytest.mark.parametrize(("way", "billed"), [("conversation", 0), ("background", 1), ("direct", 1)])
def test_a_sign_in_page_in_place_of_every_answer_uses_up_no_more_than_one_attempt(
    tmp_path: Path, sqlite_url: str, stub: Stub, way: str, billed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first may hide work that was done; then nothing is paid for before the service itself answers."""
    manager = DatabaseManager(sqlite_url)
    monkeypatch.setattr("autod.pipeline.workflow.MAX_ATTEMPTS", 2)
    settings = paid_settings(tmp_path, manager, stub, openai_paying_once=way)
    with client_of(settings, stub.url) as client, App(settings, manager, client=client) as app:
        pages = {"raw": PAGE, "media_type": "text/html"}
        stub.script[:] = [Trouble(path="/", **pages), Trouble("GET", "/", **pages)] * 50  # type: ignore[arg-type]
        (app.folders.inbox / "a.pdf").write_bytes(pdf_of())
        app.process(app.folders.inbox / "a.pdf")
        sha256 = row(app, 1).sha256_hex
        for _ in range(3):
            app.engine.again(sha256)
            assert app.engine.result(sha256)["outcome"] == "postponed"
        assert (row(app, 1).status, row(app, 1).attempts) == (DocumentStatus.WAITING, billed)
        assert len(stub.billed) == billed
        assert seen(settings, manager).state is State.FAILED
        stub.script.clear()
        app.engine.again(sha256)
        assert app.engine.result(sha256)["outcome"] == "completed"


def test_a_certificate_that_is_not_trusted_is_told_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    import httpx2

    from autod.errors import ServiceError

    def refused(*arguments: Any, **options: Any) -> Any:
        try:
            raise ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
        except ssl.SSLCertVerificationError as error:
            raise httpx2.ConnectError(str(error)) from error

    monkeypatch.setattr(httpx2.Client, "send", refused)
    client = ResponsesAPIClient(KEY, base_url="https://127.0.0.1:9/v1", retry=RetryPolicy(attempts=1))
    with client, pytest.raises(ServiceError) as caught:
        client.send("GET", "/models")
    assert (caught.value.code, caught.value.outside) == ("openai_certificate_refused", True)
    assert "SSL_CERT_FILE" in caught.value.next_step
