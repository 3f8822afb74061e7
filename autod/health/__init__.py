"""Is everything up? The same checks for the command line, cron and the daemon; no paid call is made."""

from autod.health.examining import Examiner, examine
from autod.health.report import Check, Report, State

__all__ = ["Check", "Examiner", "Report", "State", "examine"]
