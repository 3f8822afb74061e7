"""Compiled code for reading processes, which may write none: made here, before the first of them starts.

Without it each of them would compile its libraries anew, which takes seconds. pip leaves compiled code behind
unless it is told not to; a source tree, and other installers, do not.
"""

from __future__ import annotations

import compileall
import functools
import importlib.util
import subprocess
import sys
from pathlib import Path

_OWN = Path(__file__).resolve().parent.parent
_OWN_FOLDERS = ("child", "domain", "extract", "read", "verify")
_LIBRARIES = ("numpy", "onnxruntime", "pikepdf", "py3langid", "pypdfium2", "rapidocr")
_IMPORT_ALL = """
import contextlib
for name in ("autod.read.reader", "autod.read.forms", "autod.read.attachments", "autod.read.qr",
             "autod.read.ocr_rapid", "autod.read.ocr_tesseract", "onnxruntime", "py3langid.langid",
             "autod.child.understand", "autod.child.classify"):
    with contextlib.suppress(ImportError):
        __import__(name)
"""
_PATIENCE_SECONDS = 120.0


@functools.cache
def compile_once() -> None:
    """Compile what is not yet compiled, quietly; where that cannot be written nothing is lost but time."""
    if sys.dont_write_bytecode:
        return
    for name in _OWN_FOLDERS:
        compileall.compile_dir(_OWN / name, quiet=2)
    if not all(map(_is_compiled, _LIBRARIES)):
        _import_all()


def _import_all() -> None:
    """Have a process that sees no document import the libraries once, as the first reading process would."""
    program = f"import sys; sys.path.append({str(_OWN.parent)!r})\n{_IMPORT_ALL}"
    try:
        subprocess.run(  # noqa: S603  # our own interpreter and program
            [sys.executable, "-P", "-c", program],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return  # reading itself will say what is wrong


def _is_compiled(package: str) -> bool:
    """Whether a package, if it is installed, has compiled code; found without importing it."""
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return True
    if found is None or found.origin is None:
        return True
    return Path(importlib.util.cache_from_source(found.origin)).exists()
