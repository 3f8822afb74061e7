"""The words of pages, folded once, so that quotes and values are found quickly."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property
from itertools import accumulate

from autod.domain.reading import Box, Page, Reading, TextSource, Word
from autod.verify.numbers import significant_amount, significant_numbers

_MOST_TRIES = 20
_CONFUSED = str.maketrans({"o": "0", "i": "1", "l": "1", "s": "5", "b": "8", "z": "2"})


def letters_and_digits(text: str) -> str:
    """Letters and digits alone: no case, accents, spaces or punctuation."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def letters_and_digits_ocr(text: str) -> str:
    """``letters_and_digits`` with the characters made equal that OCR takes for one another."""
    return letters_and_digits(text).translate(_CONFUSED)


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

    def words_of(self, quote: str) -> list[Word]:
        """The words behind ``quote`` in one piece, best where a word begins; else none."""
        wanted = letters_and_digits(quote)
        first = at = self.compact.find(wanted) if wanted else -1
        for _ in range(_MOST_TRIES):
            if at < 0 or self._begins_word(at):
                break
            at = self.compact.find(wanted, at + 1)
        at = at if at >= 0 else first
        if at < 0:
            return []
        low = bisect_right(self._starts, at) - 1
        high = bisect_left(self._starts, at + len(wanted))
        return [word for word, text in zip(self.words[low:high], self.folded[low:high], strict=True) if text]

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


class DocumentIndex:
    """The pages of a reading, indexed as they are asked for."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self._pages = {page.number: page for page in reading.pages}
        self._indexed: dict[int, PageIndex] = {}

    def page(self, number: int | None) -> PageIndex | None:
        if number is None or number not in self._pages:
            return None
        if number not in self._indexed:
            self._indexed[number] = PageIndex(self._pages[number])
        return self._indexed[number]

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
