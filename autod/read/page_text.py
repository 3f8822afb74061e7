"""From a text layer's words to the lines of a page that stands upright."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from autod.domain.reading import Line, Word
from autod.read.frame import Frame
from autod.read.lines import Placed, build_lines, windows
from autod.read.text_layer import RawWord

_MOST = 0.6  # of the characters: the page as a whole lies on its side


def upright(words: Sequence[RawWord], frame: Frame) -> Frame:
    """``frame``, turned so that most of the text runs from left to right."""
    weights: Counter[int] = Counter()
    for word in words:
        if word.quarters is not None:
            weights[(word.quarters + frame.quarters) % 4] += len(word.text)
    if not weights:
        return frame
    direction, weight = weights.most_common(1)[0]
    return frame.turned(-direction) if weight > _MOST * weights.total() else frame


def lines_of(words: Sequence[RawWord], frame: Frame) -> tuple[Line, ...]:
    """Lines in reading order; text at an angle to the page's follows after the rest."""
    by_direction: defaultdict[int, list[Placed]] = defaultdict(list)
    slanted: list[list[RawWord]] = []
    for word in words:
        if not word.text:
            continue
        if word.quarters is None:
            if slanted and word.start - slanted[-1][-1].end <= 1:
                slanted[-1].append(word)
            else:
                slanted.append([word])
            continue
        direction = (word.quarters + frame.quarters) % 4
        by_direction[direction].append(_placed(word, frame, direction))
    lines = [line for direction in sorted(by_direction) for line in build_lines(by_direction[direction])]
    lines += [line for run in slanted for line in windows(_word(word, frame) for word in run)]
    return tuple(lines)


def _word(word: RawWord, frame: Frame) -> Word:
    return Word(word.text, frame.box(word.left, word.bottom, word.right, word.top))


def _placed(word: RawWord, frame: Frame, direction: int) -> Placed:
    along = frame.turned(-direction) if direction else frame
    placed = _word(word, frame)
    box = along.box(word.left, word.bottom, word.right, word.top) if direction else placed.box
    _, baseline = along.point(word.x, word.y)
    return Placed(placed, box.x0, box.x1, baseline, box.height)
