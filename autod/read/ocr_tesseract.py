"""Tesseract, where its language files are installed: fast, many scripts."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tesserocr
from PIL import Image

from autod.domain.reading import Box, Word
from autod.read.characters import clean
from autod.read.frame import turned_box
from autod.read.ocr_lines import OcrLine, OcrPage
from autod.read.rendering import Picture

MAX_SIDE = 30_000  # pixels: Tesseract's own limit is 32,767
FOLDERS = ("/usr/share/tesseract-ocr/*/tessdata", "/usr/share/tessdata", "/usr/local/share/tessdata")
_SURE = 0.7  # mean confidence of a page that stands upright
_ORIENTATION_SURE = 2.0  # Tesseract's own figure; below it guesses
_QUARTER_TURNS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180, 3: Image.Transpose.ROTATE_90}


def find_languages(wanted: str) -> tuple[Path, str] | None:
    """The folder of language files and those of ``wanted`` ("eng+deu") in it; None when there are none."""
    for folder in _language_folders():
        installed = [name for name in wanted.split("+") if (folder / f"{name}.traineddata").is_file()]
        if installed:
            return folder, "+".join(installed)
    return None


def _language_folders() -> Iterator[Path]:
    prefix = os.environ.get("TESSDATA_PREFIX")
    if prefix:
        yield Path(prefix)
        yield Path(prefix) / "tessdata"
    root = Path("/")
    for pattern in FOLDERS:
        yield from sorted(root.glob(pattern.lstrip("/")), reverse=True)


def read_picture(picture: Picture, folder: Path, languages: str) -> OcrPage:
    """The lines of a page's picture, in the pixels of the page turned upright."""
    image = Image.frombytes("L", (picture.width, picture.height), picture.pixels)
    dots_per_inch = round(picture.scale * 72)
    as_it_is = _recognize(image, dots_per_inch, folder, languages)
    if as_it_is.confidence >= _SURE:
        return as_it_is
    candidates = [as_it_is]
    for quarters in _likely_turns(image, folder):
        turned = image.transpose(_QUARTER_TURNS[quarters])
        page = _recognize(turned, dots_per_inch, folder, languages)
        page = OcrPage(page.lines, (page.quarters + quarters) % 4)
        if page.confidence >= _SURE:
            return page
        candidates.append(page)
    return max(candidates, key=lambda page: page.sure_characters)


def _likely_turns(image: Image.Image, folder: Path) -> tuple[int, ...]:
    """Quarter turns clockwise worth trying, from Tesseract's own detector where it is installed."""
    if not (folder / "osd.traineddata").is_file():
        return (1, 3, 2)
    detector = _detector(str(folder))
    detector.SetImage(image)
    found = detector.DetectOrientationScript()
    detector.Clear()
    if not found or found["orient_conf"] < _ORIENTATION_SURE:
        return ()
    quarters = round(found["orient_deg"] / 90) % 4
    return ((4 - quarters) % 4,) if quarters else ()


@functools.cache
def _detector(folder: str) -> Any:
    return _quiet(tesserocr.PyTessBaseAPI(path=folder, lang="osd", psm=tesserocr.PSM.OSD_ONLY))


@functools.cache
def _engine(folder: str, languages: str) -> Any:
    """One engine a process: loading its languages takes as long as a short page."""
    return _quiet(
        tesserocr.PyTessBaseAPI(
            path=folder, lang=languages, psm=tesserocr.PSM.AUTO, oem=tesserocr.OEM.LSTM_ONLY
        )
    )


def _quiet(engine: Any) -> Any:
    """Have what Tesseract tells go to the process's own standard error.

    tesserocr sends it to a file, which a reading process may not open; Tesseract then writes through a null
    pointer at its first word.
    """
    engine.SetVariable("debug_file", "")
    return engine


def _recognize(image: Image.Image, dots_per_inch: int, folder: Path, languages: str) -> OcrPage:
    """The lines as Tesseract reads them; of a page on its side it reads lines that run up or down."""
    engine = _engine(str(folder), languages)
    engine.SetImage(image)
    engine.SetSourceResolution(dots_per_inch)
    engine.Recognize()
    lines: list[tuple[list[Word], Box, float]] = []
    directions: Counter[int] = Counter()
    direction = 0
    for item in tesserocr.iterate_level(engine.GetIterator(), tesserocr.RIL.WORD):
        if not lines or item.IsAtBeginningOf(tesserocr.RIL.TEXTLINE):
            direction, slope = _course(item)
            lines.append(([], _box(item, tesserocr.RIL.TEXTLINE) or Box(0, 0, 0, 0), slope))
        word = _word(item)
        if word is not None:
            lines[-1][0].append(word)
            directions[direction] += len(word.text)
    engine.Clear()
    quarters = -directions.most_common(1)[0][0] % 4 if directions else 0
    return OcrPage(
        tuple(_turned(*line, image, quarters) for line in lines if line[0]),
        quarters,
    )


def _turned(words: list[Word], box: Box, slope: float, image: Image.Image, quarters: int) -> OcrLine:
    if quarters == 0:
        return OcrLine(tuple(words), box, slope)

    def turn(one: Box) -> Box:
        return turned_box(one, image.width, image.height, quarters)

    turned = tuple(Word(word.text, turn(word.box), word.confidence) for word in words)
    return OcrLine(turned, turn(box), 0.0)


def _word(item: Any) -> Word | None:
    box = _box(item, tesserocr.RIL.WORD)
    if box is None or item.Empty(tesserocr.RIL.WORD):
        return None
    text = clean(item.GetUTF8Text(tesserocr.RIL.WORD).strip())
    confidence = max(item.Confidence(tesserocr.RIL.WORD), 0.0) / 100
    return Word(text, box, min(confidence, 1.0)) if text else None


def _box(item: Any, level: int) -> Box | None:
    found = item.BoundingBox(level)
    return Box(*map(float, found)) if found else None


def _course(item: Any) -> tuple[int, float]:
    """Quarter turns clockwise of a line's reading direction, and its slope when it runs to the right."""
    baseline = item.Baseline(tesserocr.RIL.TEXTLINE)
    if not baseline:
        return 0, 0.0
    (x0, y0), (x1, y1) = baseline
    right, down = x1 - x0, y1 - y0
    if abs(down) > abs(right):
        return (1 if down > 0 else 3), 0.0
    return (0, float(down / right)) if right > 0 else (2, 0.0)
