"""Labels are found as people read them, and their values are looked for where people look."""

from __future__ import annotations

from autod.domain.reading import Page
from autod.extract.local.page.layout import LabelTable, Span, find_labels, rows, under
from tests.extract.sheets import reading_of

TABLE = LabelTable(
    {"date": ("date",), "invoice": ("invoice date", "date d'échéance"), "total": ("grand total",)}
)


def page(text: str) -> Page:
    return reading_of(text).pages[0]


def keys(text: str) -> list[str]:
    return [hit.key for hit in find_labels(page(text), TABLE)]


def test_the_longer_of_two_labels_wins() -> None:
    assert keys("Invoice date: 1") == ["invoice"]


def test_case_accents_and_letters_that_ocr_confuses_do_not_matter() -> None:
    assert keys("INVOICE DATE") == keys("lnvoice date") == keys("Date d’echeance") == ["invoice"]


def test_words_run_together_are_the_same_label() -> None:
    assert keys("GrandTotal 5") == ["total"]


def test_part_of_a_word_is_no_label() -> None:
    assert keys("update the candidate") == []


def test_a_quote_is_made_of_whole_words() -> None:
    line = page("Total: EUR 12.50 paid").lines[0]
    span = Span(page(""), line.words)
    start = span.text.index("12")
    assert span.quote(start, start + 3) == "12.50"
    assert span.box(start, start + 3) == line.words[2].box


def test_cells_of_one_row_are_one_row() -> None:
    assert [[line.text for line in row] for row in rows(page("a    b\nc    d"))] == [["a", "b"], ["c", "d"]]


def test_a_value_belongs_to_the_heading_it_stands_under() -> None:
    first, second, value = page("Net amount      Total\n                100.00").lines
    assert under(second.box, value.box)
    assert not under(first.box, value.box)
