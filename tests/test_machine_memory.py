"""The memory that we may have is the least that somebody allows."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from autod import memory as memory_module
from autod.assembly import reader
from autod.config import Settings
from autod.memory import usable_bytes


def group(folder: Path, name: str, limit: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(limit + "\n")


def test_the_least_limit_of_the_groups_above_us_counts(tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    ours.write_text("0::/system.slice/autod.service\n")
    group(tmp_path / "system.slice" / "autod.service", "memory.max", "max")
    group(tmp_path / "system.slice", "memory.max", str(2 * 10**9))
    assert usable_bytes(tmp_path, ours) == 2 * 10**9
    group(tmp_path / "system.slice" / "autod.service", "memory.max", str(10**9))
    assert usable_bytes(tmp_path, ours) == 10**9


def test_older_groups_are_understood(tmp_path: Path) -> None:
    ours = tmp_path / "ours"
    ours.write_text("5:cpu,cpuacct:/x\n4:memory:/docker/abc\n")
    group(tmp_path / "memory" / "docker" / "abc", "memory.limit_in_bytes", str(3 * 10**8))
    assert usable_bytes(tmp_path, ours) == 3 * 10**8


def test_without_groups_it_is_the_machines(tmp_path: Path) -> None:
    assert usable_bytes(tmp_path, tmp_path / "missing") == psutil.virtual_memory().total


@pytest.mark.parametrize(
    ("memory", "readers", "megabytes"), [(2.1e9, 1, 1502), (3.9e9, 1, 2789), (8.3e9, 2, 3072)]
)
def test_with_little_memory_one_document_is_read_at_a_time(
    monkeypatch: pytest.MonkeyPatch, memory: float, readers: int, megabytes: int
) -> None:
    monkeypatch.setattr(memory_module, "usable_bytes", lambda: int(memory))
    limits, size = reader.reading_room(Settings(_env_file=None, workers=2, read_memory_mb=3072))
    assert (size, limits.memory_mb) == (readers, megabytes)
