"""Keeping the memory of a process that runs for months where it was after its first hour."""

from __future__ import annotations

import contextlib
import ctypes
import gc

_ARENA_MAX = -8
"""``M_ARENA_MAX`` of glibc's ``mallopt``."""


def one_arena() -> None:
    """Have all threads share one heap; call it before they start.

    glibc gives threads up to eight heaps for each core. Dozens of ours, which mostly wait, leave holes in
    each that no other thread fills: 10,000 documents added 40 MB. Where the system has another allocator this
    does nothing.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def settle() -> None:
    """What was made so far lives as long as the process: look for garbage among what is made later alone.

    Looking through it again and again takes a seventh of the daemon's CPU (measured on a backlog of 300
    documents).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
