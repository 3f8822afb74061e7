"""What may not be imported until it is used: it would cost every command its start."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HEAVY = {
    "alembic",
    "cv2",
    "dbos",
    "jinja2",
    "lxml",
    "numpy",
    "onnxruntime",
    "openai",
    "opentelemetry",
    "phonenumbers",
    "PIL",
    "pikepdf",
    "prometheus_client",
    "psycopg",
    "py3langid",
    "pydantic",
    "pydantic_settings",
    "pypdfium2",
    "rapidocr",
    "rich",
    "sqlalchemy",
    "starlette",
    "stdnum",
    "structlog",
    "tesserocr",
    "uvicorn",
    "watchdog",
    "zxingcpp",
}
DRAWS_HELP = {"pydantic", "rich"}  # typer imports both when it prints a command's help
# The daemon's own process lives for months beside the children that open documents.
FOR_CHILDREN_ONLY = {
    "cv2",
    "numpy",
    "onnxruntime",
    "phonenumbers",
    "PIL",
    "pikepdf",
    "py3langid",
    "pypdfium2",
    "rapidocr",
    "tesserocr",
    "zxingcpp",
}
# Needed without an import of ours: the name in pyproject.toml, and who needs it.
USED_BY_OTHERS = {
    "onnxruntime": "rapidocr runs its models with it",
}


def packages_after(statement: str) -> set[str]:
    program = f"import sys\n{statement}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_command_line_starts_without_heavy_libraries() -> None:
    assert packages_after("import autod.cli.main") & HEAVY == set()


def test_help_of_a_command_needs_no_database_and_no_reader() -> None:
    statement = (
        "import contextlib, io, autod.cli.main as program\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):\n"
        "    program.cli(['run', '--help'])"
    )
    assert packages_after(statement) & (HEAVY - DRAWS_HELP) == set()


def test_daemon_process_loads_nothing_that_opens_documents() -> None:
    statement = "import autod.app, autod.cli.run, autod.inbox.daemon, autod.inbox.watch"
    assert packages_after(statement) & FOR_CHILDREN_ONLY == set()


@pytest.mark.parametrize(
    "module", sorted(path.stem for path in (ROOT / "src").glob("*.py") if path.stem != "__init__")
)
def test_importing_a_name_of_the_runbook_prints_nothing(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import src.{module}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def imported_distributions() -> set[str]:
    """The distributions whose modules some file of ``autod`` imports, anywhere in it."""
    known = packages_distributions()
    names: set[str] = set()
    for path in (ROOT / "autod").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names.add(node.module.split(".")[0])
    names -= set(sys.stdlib_module_names) | {"autod"}
    spelled = {name: [one.lower().replace("_", "-") for one in known[name]] for name in names}
    # Several distributions share a name such as opentelemetry: those of them that are declared count.
    return {
        one for found in spelled.values() for one in (set(found) & declared_distributions() or set(found[:1]))
    }


def declared_distributions() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for group in project["optional-dependencies"].values() for one in group]
    return {re.split(r"[\[<>=~!;\s]", one, maxsplit=1)[0].lower() for one in project["dependencies"] + extras}


def test_every_dependency_that_is_imported_is_declared() -> None:
    assert imported_distributions() - declared_distributions() == set()


def test_every_dependency_that_is_declared_is_used() -> None:
    assert declared_distributions() - imported_distributions() == set(USED_BY_OTHERS)
