"""What becomes of an answer: accepted, in review or refused, counted and printed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from autod.child import understand as understanding
from autod.child.understand import understand
from autod.domain.extraction import Draft, Extraction
from autod.domain.fields import FIELDS
from autod.domain.kinds import DocType
from autod.domain.reading import Reading
from autod.extract.local.extractor import LocalExtractor
from autod.extract.openai.drafting import AnswerExtractor, PartAnswer
from autod.extract.openai.schema import asked_fields
from tests.forging.answers import REVIEW_BELOW, TODAY, Case, Json
from tests.forging.forgeries import Forgery


class Fate(StrEnum):
    ACCEPTED = "accepted"
    REVIEW = "in review"
    REFUSED = "refused"


class Witness:
    """The embedded engine, asked once for each document and, if wished, blind to one field."""

    name = "local"
    blind: str | None = None
    _known: dict[int, tuple[Reading, Draft]] = {}  # noqa: RUF012

    def extract(self, reading: Reading) -> Draft:
        key = id(reading)
        if key not in self._known:
            self._known[key] = reading, LocalExtractor().extract(reading)
        draft = self._known[key][1]
        found = {name: item for name, item in draft.found.items() if name != Witness.blind}
        return Draft(draft.engine, found)


def believed(answer: Json, reading: Reading, *, blind: str | None = None) -> Extraction:
    """What the product believes of an answer; ``blind`` names a field that the embedded engine overlooks."""
    whole = {**dict.fromkeys(asked_fields()), **answer}
    extractor = AnswerExtractor([PartAnswer(json.dumps(whole, default=str))])
    before, Witness.blind = getattr(understanding, "LocalExtractor"), blind  # noqa: B009
    setattr(understanding, "LocalExtractor", Witness)  # noqa: B010
    try:
        return understand(reading, review_below=REVIEW_BELOW, today=TODAY, extractor=extractor)
    finally:
        setattr(understanding, "LocalExtractor", before)  # noqa: B010


def reads_as_itself(case: Case, name: str) -> bool:
    """Whether the honest quote is the value's own words, not a term or a month it is reckoned from."""
    extraction = believed({name: case.answer[name]}, case.reading, blind=name)
    return getattr(extraction.metadata, name) not in (None, (), DocType.OTHER)


def fate_of(forgery: Forgery, *, blind: bool = False) -> Fate:
    answer = {**forgery.case.answer, forgery.name: forgery.entry}
    extraction = believed(answer, forgery.case.reading, blind=forgery.name if blind else None)
    return fate(forgery.name, forgery.value, extraction)


def fate(name: str, value: Any, extraction: Extraction) -> Fate:
    now = getattr(extraction.metadata, name)
    held = any(_same(row, value) for row in now) if FIELDS[name].is_list else now == value
    if not held:
        return Fate.REFUSED
    return Fate.REVIEW if name in extraction.needs_review else Fate.ACCEPTED


def _same(row: Any, value: Any) -> bool:
    if not isinstance(row, BaseModel):
        return bool(row == value)
    said = row.model_dump(mode="json")
    return all(str(_number(said[key])) == str(_number(cell)) for key, cell in value.items())


def _number(cell: Any) -> Any:
    try:
        return float(cell)
    except (TypeError, ValueError):
        return cell


class Table:
    """Fates by what was done and by field."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str, str, Fate]] = Counter()

    def note(self, wrong: str, kind: str, name: str, what: Fate) -> None:
        self.counts[wrong, kind, name, what] += 1

    def of(self, wrong: str) -> Counter[Fate]:
        found: Counter[Fate] = Counter()
        for (row, _, _, what), number in self.counts.items():
            if row == wrong:
                found[what] += number
        return found

    def lines(self) -> Iterable[str]:
        """Two tables: by class and kind of forgery, then by class and field."""
        for title, at in (("forgery", 1), ("field", 2)):
            yield f"{title:<48}{'accepted':>9}{'in review':>10}{'refused':>9}"
            rows: dict[str, Counter[Fate]] = {}
            for key, number in self.counts.items():
                rows.setdefault(f"{key[0]}: {key[at]}", Counter())[key[3]] += number
            for name, row in sorted(rows.items()):
                yield f"{name:<48}{row[Fate.ACCEPTED]:>9}{row[Fate.REVIEW]:>10}{row[Fate.REFUSED]:>9}"
            yield ""
