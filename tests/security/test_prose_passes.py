"""The mask takes secrets, and leaves alone what we say to people."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from autod.masking import MASK, masked
from tests.nothing_hidden import nothing_hidden
from tests.test_logs import log_file, records

__all__ = ["log_file", "nothing_hidden"]

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("OPENAI_API_KEY", "API key", "USER:PASSWORD@")
"""Said to people; the log goes without them, so that looking for them there finds nothing."""


def prose() -> Iterator[str]:
    """Every string of more than one word in the package that is no docstring or pattern."""
    for path in (ROOT / "autod").rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
        apart = {
            id(inner)
            for node in nodes
            if isinstance(node, ast.Compare | ast.Expr)
            and (isinstance(node, ast.Compare) or isinstance(node.value, ast.Constant))
            for inner in ast.walk(node)
        }
        for node in nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in apart:
                words = node.value.split()
                if len(words) > 1 and "\\" not in node.value:
                    yield node.value


PROSE = sorted(set(prose()))


def test_there_is_prose_to_look_at() -> None:
    assert len(PROSE) > 1000
    assert any("PDF is encrypted" in text for text in PROSE)


def test_nothing_that_we_say_is_masked_on_the_screen() -> None:
    assert [text for text in PROSE if masked(text) != text] == []


def test_nothing_that_we_say_is_masked_in_the_log_but_the_name_of_the_key(log_file: Path) -> None:
    said = [text for text in PROSE if not any(name in text for name in NAMES)]
    structlog.get_logger("autod.x").info("said", next_steps=said)
    (record,) = records(log_file)
    assert [pair for pair in zip(said, record["next_steps"], strict=True) if len(set(pair)) > 1] == []


WORDS = (
    "password",
    "Password",
    "passwd",
    "passphrase",
    "secret",
    "client_secret",
    "token",
    "api_key",
    "api-key",
    "API key",
)
SIGNS = ("=", " = ", ": ", ":", '": "', "='")


@pytest.mark.parametrize(("word", "sign"), list(itertools.product(WORDS, SIGNS)))
def test_a_value_after_a_word_for_a_secret_is_masked(word: str, sign: str) -> None:
    said = masked(f"the server said {word}{sign}Tr0ub4dor&3/horse, then closed")
    assert "Tr0ub4dor" not in said and "horse" not in said
    assert said.startswith("the server said ") and MASK in said and said.endswith("then closed")


@pytest.mark.parametrize(
    "text",
    [
        "Save a copy without the password and drop it into the inbox.",
        "The secret is out; the token of trust, the key to it all.",
        "postgresql://USER:PASSWORD@HOST/NAME",
        "No password is needed: open it.",
    ],
)
def test_prose_about_a_secret_is_not_masked(text: str) -> None:
    assert masked(text) == text
