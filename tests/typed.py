"""The command line as it is typed, in this process: its words, its exit code, and what it does.

What only a process can show has one of its own: that it starts and ends, signals, and work beside a daemon.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from autod import config
from autod.cli.main import main


def typed(folder: Path, settings: Mapping[str, str], *arguments: str) -> CompletedProcess[str]:
    """``autod`` with ``arguments``, typed in ``folder``, with no other settings in the environment."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("PAPER_AUTOPILOT_", "OPENAI_"))]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["autod", *arguments])
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)
        patch.setattr(threading, "excepthook", threading.excepthook)
        config.get_config.cache_clear()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        finally:
            config.get_config.cache_clear()
    return CompletedProcess(["autod", *arguments], code, out.getvalue(), err.getvalue())
