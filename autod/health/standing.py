"""The checks of what lasts: is the database whole, and are the folders the archive's?"""

from __future__ import annotations

from datetime import timedelta

from autod.assembly.archive import plan_folders
from autod.errors import DatabaseError
from autod.health.checks import Subject
from autod.health.report import Check, failed, off, ok, warning
from autod.pipeline import footing
from autod.pipeline.soundness import last_look

OLD_AFTER = timedelta(days=3)


def integrity(subject: Subject) -> Check:
    """What the daily look at the database found."""
    if subject.manager.sqlite_path is None:
        return off("Integrity", "the server looks after its files")
    last = last_look(subject.settings.work_dir.absolute())
    if last is None:
        return off("Integrity", "not looked at yet")
    if last.found.flaws:
        step = "Run `autod check`: it says what is damaged and what helps."
        return failed("Integrity", last.found.flaws[0].what, step)
    if last.found.unchecked:
        return warning("Integrity", f"not looked at: {last.found.unchecked}", "Free some space.")
    if subject.now - last.at > OLD_AFTER:
        return warning("Integrity", f"last looked at on {last.at:%Y-%m-%d}", "Run `autod check`.")
    return ok("Integrity", f"whole on {last.at:%Y-%m-%d %H:%M} UTC")


def folders(subject: Subject) -> Check:
    """Whether the folders bear the archive's mark and can be written to."""
    daemon = subject.daemon
    if daemon is not None and daemon.waits_for is not None and daemon.waits_for.startswith("folder_"):
        return failed("Folders", *daemon.waiting)
    try:
        looked = footing.examine(subject.manager, plan_folders(subject.settings))
    except DatabaseError:
        return off("Folders", "unknown without the database")
    for folder in looked:
        if folder.trouble is not None:
            return failed("Folders", folder.trouble.message, folder.trouble.next_step)
    return ok("Folders")
