"""A reading on its way between processes."""

from __future__ import annotations

from autod.domain.reading import Box, FormField, Line, Page, Reading, TextSource, Word


def test_a_reading_comes_back_equal_from_its_json() -> None:
    line = Line((Word("Zahlteil", Box(1.0, 2.0, 30.5, 12.0), 0.9),))
    page = Page(1, 595.0, 842.0, (line,), TextSource.OCR, "hidden", 90)
    field = FormField("name", "Ada", 1, Box(0.0, 0.0, 5.0, 5.0))
    reading = Reading((page,), (field,), "<x/>", {"title": "t"}, ("repaired",), ("SPC\n0200",))

    assert Reading.from_json(reading.to_json()) == reading


def test_readings_stored_without_codes_are_still_read() -> None:
    stored = Reading((), codes=("x",)).to_json().replace(',"codes":["x"]', "")

    assert "codes" not in stored
    assert Reading.from_json(stored).codes == ()
