"""How long an answer may get: enough for the document, and small enough to reserve."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autod.domain.money import TokenUse
from autod.extract.openai.answer_size import FEWEST_ALIKE, SMALLEST, AnswerSize, PastAnswer, believable

MOST = 16_000


def asked(content: int = 700, form: str = "text", pages: int = 1) -> dict[str, Any]:
    return {
        "sha256": "a" * 64,
        "form": form,
        "pages": pages,
        "input_tokens": 4500 + content,
        "static_tokens": 4500,
    }


def limit(question: dict[str, Any], past: list[PastAnswer] | None = None, **options: Any) -> int:
    standard: dict[str, Any] = {"effort": "none", "past": lambda: past or [], "was_cut": lambda sha: False}
    (found,) = AnswerSize(MOST, **{**standard, **options}).limits([question])
    return found


def test_without_experience_a_full_page_of_rows_has_room() -> None:
    assert 2121 <= limit(asked(681)) < MOST / 5  # 20 rows on 1,346 characters: the answer has 2,121 tokens
    assert 880 <= limit(asked(133)) < MOST / 10


def test_thinking_has_room_of_its_own() -> None:
    assert limit(asked(), effort="low") > limit(asked(), effort="none") + 1000
    assert limit(asked(), effort="of a new kind") > limit(asked(), effort="low")


def test_experience_counts_as_soon_as_there_is_enough_of_it() -> None:
    past = [PastAnswer(3_300, 800, 0)] * FEWEST_ALIKE
    assert limit(asked(), past) == 1200
    assert limit(asked(), past[1:]) == limit(asked())
    assert limit(asked(), [*past, PastAnswer(3_300, 2_000, 0)]) == 3000
    assert limit(asked(), [PastAnswer(3_300, 10, 0)] * FEWEST_ALIKE) == SMALLEST


def test_documents_of_another_size_teach_nothing() -> None:
    assert limit(asked(), [PastAnswer(40_000, 9_000, 0)] * 20) == limit(asked())


def test_a_document_whose_answer_was_cut_gets_all_the_room_there_is() -> None:
    assert limit(asked(), was_cut=lambda sha256: True) == MOST


@given(
    content=st.integers(0, 10**7),
    pages=st.integers(1, 500),
    form=st.sampled_from(["text", "file"]),
    past=st.lists(
        st.builds(PastAnswer, st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)),
        max_size=30,
    ),
    effort=st.sampled_from(["none", "low", "max", "", "new"]),
)
def test_a_limit_is_never_above_the_setting_nor_without_sense(
    content: int, pages: int, form: str, past: list[PastAnswer], effort: str
) -> None:
    assert SMALLEST <= limit(asked(content, form, pages), past, effort=effort) <= MOST


def test_no_more_is_believed_than_a_call_can_have_used() -> None:
    question = asked() | {"output_tokens": 1_000}
    assert believable(TokenUse(3_000, 900), question)
    assert not believable(TokenUse(3_000, 1_001), question)
    assert not believable(TokenUse(20_000, 900), question)
    assert not believable(TokenUse(3_000, 900, reasoning=901), question)
    assert believable(TokenUse(12_000, 900), asked(form="file") | {"output_tokens": 1_000}), (
        "pictures are counted roughly"
    )
    assert believable(TokenUse(10**8, 10**8), asked()), "nobody said how much it may be"
