"""When a text layer is not trusted."""

from __future__ import annotations

import pytest

from autod.read.frame import Frame
from autod.read.page_objects import PageObjects
from autod.read.quality import is_garbled, is_sparse
from autod.read.text_layer import RawWord

PAGE = Frame(0, 0, 600, 800)
AREA = 600 * 800
SENTENCE = [
    "Please",
    "pay",
    "the",
    "amount",
    "within",
    "thirty",
    "days",
    "of",
    "the",
    "date",
    "of",
    "this",
    "invoice",
]


def _words(texts: list[str]) -> list[RawWord]:
    """Words spread evenly over the page's height."""
    step = 800 / max(len(texts), 1)
    return [
        RawWord(text, 50, 790 - n * step, 90, 800 - n * step, 50, 792 - n * step, 0, 0, len(text))
        for n, text in enumerate(texts)
    ]


def test_prose_is_trusted() -> None:
    words = _words(SENTENCE * 5)
    assert not is_garbled(words)
    assert not is_sparse(words, PageObjects(count=10), PAGE)


@pytest.mark.parametrize("sign", ["\ufffd", "\ue012", "\U000f0001"])
def test_signs_without_a_meaning_are_not_trusted(sign: str) -> None:
    assert is_garbled(_words([sign * 5, *SENTENCE[:2]]))
    assert not is_garbled(_words([sign, *SENTENCE]))


def test_letters_shifted_by_a_wrong_encoding_are_not_trusted() -> None:
    shifted = [word.translate(str.maketrans("aeiouy", "bfjpvz")) for word in SENTENCE * 4]
    assert is_garbled(_words(shifted))


def test_numbers_alone_are_trusted() -> None:
    assert not is_garbled(_words(["1,240.50", "GB29NWBK60161331926819"] * 20))


def test_a_stamp_on_a_scan_is_not_the_whole_page() -> None:
    assert is_sparse(_words(["Received", "2026-03-04"]), PageObjects(2, image_area=AREA), PAGE)
    assert not is_sparse(_words(["Received", "2026-03-04"]), PageObjects(2), PAGE)


def test_header_and_footer_on_a_scan_are_not_the_whole_page() -> None:
    line = ["Northfield", "Supplies", "Ltd,", "14", "Harbour", "Lane,", "Bristol,", "confidential"]
    footer = [RawWord(text, 50, 10, 90, 20, 50, 12, 0, 0, 1) for text in line * 3]
    assert is_sparse(footer, PageObjects(9, image_area=AREA), PAGE)
    assert not is_sparse(footer, PageObjects(9), PAGE)


def test_text_drawn_as_outlines_is_looked_at() -> None:
    assert is_sparse(_words(["1/1"]), PageObjects(900, paths=900), PAGE)
    assert not is_sparse(_words(["1/1"]), PageObjects(9, paths=9), PAGE)


def test_an_empty_page_has_nothing_more_to_read() -> None:
    assert not is_sparse([], PageObjects(), PAGE)
    assert is_sparse([], PageObjects(count=1), PAGE)
