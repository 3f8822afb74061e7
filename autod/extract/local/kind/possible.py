"""What a document may be, seen with suspicion: every kind that any of its pages speaks for.

For deciding whether it may leave this machine. A doctor's bill is an invoice that may be medical, and a stack
scanned as one file may hide a report behind a letter.
"""

from __future__ import annotations

from autod.domain.kinds import DocType
from autod.domain.left_out import UNREAD_PAGES
from autod.domain.privacy import UNKNOWN
from autod.domain.reading import Reading
from autod.extract.local.kind.fields import find_kind, weigh_kinds
from autod.extract.local.kind.weights import KindWeights


def possible_kinds(reading: Reading, blank: frozenset[int] = frozenset()) -> list[str]:
    """The most likely kind first; ``unknown`` is among them when nothing is certain or a page was not read.

    ``blank`` are the numbers of pages that show nothing.
    """
    found = find_kind(reading)["doc_type"]
    kinds = {str(found.value): None}
    pages = [page for page in reading.pages if page.lines]
    for page in pages:
        kinds |= {
            str(kind): None
            for kind, weight in weigh_kinds([page]).items()
            if weight >= KindWeights.speaks_for
        }
    empty = {page.number for page in reading.pages if not page.lines}
    unread = not empty <= blank or any(item.code in UNREAD_PAGES for item in reading.left_out)
    if found.value is DocType.OTHER or found.score < KindWeights.sure or unread:
        kinds[UNKNOWN] = None
    return list(kinds)
