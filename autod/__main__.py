"""``python -m autod`` is the same as ``autod``."""

import sys

from autod.cli.surprises import guarded
from autod.heap import look_seldom


def start() -> None:
    """What the command ``autod`` runs; tells in words when the program cannot even be imported."""
    look_seldom()
    sys.exit(guarded(_main))


def _main() -> None:
    from autod.cli.main import main

    main()


if __name__ == "__main__":
    start()
