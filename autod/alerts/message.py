"""What people and programs are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from autod.alerts.hysteresis import Notice
from autod.alerts.rules import NEXT_STEPS, SEVERITIES, Severity, Verdict
from autod.masking import masked


class MessageJson(TypedDict):
    """A notice for programs; ``text`` is what chat services show."""

    alert: str
    severity: str
    status: str
    summary: str
    next_step: str
    host: str
    at: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One notice; ``host`` is the machine that noticed. Nothing of a document is in it."""

    name: str
    severity: Severity
    notice: Notice
    summary: str
    next_step: str
    host: str
    at: datetime

    @property
    def subject(self) -> str:
        return f"[{self.severity}] Paper Autopilot: {self.name} {self.notice} on {self.host}"

    @property
    def text(self) -> str:
        lines = [self.summary + ".", f"Noticed on {self.host} at {self.at:%Y-%m-%d %H:%M:%S} UTC."]
        return "\n".join([*lines, self.next_step] if self.next_step else lines) + "\n"

    def to_dict(self) -> MessageJson:
        return {
            "alert": self.name,
            "severity": self.severity.value,
            "status": self.notice.value,
            "summary": self.summary,
            "next_step": self.next_step,
            "host": self.host,
            "at": self.at.isoformat(),
            "text": f"{self.subject}\n{self.text}",
        }


def message_of(verdict: Verdict, notice: Notice, host: str, now: datetime) -> Message:
    """The notice about a verdict."""
    step = "" if notice is Notice.RESOLVED else NEXT_STEPS[verdict.name]
    summary = masked(verdict.summary)
    return Message(verdict.name.value, SEVERITIES[verdict.name], notice, summary, step, host, now)


def trial(host: str, now: datetime) -> Message:
    """A notice that only shows that the channels work."""
    return Message(
        "test", Severity.P3, Notice.TEST, "This is a test: alerts arrive here", "Nothing to do.", host, now
    )
