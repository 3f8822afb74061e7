"""The OCR engine by itself, as its own documentation calls it, on pages rendered at 200 dpi.

    python -m bench.ocr_alone SCAN.pdf…

Prints CPU seconds a page, the engine loaded and warm; rendering is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2

from autod.config import load_settings
from autod.read.ocr_tesseract import find_languages


def main() -> int:
    pictures = [
        pypdfium2.PdfDocument(path)[0].render(scale=200 / 72, grayscale=True).to_pil()
        for path in sys.argv[1:]
    ]
    read = _engine()
    read(pictures[0])
    begun = time.process_time()
    for picture in pictures:
        read(picture)
    print((time.process_time() - begun) / len(pictures))
    return 0


def _engine() -> Callable[[Any], object]:
    """The one that the product would choose here."""
    found = find_languages(load_settings(None).ocr_languages)
    if found is None:
        import logging

        from rapidocr import RapidOCR

        logging.disable(logging.INFO)
        engine = RapidOCR(params={"Global.use_cls": False})
        return lambda picture: engine(np.asarray(picture.convert("RGB")), use_cls=False)
    from tesserocr import PyTessBaseAPI

    folder, languages = found
    api = PyTessBaseAPI(path=str(folder), lang=languages)

    def recognize(picture: Any) -> object:
        api.SetImage(picture)
        return api.Recognize()

    return recognize


if __name__ == "__main__":
    sys.exit(main())
