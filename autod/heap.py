"""What a process's memory costs: its size after months of work, and the looks for garbage in it."""

from __future__ import annotations

import atexit
import contextlib
import gc

_ARENA_MAX = -8
"""``M_ARENA_MAX`` of glibc's ``mallopt``."""
_SELDOM = (50_000, 20, 100)
"""New objects between two looks for garbage, and how many of these between two deeper ones."""


def look_seldom() -> None:
    """For the start of a process: most of what it makes (modules, classes, tables) stays until it ends.

    Looking through that again and again, and once more at the end, takes a third of a short command's CPU.
    """
    gc.set_threshold(*_SELDOM)
    atexit.register(gc.freeze)


def one_arena() -> None:
    """Have all threads share one heap; call it before they start.

    glibc gives threads up to eight heaps for each core. Dozens of ours, which mostly wait, leave holes in
    each that no other thread fills: 10,000 documents added 40 MB. Where the system has another allocator this
    does nothing.
    """
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def settle() -> None:
    """What was made so far lives as long as the process: look for garbage among what is made later alone.

    Looking through it again and again takes a seventh of the daemon's CPU (measured on a backlog of 300
    documents).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_SELDOM)
