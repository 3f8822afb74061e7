"""A process that writes files as it is told, and keeps them open as long as it is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PROGRAM = """
import json, os, sys

open_files = {}
for line in sys.stdin:
    do, path, given = json.loads(line)
    if do == "open":
        flags = {"w": os.O_TRUNC, "a": os.O_APPEND, "+": 0}[given["how"]]
        open_files[path] = os.open(path, os.O_RDWR | os.O_CREAT | flags, 0o644)
    elif do == "write":
        data, done = bytes.fromhex(given["data"]), 0
        while done < len(data):
            done += os.write(open_files[path], data[done:])
    elif do == "seek":
        os.lseek(open_files[path], given["to"], os.SEEK_SET)
    elif do == "truncate":
        os.ftruncate(open_files[path], given["to"])
    elif do == "close":
        os.close(open_files.pop(path))
    elif do == "rename":
        os.rename(path, given["to"])
        if path in open_files:
            open_files[given["to"]] = open_files.pop(path)
    print("done", flush=True)
"""


class Writer:
    """Each call returns when the process has done it. Use as a context manager."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _tell(self, do: str, path: Path, **given: Any) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps([do, str(path), given]) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "done\n"

    def open(self, path: Path, how: str = "w") -> None:
        """``w`` begins anew, ``a`` appends, ``+`` goes on in what is there; each makes a missing file."""
        self._tell("open", path, how=how)

    def write(self, path: Path, data: bytes) -> None:
        self._tell("write", path, data=data.hex())

    def seek(self, path: Path, to: int) -> None:
        self._tell("seek", path, to=to)

    def truncate(self, path: Path, to: int) -> None:
        self._tell("truncate", path, to=to)

    def close(self, path: Path) -> None:
        self._tell("close", path)

    def rename(self, path: Path, to: Path) -> None:
        """Also while it is open."""
        self._tell("rename", path, to=str(to))
