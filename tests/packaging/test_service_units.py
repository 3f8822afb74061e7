"""The systemd unit, the launchd plist and the page that installs them."""

from __future__ import annotations

import configparser
import os
import plistlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autod.config import Settings
from autod.errors import ConfigurationError
from autod.monitoring.overseeing import LONGEST_LOOK_SECONDS

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "packaging" / "systemd" / "paper-autopilot.service"
PLIST = ROOT / "packaging" / "launchd" / "com.paper-autopilot.daemon.plist"
PAGE = (ROOT / "docs" / "DAEMON_MODE.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```bash\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
MOST_EXPOSURE = 1.5
"""Of ten, as ``systemd-analyze security`` counts."""
STOP_SECONDS = Settings.model_fields["stop_seconds"].default


@pytest.fixture
def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's keys keep their case
    unit.read(UNIT, encoding="utf-8")
    return unit["Service"]


def test_service_waits_longer_than_the_daemon_needs_to_stop(service: configparser.SectionProxy) -> None:
    assert float(service["TimeoutStopSec"]) > STOP_SECONDS
    assert service["KillMode"] == "mixed"


def test_service_starts_again_except_after_a_wrong_setting(service: configparser.SectionProxy) -> None:
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(ConfigurationError.exit_code)


def test_service_waits_for_the_daemon_and_watches_it(service: configparser.SectionProxy) -> None:
    assert (service["Type"], service["NotifyAccess"]) == ("notify", "main")
    assert float(service["WatchdogSec"]) >= LONGEST_LOOK_SECONDS


def test_service_starts_a_program_of_this_repository_where_it_may_write(
    service: configparser.SectionProxy,
) -> None:
    assert (ROOT / service["ExecStart"].split()[1]).is_file()
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == service["WorkingDirectory"]


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    moved = tmp_path / UNIT.name
    moved.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/paper-autopilot", str(tmp_path)))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(moved)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")


def test_systemd_finds_little_to_harden() -> None:
    """What is left is the network, which a paid reader needs, and the limits that we set ourselves."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    judged = subprocess.run(command, capture_output=True, text=True, check=False)
    if "Overall exposure level" not in judged.stdout:
        pytest.skip("this systemd cannot judge a unit that is not installed")
    exposure = re.search(r"Overall exposure level for \S+: (\d+\.\d)", judged.stdout)
    assert exposure is not None
    assert float(exposure.group(1)) <= MOST_EXPOSURE


def test_agent_makes_private_files_and_waits_before_it_starts_again() -> None:
    agent = plistlib.loads(PLIST.read_bytes())
    assert agent["Umask"] == 0o077
    assert agent["ThrottleInterval"] >= 10
    assert not any("KEY" in name or "PASSWORD" in name for name in agent["EnvironmentVariables"])


def test_page_makes_a_plist_that_starts_the_daemon_of_this_folder(tmp_path: Path) -> None:
    step = next(line for block in BLOCKS for line in block.splitlines() if line.startswith("sed "))
    (tmp_path / "Library" / "LaunchAgents").mkdir(parents=True)
    environment = os.environ | {"HOME": str(tmp_path)}
    subprocess.run(["bash", "-ec", step], cwd=ROOT, env=environment, check=True)
    agent = plistlib.loads((tmp_path / "Library" / "LaunchAgents" / PLIST.name).read_bytes())
    assert agent["Label"] == PLIST.stem
    assert agent["ProgramArguments"] == [f"{ROOT}/.venv/bin/python", f"{ROOT}/run_daemon.py"]
    assert agent["WorkingDirectory"] == str(ROOT)
    assert agent["KeepAlive"] == {"SuccessfulExit": False}
    assert agent["ExitTimeOut"] > STOP_SECONDS


def test_commands_of_the_page_are_valid_shell() -> None:
    assert BLOCKS
    for block in BLOCKS:
        plain = block.replace("<repository-url>", "URL")
        parsed = subprocess.run(["bash", "-n"], input=plain, text=True, capture_output=True, check=False)
        assert (parsed.returncode, parsed.stderr) == (0, ""), block


def test_paths_and_links_of_the_page_exist() -> None:
    links = [target for target in re.findall(r"\]\(([^)#]+)", PAGE) if "://" not in target]
    named = re.findall(r"(?:packaging|scripts)/[\w./-]+\w", PAGE)
    assert links
    assert named
    for path in [*(ROOT / "docs" / link for link in links), *(ROOT / name for name in named)]:
        assert path.exists(), path
