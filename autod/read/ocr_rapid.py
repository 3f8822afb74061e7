"""RapidOCR: the engine that comes with the wheel, models included. Latin scripts, no network, slow.

Its detector finds lines just as well on a picture a third smaller than the one that is read (measured on
rendered invoices and contracts: recall .974 against .975, a third of the time less), and its own classifier
for text direction costs words, so direction is decided here, for the page as a whole.
"""

from __future__ import annotations

import functools
import logging
import os
import re
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

# onnxruntime, which rapidocr loads, would note a number for this machine and what it does in a file of the
# user, and look for its maker's server. It asks when it is loaded.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import rapidocr  # see above
from rapidocr.main import RapidOCRError  # see above

from autod.domain.reading import Box, Word
from autod.read.characters import clean
from autod.read.frame import turned_box
from autod.read.ocr_lines import OcrLine, OcrPage
from autod.read.rendering import Picture

MAX_SIDE = 2000  # pixels: more is not read better, only slower
_DETECTION_SIDE = 1280
_THREADS = 4
_LINES_AT_ONCE = 3  # RapidOCR's own 6 are no faster and take 1.0 GB for a dense page, 3 take 0.65
_MIN_CONFIDENCE = 0.5
_SURE = 0.85  # mean confidence of a page that is not upside down
_SAMPLE = 8  # lines read the other way round to find out
_TALL = 1.5  # height to width of a box from which RapidOCR itself turns a line by a quarter
_ONE_CHARACTER = 3.0  # height to width up to which a box can hold a lone upright character
_CLEARLY = 0.1  # so much more confident, the other way round is right
_WORD = re.compile(r"\S+")
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[]1 "), frozenset("mwMW@%&")

Pixels = NDArray[np.uint8]


def read_picture(picture: Picture) -> OcrPage:
    """The lines of a page's picture, in the pixels of the page turned upright."""
    engine = load()
    grey = np.frombuffer(picture.pixels, np.uint8).reshape(picture.height, picture.width)
    image = np.repeat(grey[:, :, None], 3, axis=2)
    try:
        crops, found = engine.detect_and_crop(image, {})
    except RapidOCRError:  # its way of saying that there is no text
        return OcrPage((), 0)
    corners = np.asarray(found.boxes, dtype=np.float64)
    sides = _sides(corners)
    sideways = bool(np.median(sides[:, 1] / sides[:, 0]) > _TALL)
    crops = [
        _along(crop, tall, sideways) for crop, tall in zip(crops, sides[:, 1] / sides[:, 0], strict=True)
    ]
    texts, scores, flipped = _recognize(engine, crops)
    # RapidOCR turns tall boxes counter-clockwise: text that runs downward comes out upright.
    quarters = ((3 if sideways else 0) + (2 if flipped else 0)) % 4
    lines = [
        _line(text, score, shape, picture, quarters)
        for text, score, shape in zip(texts, scores, corners, strict=True)
        if score >= _MIN_CONFIDENCE and text.strip()
    ]
    return OcrPage(tuple(lines), quarters)


def _sides(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """Width and height of each box, along its own edges."""
    width = np.linalg.norm(corners[:, 1] - corners[:, 0], axis=1)
    height = np.linalg.norm(corners[:, 3] - corners[:, 0], axis=1)
    return np.stack([np.maximum(width, 1.0), np.maximum(height, 1.0)], axis=1)


def _along(crop: Pixels, tallness: float, sideways: bool) -> Pixels:
    """``crop`` as the page runs: RapidOCR lays down every tall box, even that of a lone digit."""
    laid_down = crop.shape[1] > crop.shape[0] and tallness > 1
    if sideways and not laid_down and tallness <= _TALL:
        return np.rot90(crop)
    if not sideways and laid_down and tallness < _ONE_CHARACTER:
        return np.rot90(crop, -1)
    return crop


def _recognize(engine: Any, crops: list[Pixels]) -> tuple[list[str], list[float], bool]:
    """Texts and confidences, and whether the page stands on its head."""
    texts, scores = _read(engine, crops)
    if _weighted(texts, scores) >= _SURE:
        return texts, scores, False
    longest = sorted(range(len(crops)), key=lambda index: -crops[index].shape[1])[:_SAMPLE]
    other_texts, other_scores = _read(engine, [np.rot90(crops[index], 2) for index in longest])
    here = _weighted([texts[index] for index in longest], [scores[index] for index in longest])
    if _weighted(other_texts, other_scores) <= here + _CLEARLY:
        return texts, scores, False
    return *_read(engine, [np.rot90(crop, 2) for crop in crops]), True


def _read(engine: Any, crops: list[Pixels]) -> tuple[list[str], list[float]]:
    found = engine.recognize_txt(crops)
    return list(found.txts), [float(score) for score in found.scores]


def _weighted(texts: list[str], scores: list[float]) -> float:
    """Mean confidence of a character."""
    total = sum(map(len, texts))
    return sum(len(text) * score for text, score in zip(texts, scores, strict=True)) / max(total, 1)


def _line(text: str, score: float, corners: NDArray[np.float64], picture: Picture, quarters: int) -> OcrLine:
    turned = [
        turned_box(Box(x, y, x, y), picture.width, picture.height, quarters) for x, y in corners.tolist()
    ]
    points = sorted((point.x0, point.y0) for point in turned)
    left, right = _middle(points[:2]), _middle(points[2:])
    box = Box.around(turned)
    slope = (right[1] - left[1]) / max(right[0] - left[0], 1.0)
    return OcrLine(tuple(_words(text, score, box, slope)), box, slope)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    return (points[0][0] + points[1][0]) / 2, (points[0][1] + points[1][1]) / 2


def _words(text: str, score: float, box: Box, slope: float) -> Iterator[Word]:
    """The words of a line, each with its share of the line's box."""
    widths = [0.5 if sign in _NARROW else 1.5 if sign in _WIDE else 1.0 for sign in text]
    edges = list(accumulate(widths, initial=0.0))
    unit = box.width / edges[-1]
    lean = abs(slope) * box.width
    for match in _WORD.finditer(text):
        word = clean(match.group())
        x0, x1 = box.x0 + edges[match.start()] * unit, box.x0 + edges[match.end()] * unit
        middle = slope * ((x0 + x1) / 2 - (box.x0 + box.x1) / 2) + (box.y0 + box.y1) / 2
        half = max(box.height - lean, 0.3 * box.height) / 2
        if word:
            yield Word(word, Box(x0, middle - half, x1, middle + half), score)


@functools.cache
def load() -> Any:
    """One engine a process: it takes a second and half a gigabyte.

    Raises:
        ImportError: the package or its models are missing; nothing is ever downloaded.
    """
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    models = Path(rapidocr.__file__).parent / "models"
    threads = min(_THREADS, os.cpu_count() or 1)
    return rapidocr.RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.use_preprocess_img": False,
            "Global.use_vertical_padding": False,
            "Global.log_level": "critical",
            "Det.model_path": _model(models, "det"),
            "Det.limit_type": "max",
            "Det.limit_side_len": _DETECTION_SIDE,
            "Rec.model_path": _model(models, "rec"),
            "Rec.rec_batch_num": _LINES_AT_ONCE,
            "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )


def _model(folder: Path, kind: str) -> str:
    found = sorted(folder.glob(f"*_{kind}_*.onnx"))
    if not found:
        raise ImportError(f"rapidocr was installed without its {kind} model")
    return str(found[0])
