"""How much memory this machine, or the container that we run in, lets us have."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

_GROUPS = Path("/sys/fs/cgroup")
_OUR_GROUPS = Path("/proc/self/cgroup")


def usable_bytes(groups: Path = _GROUPS, ours: Path = _OUR_GROUPS) -> int:
    """The machine's memory, or the least limit of a control group above us.

    Args:
        groups: where control groups are mounted (Linux).
        ours: the file that says which of them are ours.
    """
    return min([int(psutil.virtual_memory().total), *_limits(groups, ours)])


def _limits(groups: Path, ours: Path) -> Iterator[int]:
    try:
        lines = ours.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            base, name = groups, "memory.max"
        elif "memory" in controllers.split(","):
            base, name = groups / "memory", "memory.limit_in_bytes"
        else:
            continue
        here = base / path.lstrip("/")
        for folder in (here, *here.parents):
            if folder.is_relative_to(base):
                yield from _number(folder / name)


def _number(file: Path) -> Iterator[int]:
    try:
        text = file.read_text(encoding="utf-8").strip()
    except OSError:
        return
    if text.isdigit():  # "max" is none
        yield int(text)
