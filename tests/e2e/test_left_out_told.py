"""A person and a program are told what a limit left out, wherever they look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.conftest import Shell
from tests.read.pdfs import draw, draw_scan, scan, write

pytestmark = pytest.mark.usefixtures("migrated")


def test_what_was_left_out_is_told_by_every_command(shell: Shell, checkout: Path) -> None:
    draw(checkout / "mixed.pdf", write, draw_scan(scan()), draw_scan(scan()))
    off = {"PAPER_AUTOPILOT_OCR_ENGINE": "off"}
    commands = (
        "extract mixed.pdf",
        "process mixed.pdf",
        "list --review",
        "list --review --json",
        "show 1",
        "show 1 --json",
        "correct 1 ocr_unavailable=",
        "show 1 --json",
    )
    line = "for c in " + " ".join(f"'{c}'" for c in commands)
    ran = shell(line + "; do python3 -m autod $c || exit 1; echo ----; done", **off)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = [part.strip() for part in ran.stdout.split("----\n")[:-1]]
    extracted, processed, listed, listed_json, shown, shown_json, _, after = told
    for body in (json.loads(extracted), json.loads(listed_json), json.loads(shown_json)):
        assert "ocr_unavailable:2/3" in body["checks"]
        assert "ocr_unavailable" in body["needs_review"]
    assert "(in review: ocr_unavailable)" in processed
    assert "review, ocr_unavailable" in listed
    assert "2 of 3 pages need OCR" in shown
    assert "ocr_unavailable" not in json.loads(after)["needs_review"]
    assert "ocr_unavailable:2/3" in json.loads(after)["checks"]


def test_what_is_not_taken_from_the_inbox_is_named_by_process_health_and_doctor(
    shell: Shell, checkout: Path
) -> None:
    (checkout / "inbox").mkdir()
    for name in ("letter.docx", "..pdf"):
        path = checkout / "inbox" / name
        path.write_bytes(b"%PDF-1.7" if name == "..pdf" else b"PK")
    line = "python3 -m autod process 2>&1; cat logs/paper_autopilot.log; "
    told = shell(line).stdout
    assert "letter.docx: not taken, it is no PDF. Print or convert it" in told
    assert "..pdf: not taken, its name begins with a dot" in told
    named = [json.loads(one) for one in told.splitlines() if one.startswith("{")]
    assert sorted(Path(one["file"]).name for one in named if one.get("error") == "not_taken") == [
        "..pdf",
        "letter.docx",
    ]


def test_a_list_that_ends_at_its_limit_says_so(shell: Shell, checkout: Path) -> None:
    for number in range(3):
        draw(checkout / f"{number}.pdf", lambda canvas, n=number: write(canvas, [f"Letter {n}"]))
    shell("python3 -m autod process ?.pdf >/dev/null 2>&1")
    for form in ("", " --json"):
        assert "more than these 2" in shell(f"python3 -m autod list --limit 2{form}").stderr
        assert "more than" not in shell(f"python3 -m autod list --limit 3{form}").stderr
