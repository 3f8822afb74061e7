"""Whether a page's text layer can be trusted, or the page must be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters

from autod.read.characters import is_unreadable
from autod.read.frame import Frame
from autod.read.page_objects import PageObjects
from autod.read.text_layer import RawWord

_UNREADABLE_SHARE = 0.2
_LETTERS_TO_JUDGE = 100
_VOWEL_SHARE = 0.15  # Latin text has 0.35 to 0.45; letters shifted by a wrong encoding 0.1
_VOWELS = "aeiouyAEIOUY"
_FEW_CHARACTERS = 100  # a stamp, a page number, a scanner's advertisement
_PICTURE_SHARE = 0.3  # of the page, beside few characters
_SCAN_SHARE = 0.5  # of the page: the picture may be the document
_BANDS = 20  # the page's height cut into so many
_COVERED_BANDS = 6
_OUTLINES = 300  # drawn paths beside few characters: text turned into outlines


def is_garbled(words: Sequence[RawWord]) -> bool:
    """Whether the characters are not those on the page: no meaning, or a wrong encoding."""
    text = "".join(word.text for word in words)
    if not text:
        return False
    signs = () if text.isascii() else filter(is_unreadable, set(text))
    if sum(map(text.count, signs)) > _UNREADABLE_SHARE * len(text):
        return True
    letters = sum(map(text.count, ascii_letters))
    if letters < _LETTERS_TO_JUDGE or letters < len(text) / 3:
        return False
    return sum(map(text.count, _VOWELS)) < _VOWEL_SHARE * letters


def is_sparse(words: Sequence[RawWord], objects: PageObjects, frame: Frame) -> bool:
    """Whether there is more to read on the page than its text layer has."""
    if objects.count == 0:
        return False
    if not words:
        return True
    share = objects.image_area / max(frame.width * frame.height, 1.0)
    if sum(len(word.text) for word in words) < _FEW_CHARACTERS:
        return share >= _PICTURE_SHARE or objects.paths >= _OUTLINES
    return share >= _SCAN_SHARE and _covered_bands(words, frame) < _COVERED_BANDS


def _covered_bands(words: Sequence[RawWord], frame: Frame) -> int:
    height = max(frame.height, 1.0)
    return len({int(frame.point(word.x, word.y)[1] / height * _BANDS) for word in words})
