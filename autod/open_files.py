"""Whole files by open descriptor: what a reading process has instead of paths."""

from __future__ import annotations


def read_bytes(descriptor: int) -> bytes:
    """What is in the open file, from its beginning; it stays open.  Raises: OSError."""
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return file.read()


def read_text(descriptor: int) -> str:
    """The same as text in UTF-8.  Raises: OSError, UnicodeDecodeError."""
    return read_bytes(descriptor).decode("utf-8")


def write_text(descriptor: int, text: str) -> int:
    """Add ``text`` in UTF-8 at the place where the open file stands; returns its length in bytes."""
    return write_bytes(descriptor, text.encode("utf-8"))


def write_bytes(descriptor: int, data: bytes) -> int:
    """Add ``data`` at the place where the open file stands; returns its length.  Raises: OSError."""
    with open(descriptor, "wb", closefd=False) as file:
        file.write(data)
    return len(data)
