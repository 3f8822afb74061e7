"""Known vulnerabilities fail the audit, a missing network does not, and the core holds no GPL package."""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest

from scripts import audit

ROOT = Path(__file__).parents[2]
# The licences that would bind whoever passes our program on. The LGPL and the MPL bind their own files only.
STRONG = re.compile(r"(?<![A-Za-z])A?GPL|(?<!Lesser )General Public License|Affero", re.IGNORECASE)
CLEAN = {"name": "rich", "version": "14.0", "vulns": []}
HIT = {"name": "lxml", "version": "6.1", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["6.2"]}]}
SKIPPED = {"name": "typer", "skip_reason": "Dependency not found"}


def answer(*packages: dict[str, object]) -> str:
    return json.dumps({"dependencies": list(packages), "fixes": []})


@pytest.mark.parametrize(
    ("output", "code", "said"),
    [
        (answer(CLEAN), 0, "0 known vulnerabilities in 1 packages"),
        (answer(CLEAN, HIT, SKIPPED), 1, "lxml 6.1: PYSEC-2026-1, mended in 6.2"),
        (answer(SKIPPED, SKIPPED), 0, "not done"),
        ("", 0, "not done"),
        ("Traceback …", 0, "not done"),
        (None, 0, "not done"),
    ],
)
def test_only_a_known_vulnerability_fails(
    output: str | None,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(audit, "_run", lambda _: output)
    assert audit.main() == code
    assert said in capsys.readouterr().out


def licence_of(package: Distribution) -> str:
    """What the package says of its licence; the full text is left out, it may name others'."""
    said = package.metadata.get("License-Expression") or package.metadata.get("License") or ""
    classifiers = [c for c in package.metadata.get_all("Classifier") or () if c.startswith("License")]
    return " | ".join((said.splitlines()[0] if said else "", *classifiers))


def pinned() -> dict[str, str]:
    names = re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), flags=re.MULTILINE)
    licences = {}
    for name in names:
        try:
            licences[name] = licence_of(distribution(name))
        except PackageNotFoundError:
            continue  # pinned for another platform or Python
    return licences


def test_no_package_of_the_core_is_under_the_gpl() -> None:
    licences = pinned()
    assert len(licences) > 40
    assert {name: licence for name, licence in licences.items() if STRONG.search(licence)} == {}


@pytest.mark.parametrize(
    ("licence", "strong"),
    [
        ("GPL-3.0-or-later", True),
        ("AGPL-3.0", True),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", True),
        ("License :: OSI Approved :: GNU Affero General Public License v3", True),
        ("LGPL-3.0-only", False),
        ("License :: OSI Approved :: GNU Lesser General Public License v3 (LGPLv3)", False),
        ("MPL-2.0", False),
        ("MIT", False),
    ],
)
def test_strong_licences_are_recognised(licence: str, strong: bool) -> None:
    assert bool(STRONG.search(licence)) is strong
