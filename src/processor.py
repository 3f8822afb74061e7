"""``python3 -m src.processor [--file X.pdf]`` and ``process_document`` for programs."""

from __future__ import annotations

import sys

from autod.cli.surprises import guarded

if __name__ != "__main__":  # typed as a command, it tells in words what cannot be imported
    from autod.library import ProcessResult, process_document

    __all__ = ["ProcessResult", "process_document"]


def main() -> None:
    import argparse

    from autod.cli.main import main as autod

    parser = argparse.ArgumentParser(prog="src.processor", description="Process one file, or the inbox once.")
    parser.add_argument("--file", help="the PDF to process; without it, everything in the inbox")
    arguments = parser.parse_args()
    sys.argv[1:] = ["process", *([arguments.file] if arguments.file else [])]
    autod()


if __name__ == "__main__":
    sys.exit(guarded(main))
