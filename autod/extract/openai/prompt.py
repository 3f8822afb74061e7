"""The static part of every question. Nothing of a document, no date and no name may enter here."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from importlib import resources

from autod.extract.openai.schema import answer_schema


@lru_cache(maxsize=1)
def instructions() -> str:
    """What the model is told, the same bytes for every document."""
    return resources.files(__package__).joinpath("instructions.md").read_text(encoding="utf-8").strip()


@lru_cache(maxsize=1)
def prompt_version() -> str:
    """A short name of instructions and schema together: answers with the same one were asked alike."""
    content = instructions() + json.dumps(answer_schema(), sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
