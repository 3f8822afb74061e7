"""Known vulnerabilities of what we pin: ``make audit``.

Fails on a known one. Where the advisories cannot be reached it says so and succeeds: a machine without
network must not fail for that. pip-audit lives in a scratch environment, as nothing of ours needs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

from autod.cli.surprises import guarded

ROOT = Path(__file__).resolve().parents[1]
TOOL = "pip-audit>=2.9,<3"
SECONDS = 240


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known: ``found`` names vulnerable pins, ``asked`` and ``unknown`` count packages."""

    found: tuple[str, ...]
    asked: int
    unknown: int


def judge(output: str) -> Verdict | None:
    """What pip-audit's JSON says; None when it is none, because the tool itself failed."""
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return None
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        + (f", mended in {', '.join(fixes)}" if (fixes := vulnerability.get("fix_versions")) else "")
        for package in packages
        for vulnerability in package.get("vulns", ())
    ]
    # A package that the service does not know counts as skipped, and the tool then reports success.
    unknown = sum("skip_reason" in package for package in packages)
    return Verdict(tuple(found), len(packages) - unknown, unknown)


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="autod-audit-") as name:
        output = _run(Path(name))
    verdict = judge(output) if output is not None else None
    if verdict is None or verdict.asked == 0:
        print("audit: not done, the advisories cannot be reached from here")
        return 0
    for vulnerable in verdict.found:
        print(f"audit: {vulnerable}")
    left_out = f", {verdict.unknown} unknown to the service" if verdict.unknown else ""
    print(f"audit: {len(verdict.found)} known vulnerabilities in {verdict.asked} packages{left_out}")
    return 1 if verdict.found else 0


def _run(place: Path) -> str | None:
    venv.create(place, with_pip=True)
    programs = place / "bin"
    install = [str(programs / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    install += ["--retries", "1", "--timeout", "10", TOOL]
    audit = [str(programs / "pip-audit"), "--requirement", str(ROOT / "requirements.txt"), "--no-deps"]
    audit += ["--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "15"]
    try:
        subprocess.run(install, check=True, capture_output=True, timeout=SECONDS)
        return subprocess.run(audit, check=False, capture_output=True, text=True, timeout=SECONDS).stdout
    except (OSError, subprocess.SubprocessError):
        return None


if __name__ == "__main__":
    sys.exit(guarded(main))
