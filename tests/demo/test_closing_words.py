"""What the demo ends with can be copied, and does what it promises."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from rich.console import Console

from autod.domain.folding import words
from demo.run import PHRASE, _print_places
from demo.samples import PROCESSED, SAMPLES


def words_in(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as document:
        return " ".join(words(" ".join(page.get_textpage().get_text_range() for page in document)))


def test_the_search_finds_a_sample() -> None:
    wanted = " ".join(words(PHRASE))
    contents = [sample.make() for sample in SAMPLES if sample.outcome == PROCESSED and not sample.is_scan]
    assert any(wanted in words_in(content) for content in contents)


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_the_commands_are_whole_lines(width: int) -> None:
    said = io.StringIO()
    _print_places(Console(file=said, width=width, highlight=False), 1.0)
    commands = [line.strip() for line in said.getvalue().splitlines() if "python -m autod" in line]
    assert len(commands) == 3
    assert all(command.startswith("(cd ") and command.endswith(")") for command in commands)
    assert f'search "{PHRASE}"' in commands[0]
    assert Path("demo/out").as_posix() in commands[0]
