"""Reads docs/RUNBOOK.md: its blocks, how each is to be run, and what the page says they print.

Comments in the Markdown, on lines of their own before a block, say what a reader need not see:

    <!-- sqlite -->, <!-- postgres -->   only on this database
    <!-- runs until stopped -->          stopped as soon as it says that it watches
    <!-- asks for the key -->            is answered with the key that the service takes
    <!-- not run: reason -->             cannot run in a test

A block ``text`` is what the block before it prints, under the same heading (twins for the two databases both
do): any number stands for any other, ``…`` within a line for anything, and a line ``…`` for any lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "RUNBOOK.md"
RUNNABLE = ("bash", "python", "sql", "jq")

_HEADING = re.compile(r"^(#{2,4}) (.+)$")
_COMMENT = re.compile(r"^<!-- (.+) -->$")
_FENCE = re.compile(r"^```(\w*)$")
_DATABASES = ("sqlite", "postgres")


@dataclass(slots=True)
class Block:
    """One block that a reader types; ``line`` is that of its first command in the page."""

    section: str
    heading: str
    language: str
    text: str
    line: int
    databases: tuple[str, ...] = _DATABASES
    until_stopped: bool = False
    asks_for_key: bool = False
    not_run: str = ""
    shown: list[str] = field(default_factory=list)


def read_blocks(page: str) -> list[Block]:
    """Every runnable block of a page, in order."""
    blocks: list[Block] = []
    section = heading = ""
    comments: list[str] = []
    lines = iter(enumerate(page.splitlines(), 1))
    for _, line in lines:
        if match := _HEADING.match(line):
            heading = match[2]
            section = heading if match[1] == "##" else section
        elif match := _COMMENT.match(line):
            comments.append(match[1])
        elif match := _FENCE.match(line):
            content = list(_fenced(lines))
            _take(blocks, comments, section, heading, match[1], content)
            comments = []
        elif line:
            comments = []
    return blocks


def _fenced(lines: object) -> list[tuple[int, str]]:
    content = []
    for number, line in lines:  # type: ignore[attr-defined]  # the iterator goes on where the caller stands
        if line == "```":
            return content
        content.append((number, line))
    raise ValueError("a block without its end")


def _take(
    blocks: list[Block],
    comments: list[str],
    section: str,
    heading: str,
    language: str,
    content: list[tuple[int, str]],
) -> None:
    text = "\n".join(line for _, line in content) + "\n"
    if language == "text":
        for block in _printers(blocks, heading):
            block.shown.extend(text.splitlines())
    if language not in RUNNABLE:
        return
    block = Block(section, heading, language, text, content[0][0])
    for comment in comments:
        if comment in _DATABASES:
            block.databases = (comment,)
        elif comment == "runs until stopped":
            block.until_stopped = True
        elif comment == "asks for the key":
            block.asks_for_key = True
        elif comment.startswith("not run: "):
            block.not_run = comment.removeprefix("not run: ")
        else:
            raise ValueError(f"line {block.line}: nobody knows the comment {comment!r}")
    blocks.append(block)


def _printers(blocks: list[Block], heading: str) -> list[Block]:
    """The last block under this heading, and its twin on the other database when that has no output yet."""
    last = [block for block in blocks[-2:] if block.heading == heading]
    twins = len({block.databases for block in last}) == len(last) == 2 and all(
        len(block.databases) == 1 and not block.shown for block in last
    )
    return last if twins else last[-1:]


def looks_like(shown: list[str], printed: str) -> bool:
    """Whether ``printed`` is what the page shows, apart from numbers, spaces and what ``…`` stands for."""
    pattern = ""
    for line in _tidy(shown):
        pattern += r"(?:.*\n)*?" if line == "…" else _line_pattern(line) + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in _tidy(printed.splitlines()))) is not None


def _tidy(lines: list[str]) -> list[str]:
    return [tidy for line in lines if (tidy := " ".join(line.split()))]


def _line_pattern(line: str) -> str:
    parts = [re.sub(r"\d+", r"\\d+", re.escape(part)) for part in line.split("…")]
    return ".*".join(parts)
