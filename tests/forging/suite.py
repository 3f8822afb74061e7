"""Whole tables: forged answers and honest ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from autod.domain.fields import FIELDS
from tests.forging.answers import Case
from tests.forging.forgeries import Class, Forgery, forgeries
from tests.forging.judging import Fate, Table, believed, fate_of, reads_as_itself


def forged_table(chosen: Sequence[Case], *, blind: bool = False, every: int = 1) -> Table:
    """Args: blind: the embedded engine overlooks the field; every: only each so manieth forgery."""
    table = Table()
    for forgery in _some(chosen, every):
        if blind and forgery.wrong is Class.JUDGED:
            continue
        table.note(forgery.wrong, forgery.kind, forgery.name, fate_of(forgery, blind=blind))
    return table


def _some(chosen: Sequence[Case], every: int) -> Iterable[Forgery]:
    everything = (forgery for case in chosen for forgery in forgeries(case))
    return (forgery for number, forgery in enumerate(everything) if number % every == 0)


def honest_table(chosen: Sequence[Case], *, blind: bool = False) -> Table:
    """What becomes of each field of answers in which nothing is wrong."""
    table = Table()
    for case in chosen:
        extraction = believed(case.answer, case.reading)
        for name, item in case.answer.items():
            if blind:
                if not reads_as_itself(case, name):
                    continue
                extraction = believed(case.answer, case.reading, blind=name)
            now = getattr(extraction.metadata, name)
            true = getattr(case.embedded.metadata, name)
            kept = len(now) >= len(item) if FIELDS[name].is_list else now == true
            what = Fate.REFUSED
            if kept:
                what = Fate.REVIEW if name in extraction.needs_review else Fate.ACCEPTED
            table.note("honest", "honest", name, what)
    return table
