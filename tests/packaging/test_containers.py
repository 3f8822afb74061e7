"""The Dockerfile, the compose file and the page that installs them; no container engine is needed.

hadolint is asked too, and Docker's compose where it is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from autod.config import Settings

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "INSTALL.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def instructions(name: str) -> list[str]:
    """What follows each instruction ``name`` of the Dockerfile, with continued lines joined."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return [line.split(maxsplit=1)[1] for line in joined.splitlines() if line.startswith(f"{name} ")]


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    hadolint = shutil.which("hadolint", path=places)
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    linted = subprocess.run([hadolint, str(ROOT / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")


def test_compose_accepts_its_file(tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    (tmp_path / "compose.yaml").write_text((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    (tmp_path / "secrets").mkdir()
    for secret in COMPOSE["secrets"].values():
        (tmp_path / secret["file"]).touch()
    checked = subprocess.run(
        ["docker-compose", "config", "--quiet"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def test_image_stands_on_a_pinned_base_and_holds_what_is_there() -> None:
    assert all(re.match(r"[\w/]+:\d[\w.-]*-\w+", base) for base in instructions("FROM"))
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    for line in instructions("COPY"):
        *sources, _ = [word for word in line.split() if not word.startswith("--")]
        for source in sources:
            if not source.startswith("/"):
                assert (ROOT / source).exists(), source
                assert f"!{source}" in ignored, source


def test_image_runs_as_nobody_special_and_says_whether_it_works() -> None:
    assert instructions("USER") == ["1000:1000"]
    assert instructions("VOLUME") == instructions("WORKDIR") == ["/data"]
    assert len(instructions("HEALTHCHECK")) == len(instructions("CMD")) == 1
    assert "root" not in instructions("CMD")[0]


def test_image_reads_every_language_that_the_settings_name() -> None:
    languages = set(Settings.model_fields["ocr_languages"].default.split("+"))
    assert languages | {"osd"} == set(re.findall(r"tesseract-ocr-(\w+)", DOCKERFILE))


def test_tables_are_brought_up_to_date_before_the_daemon_starts() -> None:
    assert SERVICES["migrate"]["command"] == ["autod", "db", "upgrade"]
    assert SERVICES["migrate"]["restart"] == "no"
    assert SERVICES["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    needed = SERVICES["autod"]["depends_on"]
    assert needed["migrate"] == {"condition": "service_completed_successfully"}
    assert "command" not in SERVICES["autod"]


def test_containers_have_few_rights_and_are_not_reached_from_outside() -> None:
    for name, service in SERVICES.items():
        assert "ports" not in service and not service.get("privileged"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
    assert SERVICES["db"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["autod"]["read_only"] is True
    assert SERVICES["autod"]["user"].startswith("${PUID:-1000}")


def test_no_password_is_written_into_the_compose_file() -> None:
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            if re.search("PASS|KEY|SECRET", variable):
                assert value.startswith("/run/secrets/"), (name, variable)
    assert "@db/" in SERVICES["autod"]["environment"]["PAPER_AUTOPILOT_DB_URL"]
    assert ":" not in SERVICES["autod"]["environment"]["PAPER_AUTOPILOT_DB_URL"].removeprefix("postgresql:")


def test_containers_start_again_and_stop_no_sooner_than_the_daemon_can() -> None:
    for name in ("db", "autod"):
        assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES["autod"]["stop_grace_period"] == "1m"
    assert Settings.model_fields["stop_seconds"].default < 60


def test_every_mounted_name_is_declared() -> None:
    for name, service in SERVICES.items():
        assert set(service["secrets"]) <= COMPOSE["secrets"].keys(), name
        named = {volume.split(":")[0] for volume in service["volumes"] if volume[0].isalpha()}
        assert named <= COMPOSE["volumes"].keys(), name


def test_secrets_are_made_for_their_owner_alone_and_agree(tmp_path: Path) -> None:
    (block,) = [block for block in BLOCKS if "secrets/pgpass" in block]
    subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=tmp_path, check=True)
    password = (tmp_path / "secrets" / "db_password").read_text()
    assert len(password) >= 24 and password.isalnum()
    assert (tmp_path / "secrets" / "pgpass").read_text() == f"db:5432:*:paper_autopilot:{password}\n"
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert re.fullmatch(r"PUID=\d+\nPGID=\d+\n", (tmp_path / ".env").read_text())


def test_commands_of_the_page_are_valid_shell() -> None:
    assert BLOCKS
    for block in BLOCKS:
        plain = block.replace("<repository-url>", "URL")
        parsed = subprocess.run(["bash", "-n"], input=plain, text=True, capture_output=True, check=False)
        assert (parsed.returncode, parsed.stderr) == (0, ""), block


@pytest.mark.parametrize("name", ["INSTALL.md", "RUNBOOK.md"])
def test_links_lead_to_a_page_and_a_heading_that_exist(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links
    for link in links:
        page, _, anchor = link.partition("#")
        target = ROOT / "docs" / (page or name)
        assert target.is_file(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, link
