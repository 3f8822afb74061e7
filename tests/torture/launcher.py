"""Starts daemons quickly: imports the product once, then forks one real process for each life.

Reads requests from stdin, one JSON object a line, and answers each with one line:

    {"start": {"cwd", "environment", "output"}}   → {"pid": …}
    {"wait": pid}                                 → {"code": exit code, negative for a signal}

Every process runs ``run_daemon.py`` as a person does. All of them die with the launcher.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

from tests.torture.faults import BLIND, VARIABLE, from_json

PROGRAM = Path(__file__).resolve().parents[2] / "run_daemon.py"
SETTINGS = ("PAPER_AUTOPILOT_", "OPENAI_", VARIABLE)


def serve() -> None:
    """Answer requests until stdin ends."""
    _import_the_product()
    living: set[int] = set()
    for line in sys.stdin:
        request = json.loads(line)
        if "start" in request:
            if "OPENAI_API_KEY" in request["start"]["environment"]:
                import openai  # noqa: F401 - slow, and needed by these lives alone
            process = _fork(**request["start"])
            living.add(process)
            answer = {"pid": process}
        else:
            process = request["wait"]
            answer = {"code": os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])}
            living.discard(process)
        print(json.dumps(answer), flush=True)
    for process in living:
        os.kill(process, signal.SIGKILL)


def _import_the_product() -> None:
    """The heavy modules, none of which starts a thread or opens anything."""
    import dbos  # noqa: F401
    import psycopg  # noqa: F401
    import watchdog.observers  # noqa: F401

    import autod.cli.main
    import autod.inbox.watch  # noqa: F401


def _fork(cwd: str, environment: dict[str, str], output: str) -> int:
    process = os.fork()
    if process:
        return process
    code = 1
    try:
        _become_a_daemon(cwd, environment, output)
        runpy.run_path(str(PROGRAM), run_name="__main__")
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it was belongs into the daemon's output, not into ours
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _become_a_daemon(cwd: str, environment: dict[str, str], output: str) -> None:
    os.setpgid(0, 0)
    os.chdir(cwd)
    null = os.open(os.devnull, os.O_RDONLY)
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    for descriptor, number in ((null, 0), (said, 1), (said, 2)):
        os.dup2(descriptor, number)
    for name in [name for name in os.environ if name.startswith(SETTINGS)]:
        del os.environ[name]
    os.environ.update(environment)
    sys.argv = [str(PROGRAM)]
    _prepare_faults(environment)


def _prepare_faults(environment: dict[str, Any]) -> None:
    from tests.torture import hooks, power

    folders = {
        name: Path(environment[f"PAPER_AUTOPILOT_{name.upper()}_DIR"])
        for name in ("inbox", "processed", "failed", "work")
    }
    hooks.quicken()
    if BLIND in environment:
        hooks.blind()
    hooks.install(hooks.Torturer(from_json(environment.get(VARIABLE, "[]")), folders))
    if power.VARIABLE in environment:
        power.watch(Path(environment[power.VARIABLE]))


if __name__ == "__main__":
    serve()
