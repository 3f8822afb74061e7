"""Vulnerabilities and GPL packages of the core fail the audit; one that could not look is never clean."""

from __future__ import annotations

import json
from importlib.metadata import Distribution, PathDistribution, distributions
from pathlib import Path

import pytest

from scripts import audit
from scripts.licences import Bond, licence_of, pinned_in, split

ROOT = Path(__file__).parents[2]
CORE = pinned_in((ROOT / "requirements.txt").read_text(encoding="utf-8"))
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
        (answer(SKIPPED, SKIPPED), 3, "NOT DONE"),
        ("", 3, "NOT DONE"),
        ("Traceback …", 3, "NOT DONE"),
        (None, 3, "NOT DONE"),
    ],
)
def test_only_a_known_vulnerability_fails_and_what_could_not_look_says_so(
    output: str | None,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit.main(lambda _: output) == code
    printed = capsys.readouterr().out
    assert said in printed
    assert (" known vulnerabilities in " in printed) is (code != 3)


def made(folder: Path, name: str, *lines: str, text: str = "") -> Distribution:
    """An installed package with this metadata, and a licence's text beside it."""
    info = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        "\n".join(["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0", *lines, ""])
    )
    files = [f"{info.name}/METADATA,,"]
    if text:
        (info / "LICENSE.txt").write_text(text)
        files.append(f"{info.name}/LICENSE.txt,,")
    (info / "RECORD").write_text("\n".join(files) + "\n")
    return PathDistribution(info)


CLASSIFIER = "Classifier: License :: OSI Approved :: "


@pytest.mark.parametrize(
    ("lines", "bond"),
    [
        (["License-Expression: GPL-3.0-or-later"], Bond.STRONG),
        (["License-Expression: AGPL-3.0-only"], Bond.STRONG),
        (["License-Expression: MIT AND GPL-2.0-only"], Bond.STRONG),
        (["License-Expression: (MIT OR Apache-2.0) AND (GPL-2.0-only)"], Bond.STRONG),
        (["License-Expression: GPL-2.0-only WITH Classpath-exception-2.0"], Bond.STRONG),
        (["License-Expression: MIT OR GPL-2.0-only"], Bond.FREE),
        (["License-Expression: LGPL-3.0-only"], Bond.FREE),
        (["License-Expression: MPL-2.0 AND Apache-2.0 WITH LLVM-exception"], Bond.FREE),
        (["License-Expression: (MIT"], Bond.UNKNOWN),
        (["License-Expression: MIT", f"{CLASSIFIER}GNU General Public License v3 (GPLv3)"], Bond.FREE),
        (["License: GPL-3.0"], Bond.STRONG),
        (["License: GNU GPL v2"], Bond.STRONG),
        (["License: AGPL"], Bond.STRONG),
        (["License: LGPL-2.1"], Bond.FREE),
        (["License: UNKNOWN", f"{CLASSIFIER}GNU Affero General Public License v3"], Bond.STRONG),
        ([f"{CLASSIFIER}GNU General Public License v2 or later (GPLv2+)"], Bond.STRONG),
        ([f"{CLASSIFIER}GNU Lesser General Public License v3 (LGPLv3)"], Bond.FREE),
        ([f"{CLASSIFIER}GNU Library or Lesser General Public License (LGPL)"], Bond.FREE),
        ([f"{CLASSIFIER}Mozilla Public License 2.0 (MPL 2.0)"], Bond.FREE),
        (["License: MIT"], Bond.FREE),
        ([], Bond.UNKNOWN),
        (["License: UNKNOWN"], Bond.UNKNOWN),
    ],
)
def test_a_licence_is_read_from_what_the_package_says(lines: list[str], bond: Bond, tmp_path: Path) -> None:
    assert licence_of(made(tmp_path, "some", *lines)).bond is bond


@pytest.mark.parametrize(
    ("text", "bond"),
    [
        ("                    GNU GENERAL PUBLIC LICENSE\n                 Version 3", Bond.STRONG),
        ("GNU AFFERO GENERAL PUBLIC LICENSE", Bond.STRONG),
        ("                   GNU LESSER GENERAL PUBLIC LICENSE\n", Bond.FREE),
        ("GNU LESSER\n  GENERAL PUBLIC LICENSE", Bond.FREE),
        ("MIT License\n\nPermission is hereby granted", Bond.FREE),
        ("", Bond.UNKNOWN),
    ],
)
def test_a_package_that_says_nothing_is_judged_by_the_heading_of_its_text(
    text: str, bond: Bond, tmp_path: Path
) -> None:
    assert licence_of(made(tmp_path, "some", text=text)).bond is bond


@pytest.mark.parametrize(
    ("lines", "code", "said"),
    [
        (["License-Expression: GPL-3.0-only"], 1, "must not hold"),
        ([], 1, "it states no licence"),
        (["License-Expression: MPL-2.0"], 0, "0 licences of 1"),
    ],
)
def test_only_the_core_fails_for_its_licence(
    lines: list[str], code: int, said: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    tool = made(tmp_path, "some-tool-of-ours", "License: GPL-3.0")
    monkeypatch.setattr(audit, "distributions", lambda: [made(tmp_path, sorted(CORE)[0], *lines), tool])
    assert audit.main(lambda _: answer(CLEAN)) == code
    printed = capsys.readouterr().out
    assert said in printed and "some-tool-of-ours, not of the core: GPL-3.0" in printed


def test_where_nothing_is_installed_nobody_looked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit, "distributions", list)
    assert audit.main(lambda _: answer(CLEAN)) == 3
    assert "licences are unknown" in capsys.readouterr().out


def test_no_package_of_the_core_is_under_the_gpl() -> None:
    ours, _ = split(distributions(), CORE)
    assert len(ours) > 40
    assert [licence for licence in ours if licence.bond is not Bond.FREE] == []
