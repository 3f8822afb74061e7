"""``python -m tests.torture``: kill a real daemon in every way we know, then audit it."""

from __future__ import annotations

import argparse
import sys

from tests.torture.runner import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same choices")
    parser.add_argument("--rounds", type=int, default=12, help="daemons that are killed at random moments")
    parser.add_argument("--documents", type=int, default=60, help="documents dropped meanwhile")
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--only", default="", metavar="TEXT", help="only rounds whose name contains TEXT")
    parser.add_argument("--keep", action="store_true", help="leave the folders for a look")
    parser.add_argument("--json", action="store_true", help="print every round's findings as JSON")
    given = parser.parse_args()
    return run(
        given.database,
        seed=given.seed,
        documents=given.documents,
        lives=given.rounds,
        only=given.only,
        keep=given.keep,
        as_json=given.json,
    )


if __name__ == "__main__":
    sys.exit(main())
