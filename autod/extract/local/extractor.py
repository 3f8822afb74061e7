"""The embedded engine, top to bottom: what the file states itself, then what its pages show."""

from __future__ import annotations

from collections.abc import Mapping

from autod.domain.extraction import STATED, Draft, Found
from autod.domain.kinds import DocType
from autod.domain.reading import Reading
from autod.extract.local.amounts.fields import find_amounts
from autod.extract.local.amounts.meters import find_meter_readings
from autod.extract.local.dates.fields import find_dates
from autod.extract.local.kind.fields import find_kind
from autod.extract.local.numbers.fields import find_identifiers
from autod.extract.local.page.language import find_language
from autod.extract.local.page.layout import fold
from autod.extract.local.parties.contacts import find_contacts
from autod.extract.local.parties.fields import find_parties
from autod.extract.stated import stated_facts


class LocalExtractor:
    """Finds metadata by rules: offline, free, the same answer every time."""

    name = "local"

    def extract(self, reading: Reading) -> Draft:
        """Propose values for a document; see ``Extractor``."""
        found = stated_facts(reading)

        _add(found, find_language(reading))
        language = _text(found, "language")
        _add(found, find_kind(reading))
        doc_type = found["doc_type"].value if "doc_type" in found else DocType.OTHER

        _add(found, find_dates(reading, language, doc_type))
        _add(found, find_amounts(reading, language, doc_type))
        _add(found, find_identifiers(reading, language, doc_type))
        _add(found, find_meter_readings(reading, language, doc_type))
        _add(found, find_parties(reading, doc_type))
        _add(found, find_contacts(reading, language, _text(found, "issuer")))
        _drop_name_as_title(found)
        return Draft(engine=self.name, found=found)


def _add(found: dict[str, Found], more: Mapping[str, Found]) -> None:
    """Take over what is new or better founded; what the file states itself is never replaced."""
    for name, value in more.items():
        known = found.get(name)
        if known is None or (known.source not in STATED and value.score > known.score):
            found[name] = value


def _drop_name_as_title(found: dict[str, Found]) -> None:
    """A letterhead is no title: it says who wrote, not what."""
    title, issuer = fold(_text(found, "title") or ""), fold(_text(found, "issuer") or "")
    if title and (title == issuer or (len(title) > 5 and issuer.startswith(title))):
        del found["title"]


def _text(found: Mapping[str, Found], name: str) -> str | None:
    return str(found[name].value) if name in found else None
