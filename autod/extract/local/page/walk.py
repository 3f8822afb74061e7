"""From a label to its value: after it in its line, right of it on its row, down its column.

Everybody who looks for what a label announces takes this walk. What differs is how the text is parsed, and
the habits of a kind of value, which are data.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain, islice

from autod.domain.reading import Box, Line
from autod.extract.local.page.candidates import Candidate, M, Place, Read, Relation
from autod.extract.local.page.identity import ByIdentity
from autod.extract.local.page.layout import LabelHit, LabelsByLine, Span, layout_of, under, words_under

_NOTHING = " :.-#*"  # what may follow a label without being its value
_WORD = re.compile(r"[^\W\d_]{2,}")

_NO_LABELS: LabelsByLine = ByIdentity()


class Column(Enum):
    """What is read of a line below a label; the line may hold several columns."""

    LINE = "whole_line"
    VALUES = "values"  # all of it, for the values that stand under the label
    WORDS = "words"  # the words that stand under the label


@dataclass(frozen=True)
class Habit:
    """How the values of a kind stand to their labels: which way, how far, and what ends the walk."""

    far: int | None = None  # characters of the label's line after it that are read
    near: int | None = None  # characters from the label, or a cell's beginning, within which a value begins
    most_words: int | None = None  # more words between label and value make them a sentence
    cells: int = 3  # cells on the row that are looked at
    widest_gap: float | None = None  # page widths to a cell, once a value stands in the label's line
    longest_remark: int | None = None  # a longer cell of words alone ends the row
    first_decides: bool = False  # whatever stands beside the label is its value, or it has none there
    parted: bool = False  # the text of one label ends where the next label begins
    row_ends_at_label: bool = False  # and with it the row
    deaf_to: frozenset[str] = frozenset()  # labels in the label's own line that do not part
    deaf_to_cells: frozenset[str] = frozenset()  # labels right of it that do not part
    reach: float = 2.2  # label heights down to the last line looked at
    column: Column = Column.VALUES
    widest_row: float | None = None  # label heights from a value to the next one in the column


def walk(
    label: LabelHit, read: Read[M], habit: Habit, labels: LabelsByLine = _NO_LABELS
) -> Iterator[Candidate[M]]:
    """The values that may belong to ``label``, likeliest first.

    Args:
        read: the grammar of the value.
        labels: the other labels of the page, where ``habit`` heeds them.
    """
    return chain(along(label, read, habit, labels), down(label, read, habit, labels))


def along(
    label: LabelHit,
    read: Read[M],
    habit: Habit,
    labels: LabelsByLine = _NO_LABELS,
    start: int | None = None,
) -> Iterator[Candidate[M]]:
    """The values after the label, from ``start`` in its line on, and right of it on its row."""
    line, beside = label.line, False
    for place, cut in row_places(label, habit, labels, start):
        if place.relation is Relation.RIGHT:
            gap = place.span.words[0].box.x0 - line.box.x1
            if beside and habit.widest_gap is not None and gap > habit.widest_gap * label.page.width:
                return
        values = [match for match in read(place.text) if habit.near is None or match.start <= habit.near]
        if place.relation is Relation.SAME_LINE:
            beside = bool(values)
            if values and habit.most_words is not None:
                between = place.text[: values[0].start]
                if len(_WORD.findall(between)) > habit.most_words:
                    return
        elif not values and _is_remark(place.text, habit):
            return
        yield from (Candidate(match, place, label, label.key) for match in values)
        if (cut and habit.row_ends_at_label) or (habit.first_decides and place.text.strip(_NOTHING)):
            return


def down(
    label: LabelHit,
    read: Read[M],
    habit: Habit,
    labels: LabelsByLine = _NO_LABELS,
    heading: Box | None = None,
) -> Iterator[Candidate[M]]:
    """The first value in each line under the label, or under ``heading``, nearest first.

    A line that another label heads, with nothing for this one, ends a column that is empty so far.
    """
    box, empty = heading or label.box, True
    bottom = box.y1
    for line, place in column_places(label, habit, box):
        if habit.widest_row is not None and line.box.y0 > bottom + habit.widest_row * box.height:
            return
        match = _in_column(box, place, read, habit)
        if match is not None:
            empty, bottom = False, line.box.y1
            yield Candidate(match, place, label, label.key)
        elif empty and any(under(box, other.box) for other in labels.get(line, ())):
            return


def places(label: LabelHit, habit: Habit) -> Iterator[Place]:
    """Where a value of ``label`` may stand, likeliest first, for whoever knows better what ends the walk."""
    yield from (place for place, _ in row_places(label, habit))
    yield from (place for _, place in column_places(label, habit))


def row_places(
    label: LabelHit, habit: Habit, labels: LabelsByLine = _NO_LABELS, start: int | None = None
) -> Iterator[tuple[Place, bool]]:
    """The rest of the label's line, if it says anything, and the cells right of it; and if a label cut it."""
    line, layout = label.line, layout_of(label.page)
    begin = label.end if start is None else start
    end = _next_label(labels, line, begin, habit.deaf_to) if habit.parted else None
    if habit.far is not None and len(line.text) > begin + habit.far:
        end = min(begin + habit.far, len(line.text) if end is None else end)
    if end is not None or line.text[begin:].strip(_NOTHING):
        yield Place(layout.span(line), Relation.SAME_LINE, begin, end), end is not None
    for cell in islice(layout.right_of(line.box, but=line), habit.cells) if habit.cells else ():
        end = _next_label(labels, cell, 0, habit.deaf_to_cells) if habit.parted else None
        if end is not None and habit.row_ends_at_label:
            return
        yield Place(layout.span(cell), Relation.RIGHT, 0, end), end is not None


def column_places(label: LabelHit, habit: Habit, box: Box | None = None) -> Iterator[tuple[Line, Place]]:
    """The lines under the label, with the text of each that may hold its value."""
    layout, heading = layout_of(label.page), box or label.box
    below = layout.below(heading, habit.reach) if habit.reach > 0 else ()
    for line in (line for line in below if line is not label.line):
        span = layout.span(line)
        if habit.column is Column.WORDS:
            words = words_under(heading, line)
            if not words:
                continue
            span = Span(label.page, words)
        yield line, Place(span, Relation.BELOW)


def _is_remark(cell: str, habit: Habit) -> bool:
    longest = habit.longest_remark
    return longest is not None and len(cell) > longest and _WORD.search(cell) is not None


def _in_column(box: Box, place: Place, read: Read[M], habit: Habit) -> M | None:
    for match in read(place.text):
        if habit.column is not Column.VALUES or under(box, place.box(match.start, match.end)):
            return match
    return None


def _next_label(labels: LabelsByLine, line: Line, start: int, deaf_to: frozenset[str]) -> int | None:
    """Where the first label at or after ``start`` begins that parts the line."""
    in_line = labels.get(line, [])
    for at in range(bisect_left(in_line, start, key=lambda label: label.start), len(in_line)):
        if in_line[at].key not in deaf_to:
            return in_line[at].start
    return None
