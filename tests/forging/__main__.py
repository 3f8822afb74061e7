"""``make forging``: every forgery of every sample, and what becomes of it."""

from __future__ import annotations

from tests.forging.answers import cases
from tests.forging.clumsy import clumsy_table
from tests.forging.suite import forged_table, honest_table


def main() -> None:
    for title, table in (
        ("Forged answers", forged_table(cases())),
        ("Forged answers to fields that the embedded engine overlooks", forged_table(cases(), blind=True)),
        ("Honest answers", honest_table(cases())),
        ("Honest answers to fields that the embedded engine overlooks", honest_table(cases(), blind=True)),
        ("Right values with clumsy quotes", clumsy_table(cases())),
    ):
        print(title, *table.lines(), sep="\n")


if __name__ == "__main__":
    main()
