"""Every place where the plug is pulled, with the paper that makes a daemon come by there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.torture.faults import MOMENTS, Do, Fault


class Bait(StrEnum):
    """What is dropped so that a point is reached."""

    GOOD = "good"
    POISON = "poison"
    TWINS = "twins"
    """The same good bytes under two names: the second is a duplicate."""
    POISON_TWINS = "poison twins"
    """The same bad bytes under two names: the second is a retry."""
    HELD = "held open"
    """Half a file that its writer goes on with once it was taken."""
    APPENDED = "closed and appended to"
    """A file that is closed, taken, and opened again by its name to append the rest."""


READER_DIES = Fault("reader:call", Do.KILL_READER)


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull of the plug; ``first`` goes wrong before."""

    bait: Bait
    kill: Fault
    first: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.kill.point}#{self.kill.nth} {self.bait}"


def _steps(bait: Bait, names: tuple[str, ...], first: tuple[Fault, ...] = ()) -> list[Pull]:
    return [Pull(bait, Fault(f"step:{name}:{moment}"), first) for name in names for moment in MOMENTS]


def _functions(bait: Bait, *points: str, nth: int = 1, first: tuple[Fault, ...] = ()) -> list[Pull]:
    return [Pull(bait, Fault(point, nth=nth), first) for point in points]


PULLS: tuple[Pull, ...] = (
    *_steps(Bait.GOOD, ("begin", "read", "understand", "record", "file", "complete")),
    *_steps(Bait.POISON, ("set_aside", "fail")),
    *_steps(Bait.GOOD, ("postpone",), (READER_DIES,)),
    *_functions(
        Bait.GOOD,
        "joined:understand:before",
        "joined:understand:after",
        "Intake.receive:before",
        "documents.admit:after",
        "custody.claim:before",
        "custody._copy:after",
        "custody.claim:after",
        "Engine.submit:before",
        "Engine.submit:after",
        "Intake.receive:after",
        "custody.file_away:before",
        "custody._place:before",
        "custody._place:after",
        "custody._discard:after",
        "custody.file_away:after",
        "Steps._clear:after",
        "custody.leave_inbox:before",
        "custody._aside:after",
        "unlink:inbox",
        "custody.leave_inbox:after",
        "workflow._announce:before",
        "workflow._announce:after",
    ),
    *_functions(Bait.POISON, "custody._place:after", "custody.file_away:after", "Steps._clear:after"),
    *_functions(Bait.POISON, "custody.leave_inbox:before", "custody.leave_inbox:after"),
    *_functions(Bait.GOOD, "documents.take_due:after", "Engine.again:before", "Engine.again:after",
                first=(READER_DIES,)),
    *_functions(Bait.TWINS, "step:file:after", "step:complete:before", "step:complete:after"),
    *_functions(Bait.TWINS, "Intake._file_duplicate:before", "Intake._file_duplicate:after"),
    *_functions(Bait.TWINS, "custody._copy:after", "custody.claim:after", "custody._place:after",
                "custody.file_away:after", "custody.leave_inbox:before", "unlink:inbox", nth=2),
    *_functions(Bait.POISON_TWINS, "Intake._again:before", "documents.reopen:after", "Intake._again:after"),
    *_functions(Bait.POISON_TWINS, "custody._copy:after", "custody.claim:after", nth=2),
)  # fmt: skip
"""Between each two actions of the product, once."""

WRITING: tuple[Pull, ...] = (
    *_functions(Bait.HELD, "custody.leave_inbox:before", "custody._aside:after", "rename:inbox",
                "custody.leave_inbox:after", "versions.link:before", "versions.link:after"),
    *_functions(Bait.HELD, "rename:inbox", nth=2),
    *_steps(Bait.HELD, ("versions", "compare", "supersede", "let_go")),
    *_functions(Bait.HELD, "versions.supersede:after", "custody.let_go:before", "custody.let_go:after"),
    *_functions(Bait.APPENDED, "custody.claim_joined:before", "custody.claim_joined:after",
                "versions.link:before", "versions.supersede:before", "custody.let_go:before"),
    *_steps(Bait.APPENDED, ("supersede", "let_go")),
)  # fmt: skip
"""Between each two actions on a file whose writer pauses, where nobody knows that he has it open."""

PAYING: tuple[Pull, ...] = (
    *_steps(
        Bait.GOOD,
        ("may_leave", "prepare", "reserve", "claim", "submit", "attach", "collect", "settle", "forget"),
    ),
    *_functions(Bait.GOOD, "ledger.dispatch:before", "ledger.dispatch:after"),
    *_functions(Bait.GOOD, "PayingOnce._pay:before", "PayingOnce._pay:after"),
)
"""Before, in and after every step of asking, and around the request that is paid for."""

ACROSS: tuple[Pull, ...] = (
    *_functions(Bait.GOOD, "custody._copy:after", "link:processed", "custody._place:after", nth=2),
    *_functions(Bait.GOOD, "link:processed", "custody._place_by_copy:after", "custody.file_away:after"),
    *_functions(Bait.POISON, "link:failed", "custody._place_by_copy:after"),
    *_functions(Bait.TWINS, "custody._place_by_copy:after", nth=2),
)
"""The same, with the archive on another file system, where a move is a copy."""
