"""What code that took over a reading process reaches: its documents, and nothing else of the machine."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import ImageDraw
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.pdfgen.canvas import Canvas

from autod.child.calls import classify_reading, read_pdf, understand_reading
from autod.child.confinement import lacking
from autod.child.sandbox import Sandbox, SandboxLimits
from autod.child.system_calls import HOSTILE
from autod.errors import UnreadableDocument
from autod.read.limits import ReadLimits
from tests.read.pdfs import LETTER, draw, draw_scan, scan, write

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENT = SandboxLimits(timeout_seconds=300, memory_mb=3072, idle_seconds=300)
needs_calls = pytest.mark.skipif(
    bool(lacking()["system_calls"]), reason=f"no system call filter here: {lacking()['system_calls']}"
)
needs_files = pytest.mark.skipif(bool(lacking()["files"]), reason=f"no Landlock here: {lacking()['files']}")


@pytest.fixture(autouse=True)
def _targets_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(HERE))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(PATIENT) as made:
        yield made


class Place:
    """An installation's folder with secrets, other documents, and a server on the loopback address."""

    def __init__(self, folder: Path) -> None:
        self.env = folder / ".env"
        self.env.write_text("OPENAI_API_KEY=made-up")
        self.processed = folder / "processed"
        self.processed.mkdir()
        self.other = draw(self.processed / "other.pdf", write)
        self.server = socket.create_server(("127.0.0.1", 0))

    def attempts(self) -> dict[str, dict[str, Any]]:
        """Every attempt, by what it is after."""
        other = {"path": str(self.other)}
        return {
            "read .env": {"name": "read", "path": str(self.env)},
            "read the project's .env": {"name": "read", "path": str(ROOT / "pyproject.toml")},
            "read /etc/passwd": {"name": "read", "path": "/etc/passwd"},
            "read another document": {"name": "read", **other},
            "read it by a roundabout way": {"name": "read_link_of_open_file", **other},
            "list the archive": {"name": "list_folder", "path": str(self.processed)},
            "list the project": {"name": "list_folder", "path": str(ROOT)},
            "write a file": {"name": "write", "path": str(self.processed / "new")},
            "write into the code": {"name": "write", "path": str(ROOT / "autod" / "child" / "planted.py")},
            "write a temporary file": {"name": "write", "path": "/tmp/autod-planted"},  # the attempt
            "overwrite a document": {"name": "open_to_write", **other},
            "make a folder": {"name": "make_folder", "path": str(self.processed / "folder")},
            "remove a document": {"name": "remove", **other},
            "rename a document": {"name": "rename", **other},
            "change a document's rights": {"name": "change_rights", **other},
            "link to a document": {"name": "link", **other},
            "connect": {"name": "connect", "port": self.server.getsockname()[1]},
        } | {
            name: {"name": name}
            for name in (
                "parents_environment", "parents_memory", "parents_open_files", "parents_memory_by_call",
                "send_datagram", "unix_socket", "look_up_a_name", "run_a_shell", "start_a_program", "spawn",
                "fork", "signal_the_parent", "signal_all", "own_a_signal_of_the_parent", "memory_file",
                "raise_the_limits_of_the_parent",
            )
        }  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    made = Place(tmp_path)
    monkeypatch.chdir(tmp_path)
    with made.server:
        yield made


def paper_with_everything(path: Path) -> Path:
    """Text, a scan, a form and a payment code: every library has its turn."""

    def form(canvas: Canvas) -> None:
        write(canvas, ("Zahlteil", *LETTER))
        canvas.acroForm.textfield(name="Name", value="Erika", x=72, y=500, width=200, height=20)
        drawing = Drawing(130, 130, transform=[3, 0, 0, 3, 0, 0])
        drawing.add(QrCodeWidget("SPC\n0200\n1\nCH4431999123000889012\nS\nGarten Huber AG", barLevel="M"))
        renderPDF.draw(drawing, canvas, 100, 60)

    return draw(path, write, draw_scan(scan()), form)


