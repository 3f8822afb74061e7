"""The lock files: every package pinned with hashes, nothing missing, no address of an index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RUNTIME = [
    *PROJECT["project"]["dependencies"],
    *(one for group in PROJECT["project"]["optional-dependencies"].values() for one in group),
]
DEVELOPMENT = [*RUNTIME, *PROJECT["dependency-groups"]["dev"]]


def locked(name: str) -> list[tuple[Requirement, int]]:
    """Each requirement of a lock file with the number of its hashes."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(Requirement(line.split("--hash", 1)[0]), line.count("--hash=sha256:")) for line in lines]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_pins_exact_versions_with_hashes(name: str) -> None:
    for requirement, hashes in locked(name):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize(
    ("name", "declared"), [("requirements.txt", RUNTIME), ("requirements-dev.txt", DEVELOPMENT)]
)
def test_lock_holds_what_pyproject_declares(name: str, declared: list[str]) -> None:
    pins = [requirement for requirement, _ in locked(name)]
    for wanted in map(Requirement, declared):
        found = [pin for pin in pins if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
        assert found, f"{wanted} is missing: make lock"
        for pin in found:
            version = str(pin.specifier).removeprefix("==")
            assert wanted.specifier.contains(version, prereleases=True), f"{pin} against {wanted}: make lock"


def test_development_pins_what_runs_to_the_same_versions() -> None:
    runtime = {str(requirement) for requirement, _ in locked("requirements.txt")}
    development = {str(requirement) for requirement, _ in locked("requirements-dev.txt")}
    assert {one.split(";")[0] for one in runtime} <= {one.split(";")[0] for one in development}


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13", "3.14"])
def test_each_supported_python_gets_each_package_once(platform: str, version: str) -> None:
    environment = {
        "sys_platform": platform,
        "os_name": "posix",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "platform_machine": "arm64" if platform == "darwin" else "x86_64",
        "python_version": version,
        "python_full_version": f"{version}.0",
    }
    chosen = [
        canonicalize_name(requirement.name)
        for requirement, _ in locked("requirements-dev.txt")
        if requirement.marker is None or requirement.marker.evaluate(environment)
    ]
    assert len(chosen) == len(set(chosen))
    assert {canonicalize_name(Requirement(one).name) for one in DEVELOPMENT} <= set(chosen)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "pyproject.toml"])
def test_no_address_of_a_package_index_is_written_down(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"--(extra-)?index-url|--find-links|://\S*(simple|pypi)", text)
