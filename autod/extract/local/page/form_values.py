"""Values typed into the fields of a PDF form, by what the fields' names say they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from autod.domain.extraction import EvidenceSource, Found
from autod.domain.reading import Reading
from autod.words.label_table import LabelTable, label_tokens

_SCORE = 0.8
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def form_values(
    reading: Reading, table: LabelTable, parse: Callable[[str], Any | None]
) -> Iterator[tuple[str, Found]]:
    """Key and value of each field whose whole name is in ``table`` and whose value ``parse`` understands."""
    for field in reading.form_fields:
        tokens = label_tokens(_CAMEL.sub(" ", field.name.rsplit(".", 1)[-1])[:80])
        keys = [(key, start, end) for key, _, start, end in table.find(tokens)]
        if len(keys) != 1 or keys[0][1] != tokens[0].start or keys[0][2] != tokens[-1].end:
            continue
        value = parse(field.value)
        if value is not None:
            yield (
                keys[0][0],
                Found(value, _SCORE, EvidenceSource.FORM, field.page, field.value, field.box),
            )
