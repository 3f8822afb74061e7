"""Start the daemon: the same as ``autod run``."""

import sys

from autod.cli.surprises import guarded


def main() -> None:
    from autod.cli.main import main as autod

    sys.argv[1:] = ["run", *sys.argv[1:]]
    autod()


if __name__ == "__main__":
    sys.exit(guarded(main))
