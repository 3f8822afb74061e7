"""The words of pages, folded once, so that quotes and values are found quickly."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, zip_longest
from typing import Any

from autod.domain.reading import Box, Line, Page, Reading, TextSource, Word
from autod.grammar.dates import order_evidence
from autod.grammar.letters import letters_and_digits, letters_and_digits_ocr
from autod.grammar.manner import Manner
from autod.grammar.says import spans
from autod.verify.numbers import significant_amount, significant_numbers

_MOST_TRIES = 20
_MOST_PAGES = 40  # whose dates are asked in which order they are written
_MOST_PLACES = 12
_MOST_LINES = 2_000  # of a page, in which a value with a clumsy quote is looked for


class PageIndex:
    """One page, prepared for being searched."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.is_ocr = page.source is TextSource.OCR

    @cached_property
    def words(self) -> list[Word]:
        return [word for line in self.page.lines for word in line.words]

    @cached_property
    def folded(self) -> list[str]:
        return [letters_and_digits(word.text) for word in self.words]

    @cached_property
    def compact(self) -> str:
        """All the page's letters and digits in reading order."""
        return "".join(self.folded)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        return frozenset(self.folded)

    @cached_property
    def _starts(self) -> list[int]:
        """Where in ``compact`` each word begins."""
        return list(accumulate((len(text) for text in self.folded), initial=0))[:-1]

    def stretches_of(self, quote: str) -> Iterator[list[Word]]:
        """Each place where ``quote`` stands in one piece, those first where a word begins.

        On a page read by OCR, characters that are taken for one another count as the same.
        """
        wanted, text = letters_and_digits(quote), self.compact
        if self.is_ocr and wanted not in text:
            wanted, text = letters_and_digits_ocr(quote), self._compact_ocr
        for at in self._places(wanted, text):
            low = bisect_right(self._starts, at) - 1
            high = bisect_left(self._starts, at + len(wanted))
            stretch = zip(self.words[low:high], self.folded[low:high], strict=True)
            words = [word for word, text in stretch if text]
            yield self._with_signs(words, quote, low, high)

    def _with_signs(self, words: list[Word], quote: str, low: int, high: int) -> list[Word]:
        """The same with the word without letters or digits on either side, if the quote has it: "12,50 €"."""
        parts = quote.split()
        before = [w for w, text in zip(self.words[low - 1 : low], self.folded[low - 1 : low], strict=True)
                  if not text and w.text in parts]  # fmt: skip
        after = [w for w, text in zip(self.words[high : high + 1], self.folded[high : high + 1], strict=True)
                 if not text and w.text in parts]  # fmt: skip
        return [*before, *words, *after]

    def _places(self, wanted: str, text: str) -> Iterator[int]:
        """Where ``wanted`` stands, those places first where a word begins."""
        within = []
        at = text.find(wanted) if wanted else -1
        for _ in range(_MOST_TRIES):
            if at < 0:
                break
            if self._begins_word(at):
                yield at
            else:
                within.append(at)
            at = text.find(wanted, at + 1)
        yield from within

    @cached_property
    def _compact_ocr(self) -> str:
        return "".join(map(letters_and_digits_ocr, (word.text for word in self.words)))

    def places_of(self, name: str, value: Any, manner: Manner) -> list[tuple[Line, list[Word]]]:
        """Where the page says the value of a field: the line, or the first of two, and the words."""
        found: list[tuple[Line, list[Word]]] = []
        lines = self.page.lines[:_MOST_LINES]
        for line, following in zip_longest(lines, lines[1:]):
            found += [(line, words) for words in _said_by(name, value, line.words, manner)]
            if following is not None and isinstance(value, str):
                joined = (*line.words, *following.words)
                found += [
                    (line, words)
                    for words in _said_by(name, value, joined, manner)
                    if words[0] in line.words and words[-1] in following.words
                ]
            if len(found) > _MOST_PLACES:
                break
        return found

    def words_with_sign(self, quote: str) -> list[Word]:
        """The first word with a quote that has no letter or digit, such as a currency sign."""
        if not quote.strip() or letters_and_digits(quote):
            return []
        return next(([word] for word in self.words if quote.strip() in word.text), [])

    def _begins_word(self, at: int) -> bool:
        slot = bisect_left(self._starts, at)
        return slot < len(self._starts) and self._starts[slot] == at

    def words_in(self, box: Box) -> list[Word]:
        """The words whose middle lies in ``box``."""
        return [
            word
            for word in self.words
            if box.x0 - 1 <= (word.box.x0 + word.box.x1) / 2 <= box.x1 + 1
            and box.y0 - 1 <= (word.box.y0 + word.box.y1) / 2 <= box.y1 + 1
        ]

    def share_known(self, words: Iterable[str]) -> float:
        """Which share of ``words`` (unfolded) stands somewhere on the page."""
        wanted = [text for word in words if (text := letters_and_digits(word))]
        if not wanted:
            return 0.0
        return sum(text in self.vocabulary or text in self.compact for text in wanted) / len(wanted)


def _said_by(name: str, value: Any, words: Sequence[Word], manner: Manner) -> Iterator[list[Word]]:
    text = " ".join(word.text for word in words)
    for start, end in spans(name, value, text, manner):
        at, said = 0, []
        for word in words:
            if at < end and at + len(word.text) > start:
                said.append(word)
            at += len(word.text) + 1
        if said:
            yield said


class DocumentIndex:
    """The pages of a reading, indexed as they are asked for; ``language`` is the text's, if known."""

    def __init__(self, reading: Reading, language: str | None = None) -> None:
        self.reading = reading
        self._language = language
        self._pages = {page.number: page for page in reading.pages}
        self._indexed: dict[int, PageIndex] = {}

    def page(self, number: int | None) -> PageIndex | None:
        if number is None or number not in self._pages:
            return None
        if number not in self._indexed:
            self._indexed[number] = PageIndex(self._pages[number])
        return self._indexed[number]

    def manner(self, page: PageIndex | None = None) -> Manner:
        """How values are written, here or on ``page``."""
        return Manner(self._language, lambda: self._day_first, page is not None and page.is_ocr)

    @cached_property
    def _day_first(self) -> bool | None:
        return order_evidence(page.text for page in self.reading.pages[:_MOST_PAGES])

    @cached_property
    def compact(self) -> str:
        """All letters and digits of all pages; pages are kept apart by a line break."""
        indexes = (self.page(page.number) for page in self.reading.pages)
        return "\n".join(index.compact for index in indexes if index is not None)

    @cached_property
    def _amounts(self) -> frozenset[str]:
        return frozenset(
            number for _, line in self.reading.lines() for number in significant_numbers(line.text)
        )

    def shows_amount(self, amount: Decimal) -> bool:
        """Whether a number with these significant digits is printed anywhere."""
        return significant_amount(amount) in self._amounts

    @cached_property
    def word_count(self) -> int:
        return sum(len(line.words) for _, line in self.reading.lines())
