"""Sets of words that ``kind`` weighs by where and together with what they stand."""

from __future__ import annotations

from autod.words import phrases

GREETINGS = frozenset(phrases("signs.greetings"))
CLOSINGS = frozenset(phrases("signs.closings"))
TILL = frozenset(phrases("signs.till"))  # what only a till prints
BILLED = frozenset(phrases("signs.billed"))  # what a till never prints
RUNNING_ON = frozenset(phrases("signs.running_on"))  # may follow a heading without making it something else
THIS = frozenset(phrases("signs.this"))  # before the name by which running text calls its own document
INNER_HEADINGS = frozenset(phrases("signs.inner_headings"))  # of a part of the document, not of the whole
