"""The walls around a reading process: no new privileges, few system calls, few places to read, none to write.

Documents come as open descriptors and results leave through such, so that nothing of the archive needs to be
within reach. A process is confined once, before it sees its first document, and for good.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from autod.child import landlock, seccomp

_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache")
_DATA = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/X11/fonts",
    "/usr/share/tesseract-ocr",
    "/usr/share/tessdata",
    "/usr/local/share/tessdata",
    "/usr/share/locale",
    "/usr/share/zoneinfo",
    "/etc/localtime",
)
# The OCR engine asks what the processor can do. All of /proc would show the parent.
_MACHINE = (
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/self",
    "/proc/sys/vm/overcommit_memory",
    "/sys/devices/system/cpu",
    "/dev/null",
    "/dev/urandom",
)
_NOT_LINUX = "this system has no such thing"
_UNKNOWN_MACHINE = "not known for this kind of processor"

_held: list[int] = []
_state: dict[str, str] = {}


def confine(package_root: str) -> None:
    """Confine this process as far as the system allows; ``state`` tells how far.

    Call it before any thread is started; ``package_root`` holds the package ``autod``.
    """
    _state.update(system_calls=_NOT_LINUX, files=_NOT_LINUX)
    if sys.platform != "linux":
        return
    machine = seccomp.MACHINES.get(os.uname().machine)
    try:
        seccomp.forbid_new_privileges()
        _held.extend(landlock.restrict(readable(package_root)))
        _state["files"] = ""
    except OSError as error:
        _state["files"] = os.strerror(error.errno or 0)
    if machine is None:
        _state["system_calls"] = _UNKNOWN_MACHINE
        return
    try:
        seccomp.install(machine, seccomp.build(machine, os.getpid()))
        _state["system_calls"] = ""
    except OSError as error:
        _state["system_calls"] = os.strerror(error.errno or 0)


def state() -> dict[str, str]:
    """Why a wall of this process is not there, by ``system_calls`` and ``files``; empty where it is."""
    return dict(_state)


def lacking() -> dict[str, str]:
    """What ``state`` of a process that is started here will be, as far as it can be told from outside."""
    if sys.platform != "linux":
        return {"system_calls": _NOT_LINUX, "files": _NOT_LINUX}
    machine = seccomp.MACHINES.get(os.uname().machine)
    found = {"system_calls": seccomp.why_not(machine) if machine else _UNKNOWN_MACHINE, "files": ""}
    try:
        landlock.version()
    except OSError as error:
        found["files"] = os.strerror(error.errno or 0)
    return found


def readable(package_root: str) -> list[str]:
    """What the interpreter and the libraries need: code, fonts, language files, what the processor can do."""
    code = [place for place in (*sys.path, *_from_environment()) if place and _only_code(place, package_root)]
    own = f"{package_root}/autod"
    base = f"{sys.base_prefix}/lib"
    return list(dict.fromkeys([own, base, *code, *_LIBRARIES, *_DATA, *_MACHINE]))


def _from_environment() -> Iterator[str]:
    for name in ("TESSDATA_PREFIX", "LD_LIBRARY_PATH"):
        yield from os.environ.get(name, "").split(os.pathsep)


def _only_code(place: str, package_root: str) -> bool:
    """Whether neither settings nor documents nor a person's other files can lie beneath ``place``.

    The working directory holds settings and, by default, documents. So may the folder of a package that is
    not installed but runs where it was checked out.
    """
    private = [os.getcwd(), os.environ.get("HOME") or "/"]
    if os.path.basename(package_root) not in ("site-packages", "dist-packages"):
        private.append(package_root)
    above = os.path.join(os.path.realpath(place), "")
    return not any(os.path.join(os.path.realpath(other), "").startswith(above) for other in private)
