"""Known vulnerabilities of what we pin, and the licences of what is installed: ``make audit``.

Exit code 0: looked, and found nothing. 1: a known vulnerability, or a licence in the core that would bind the
whole program. 3: nothing found, but the advisories could not be reached, so nobody looked for vulnerabilities
(``make`` shows it as ``Error 3``). pip-audit lives in a scratch environment, as nothing of ours needs it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from autod.cli.surprises import guarded
from scripts.licences import Bond, pinned_in, split

ROOT = Path(__file__).resolve().parents[1]
TOOL = "pip-audit>=2.9,<3"
SECONDS = 240
CLEAN, FOUND, NOT_DONE = 0, 1, 3


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


def main(look: Callable[[Path], str | None] | None = None) -> int:
    """``look`` answers, from a scratch folder, what pip-audit says, or None when it could not be asked."""
    ended = {_vulnerabilities(look or ask), _licences()}
    return next(code for code in (FOUND, NOT_DONE, CLEAN) if code in ended)


def _vulnerabilities(look: Callable[[Path], str | None]) -> int:
    with tempfile.TemporaryDirectory(prefix="autod-audit-") as name:
        output = look(Path(name))
    verdict = judge(output) if output is not None else None
    if verdict is None or verdict.asked == 0:
        print("audit: NOT DONE: the advisories cannot be reached from here, so vulnerabilities are unknown.")
        print("  Run `make audit` again on a machine that reaches https://pypi.org.")
        return NOT_DONE
    for vulnerable in verdict.found:
        print(f"audit: {vulnerable}")
    left_out = f", {verdict.unknown} unknown to the service" if verdict.unknown else ""
    print(f"audit: {len(verdict.found)} known vulnerabilities in {verdict.asked} packages{left_out}")
    return FOUND if verdict.found else CLEAN


def _licences() -> int:
    """What binds in the core fails; an extra or a tool is not passed on with the program, and only told."""
    core = pinned_in((ROOT / "requirements.txt").read_text(encoding="utf-8"))
    ours, apart = split(distributions(), core)
    wrong = [licence for licence in ours if licence.bond is not Bond.FREE]
    for licence in wrong:
        print(f"audit: the core must not hold {licence.package}: {licence.said or 'it states no licence'}")
    for licence in apart:
        if licence.bond is not Bond.FREE:
            print(f"audit: {licence.package}, not of the core: {licence.said or 'it states no licence'}")
    if not ours:
        print("audit: NOT DONE: nothing of requirements.txt is installed here, so licences are unknown.")
        return NOT_DONE
    print(f"audit: {len(wrong)} licences of {len(ours)} packages of the core bind the whole program")
    return FOUND if wrong else CLEAN


def ask(place: Path) -> str | None:
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
