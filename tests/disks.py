"""A disk that can be taken away and brought back: a real mount where we may, else a renamed folder."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Disk:
    """Lies at ``place`` while it is there; an empty folder is there while it is away.

    Args:
        place: made if it is missing.
        store: where its content is kept meanwhile; made if it is missing.
    """

    def __init__(self, place: Path, store: Path) -> None:
        self.place = place
        self._store = store
        for folder in (place, store):
            folder.mkdir(parents=True, exist_ok=True)
        self.real = _mount("-t", "tmpfs", "tmpfs", str(store))
        self.attached = False
        self.attach()

    def attach(self) -> None:
        if self.attached:
            return
        if self.real:
            assert _mount("--bind", str(self._store), str(self.place))
        else:
            self.place.rename(self.place.with_name(self.place.name + ".bare"))
            self._store.rename(self.place)
        self.attached = True

    def detach(self) -> None:
        if not self.attached:
            return
        if self.real:
            subprocess.run(["umount", "-l", str(self.place)], check=True)
        else:
            self.place.rename(self._store)
            self.place.with_name(self.place.name + ".bare").rename(self.place)
        self.attached = False

    def make_read_only(self, read_only: bool = True) -> bool:
        """False where it cannot be."""
        how = "ro" if read_only else "rw"
        return self.real and _mount("-o", f"remount,bind,{how}", str(self.place))

    def remove(self) -> None:
        self.detach()
        if self.real:
            subprocess.run(["umount", "-l", str(self._store)], check=True)


def _mount(*arguments: str) -> bool:
    if os.geteuid() != 0:
        return False
    return subprocess.run(["mount", *arguments], capture_output=True, check=False).returncode == 0
