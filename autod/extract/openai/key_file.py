"""An API key kept in a file that only its owner can read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autod.codes import Code
from autod.errors import ConfigurationError

_LONGEST_KEY = 1024


def read_key_file(path: Path) -> str:
    """The key in ``path``, without surrounding white space.

    Raises:
        ConfigurationError: unreadable, empty, or open to other users.
    """
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            content = stream.read(_LONGEST_KEY + 1)
    except OSError as error:
        raise ConfigurationError(f"the API key file cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            "the API key file can be read by other users",
            code=Code.OPENAI_KEY_FILE_OPEN,
            next_step=f"Run `chmod 600 {path}`.",
        )
    key = content.decode("ascii", "replace").strip()
    if not key or len(content) > _LONGEST_KEY or not key.isprintable() or "\ufffd" in key:
        raise ConfigurationError("the API key file does not hold a key")
    return key
