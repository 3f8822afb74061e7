"""The wheel: what it holds, and that it works with the source tree out of sight."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from autod import __version__
from tests.paper import pdf_of

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.xdist_group("wheel")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` folder of an environment that has the wheel, and the libraries of this one, but no link to
    the source: ``.pth`` files of a folder that a ``.pth`` file adds are not followed."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False, symlinks=True)
    python = folder / "bin" / "python"
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--no-deps",
        "--no-index",
        str(wheel),
    ]
    subprocess.run(command, capture_output=True, check=True)
    packages = next(folder.glob("lib/python3*/site-packages"))
    shared = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    (packages / "libraries.pth").write_text("\n".join(sorted(shared)) + "\n")
    return folder / "bin"


def run(program: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PAPER_AUTOPILOT_", "PYTHON", "OPENAI"))
    }
    return subprocess.run(
        [program, *arguments],
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_wheel_holds_autod_alone_and_all_of_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    tops = {name.split("/")[0] for name in held}
    assert tops == {"autod", f"paper_autopilot-{__version__}.dist-info"}
    package = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "autod").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in held if name.startswith("autod/")} == package
    assert "autod/py.typed" in held


def test_installed_wheel_is_imported_from_its_own_place(installed: Path, tmp_path: Path) -> None:
    where = run(installed / "python", "-c", "import autod; print(autod.__file__)", cwd=tmp_path)
    assert Path(where.stdout.strip()).is_relative_to(installed.parent)
    source = run(installed / "python", "-c", "import src", cwd=tmp_path)
    assert "No module named 'src'" in source.stderr


def test_installed_program_tells_its_version(installed: Path, tmp_path: Path) -> None:
    told = run(installed / "autod", "--version", cwd=tmp_path)
    assert (told.returncode, told.stdout) == (0, f"autod {__version__}\n"), told.stderr


def test_installed_program_extracts_a_document(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "invoice.pdf").write_bytes(pdf_of())
    extracted = run(installed / "autod", "extract", "invoice.pdf", cwd=tmp_path)
    assert extracted.returncode == 0, extracted.stderr
    assert json.loads(extracted.stdout)["metadata"]["doc_type"] == "invoice"


def test_installed_program_makes_its_database_and_processes_the_inbox(
    installed: Path, tmp_path: Path
) -> None:
    upgraded = run(installed / "autod", "db", "upgrade", cwd=tmp_path)
    assert upgraded.returncode == 0, upgraded.stderr
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "invoice.pdf").write_bytes(pdf_of())
    processed = run(installed / "autod", "process", cwd=tmp_path)
    assert processed.returncode == 0, processed.stderr
    assert len(list((tmp_path / "processed").rglob("*.pdf"))) == 1
