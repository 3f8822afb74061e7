"""Write .env.example and docs/configuration.md from the settings; ``--check`` only compares.

Usage: ``python -m scripts.config_docs [--check]`` from the repository root.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from autod.cli.surprises import guarded
from autod.config import Settings, variable_name
from autod.former_settings import FORMER

# A section begins at the field named here and holds those declared after it.
SECTIONS = {
    "db_url": "Database",
    "inbox_dir": "Folders",
    "quiet_seconds": "Watching and working",
    "read_timeout_seconds": "Reading and review",
    "engine": "Who understands: the embedded engine, OpenAI or a server of your own",
    "privacy": "What may leave this machine",
    "openai_price_file": "What it may cost",
    "vector_store": "Search by meaning at OpenAI",
    "monitor_port": "Health, metrics and traces",
    "alert_command": "Alerts",
    "backup_dir": "Backup",
    "log_file": "Log",
}

ENV_HEAD = """\
# Settings of Paper Autopilot. Copy this file to .env; it is valid as it stands.
# Every line below shows a default: to change one, remove its # and write your value.
# The environment wins over this file. docs/configuration.md says more.
"""

DOCS_HEAD = """\
# Configuration

Every setting has a default that works: with none set, Paper Autopilot watches `inbox/`, keeps an SQLite
database and uses the embedded engine, offline.

Set one in the environment, or in the file `.env` of the working directory (`cp .env.example .env`); the
environment wins. Empty means the default, or what the setting's text says that it does: a cap that is
emptied sets no limit. A relative path starts at the working directory. Settings are read once, at start:
after a change, restart the daemon. `autod config` shows what is in force, `autod health` whether it works.

A wrong value stops every command with exit code 2 and one line for each mistake; nothing was touched then.
This page and `.env.example` are generated from the settings themselves (`make generate`).
"""

FORMER_HEAD = """
## No longer read

Settings of the autoD before this one, and those that were removed since. Where one is set, the daemon,
`autod process`, `autod config` and `autod doctor` say so. One that begins with `PAPER_AUTOPILOT_` stops every
command, like any misspelled name, unless its value is built in now ("nothing takes its place").

| Name | What to do |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Described:
    """One setting as the documents show it."""

    variable: str
    default: str
    values: str
    meaning: str


def described(name: str, field: FieldInfo) -> Described:
    return Described(
        variable=variable_name(name),
        default=_default(field),
        values=_values(field),
        meaning=field.description or "",
    )


def _default(field: FieldInfo) -> str:
    value = field.get_default()
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)


def _values(field: FieldInfo) -> str:
    """What is accepted, in words; the bounds come from the field's own checks."""
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(f"`{choice.value}`" for choice in kind)
    noun = {int: "whole number", float: "number", Path: "path", bool: "`true`, `false`"}.get(kind, "text")
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    bounds = [
        f"{sign} {getattr(check, name):g}"
        for check in field.metadata
        for name, sign in signs.items()
        if getattr(check, name, None) is not None
    ]
    return ", ".join([noun, *bounds])


def sections(settings: type[BaseSettings]) -> Iterator[tuple[str, list[Described]]]:
    """The settings in the order of their declaration, under their headings."""
    heading, held = "", list[Described]()
    for name, field in settings.model_fields.items():
        if name in SECTIONS:
            if held:
                yield heading, held
            heading, held = SECTIONS[name], []
        held.append(described(name, field))
    yield heading, held


def env_example(settings: type[BaseSettings]) -> str:
    """The text of .env.example: every setting commented out, with its default."""
    parts = [ENV_HEAD]
    for heading, held in sections(settings):
        lines = [f"\n# {heading}\n"]
        lines += [f"\n# {one.meaning}\n# {one.variable}={one.default}\n" for one in held]
        parts.append("".join(lines))
    return "".join(parts)


def configuration_page(settings: type[BaseSettings]) -> str:
    """The text of docs/configuration.md."""
    parts = [DOCS_HEAD]
    for heading, held in sections(settings):
        parts.append(f"\n## {heading}\n\n| Setting | Default | Accepts | Meaning |\n|---|---|---|---|\n")
        for one in held:
            default = f"`{one.default}`" if one.default else "empty"
            parts.append(f"| `{one.variable}` | {default} | {one.values} | {one.meaning} |\n")
    parts.append(FORMER_HEAD)
    parts += [f"| `{name}` | {advice[0].upper()}{advice[1:]}. |\n" for name, advice in FORMER.items()]
    return "".join(parts)


def generated(root: Path) -> dict[Path, str]:
    """The generated files below ``root``, with the text each should have."""
    return {
        root / ".env.example": env_example(Settings),
        root / "docs" / "configuration.md": configuration_page(Settings),
    }


def main(arguments: list[str]) -> int:
    stale = [
        (path, text)
        for path, text in generated(Path.cwd()).items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        for path, _ in stale:
            print(f"{path.name} does not match the settings; run: make generate", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale:
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(guarded(lambda: main(sys.argv[1:])))