def whole_work(sandbox: Sandbox, folder: Path, engine: str) -> dict[str, Any]:
    """All that is done to a document, and what came of it."""
    document = paper_with_everything(folder / "paper.pdf")
    reading = folder / "reading.json"
    said = read_pdf(sandbox, ReadLimits(ocr_engine=engine), document, str(reading))
    understood = understand_reading(sandbox, str(reading), review_below=0.5, today=date(2026, 5, 1))
    classes = classify_reading(sandbox, str(reading), document)
    return {"said": said, "understood": understood, "classes": classes}


def tesseract_languages() -> bool:
    try:
        from autod.read.ocr_tesseract import find_languages
    except ImportError:
        return False
    return find_languages("eng") is not None


@needs_calls
@needs_files
@pytest.mark.parametrize(
    "engine",
    [
        "rapidocr",
        pytest.param(
            "tesseract",
            marks=pytest.mark.skipif(not tesseract_languages(), reason="no language files of Tesseract"),
        ),
    ],
)
def test_with_every_engine_at_work_each_escape_is_refused_and_the_next_document_is_read_as_well(
    sandbox: Sandbox, place: Place, tmp_path: Path, engine: str
) -> None:
    before = whole_work(sandbox, tmp_path, engine)
    assert before["said"]["ocr_pages"] == 1
    assert before["understood"]["extraction"]["metadata"]["language"] == "en"
    assert "Erika" in str(before["understood"]["pages"])
    child = sandbox.call("escapes:pid")
    reached = {
        what: sandbox.call("escapes:attempt", **arguments) for what, arguments in place.attempts().items()
    }
    assert {what: how for what, how in reached.items() if how != "refused"} == {}
    assert place.other.exists()
    assert whole_work(sandbox, tmp_path, engine) == before
    assert sandbox.pids() == [child]


def test_each_attempt_would_be_noticed_if_it_were_not_refused(place: Place) -> None:
    """The attempts themselves work: here, where nothing refuses them, most reach what they are after."""
    program = (
        "import json, sys; from escapes import attempt;"
        "print(json.dumps({k: attempt(**v) for k, v in json.loads(sys.argv[1]).items()}))"
    )
    import json

    fatal = ("run_a_shell", "signal_all")
    wanted = {what: how for what, how in place.attempts().items() if what not in fatal}
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(wanted)],
        env={**os.environ, "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    reached = {what for what, how in json.loads(done.stdout).items() if how != "refused"}
    (ROOT / "autod" / "child" / "planted.py").unlink(missing_ok=True)
    Path("/tmp/autod-planted").unlink(missing_ok=True)  # the attempt's
    assert {
        "read .env",
        "read another document",
        "write a file",
        "connect",
        "start_a_program",
        "fork",
    } <= reached


@needs_calls
@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_what_only_an_attack_calls_ends_the_process_with_a_code_and_another_goes_on(
    sandbox: Sandbox, name: str
) -> None:
    if HOSTILE[name][{"x86_64": 0, "aarch64": 1}[os.uname().machine]] is None:
        pytest.skip("this kind of processor has no such call")
    with pytest.raises(UnreadableDocument) as caught:
        sandbox.call("escapes:hostile_call", name=name)
    assert caught.value.code == "reader_attacked"
    assert sandbox.call("escapes:pid") > 0


@needs_calls
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="only this processor has another table")
def test_the_other_table_of_calls_is_closed_too(sandbox: Sandbox) -> None:
    with pytest.raises(UnreadableDocument) as caught:
        sandbox.call("escapes:call_in_the_other_table")
    assert caught.value.code == "reader_attacked"


@pytest.mark.skipif(not tesseract_languages(), reason="no language files of Tesseract")
def test_a_page_of_specks_on_which_tesseract_has_something_to_tell_is_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    specks = random.Random(1)  # noqa: S311 - repeatable, keeps no secret
    image = scan([f"Amount due {number} EUR 12.34" for number in range(16)])
    pen = ImageDraw.Draw(image)
    for row in range(16):
        for _ in range(150):
            x, y = specks.randrange(120, 900), 120 + 90 * row + specks.randrange(70)
            pen.ellipse((x, y, x + 3, y + 3), fill=0)
    path = draw(tmp_path / "specks.pdf", draw_scan(image))
    said = read_pdf(sandbox, ReadLimits(ocr_engine="tesseract"), path, str(tmp_path / "reading.json"))
    assert (said["pages"], said["ocr_pages"]) == (1, 1)
